"""Lessons committed and their weights named, as a trainer does one after the other."""

from collections.abc import Iterable, Mapping, Sequence

from inkling.journal.writer import Journal
from inkling.records import Lesson


def commit(
    journal: Journal,
    lessons: Sequence[Lesson],
    objects: dict[str, str],
    held: Mapping[str, bytes] | None = None,
    thinned: Iterable[int] = (),
) -> None:
    """Commit lessons, whose last version's weights are these objects."""
    journal.commit(lessons)
    with journal.alone() as change:
        assert change.name_weights(lessons[-1].version, objects, held or {}, thinned)
