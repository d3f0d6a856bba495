"""Who came of whom: lines, what is shared, what holds a lesson, what is lost; the history."""

import numpy as np
import pytest
from click.testing import CliRunner

from inkling.checkpoints import parts
from inkling.cli.main import inkling
from inkling.history.forget import forget
from inkling.history.replay import CannotReplay, replay
from inkling.history.rollback import rollback
from inkling.journal.history import history, totals
from inkling.journal.lineage import REBUILD, ROLLBACK, Lineage, MissingLesson, Undoing
from inkling.journal.schema import drawings as rows
from inkling.records import Example
from testing.places import ORIGINALS, Place, fnn
from tests.history.conftest import equal, fold, teach


def lineage(*kinds: "str | int | tuple[int] | None") -> Lineage:
    """From 1 on: `L` a lesson, `F` a forgotten one, n a rollback to n, (n,) a rebuild without n."""
    undoings, gone = [], []
    for number, kind in enumerate(kinds, 1):
        if isinstance(kind, int):
            undoings.append(Undoing(number, ROLLBACK, kind))
        elif isinstance(kind, tuple):
            undoings.append(Undoing(number, REBUILD, kind[0]))
        elif kind == "F":
            gone.append(number)
    return Lineage(len(kinds), undoings, gone)


class ByWalking:
    """The same, a version after the other: what `Lineage` must agree with."""

    def __init__(self, lineage: Lineage) -> None:
        self._of = lineage

    def line(self, number: int) -> list[int]:
        found = []
        while number > 0:
            found.append(number)
            undoing = self._of.undoings.get(number)
            back = undoing is not None and undoing.kind == ROLLBACK
            number = (
                undoing.target if back and undoing and undoing.target is not None else number - 1
            )
        return found

    def lessons(self, number: int, after: int) -> list[int]:
        without = {*self._of.undoings} | self._of.gone
        return [n for n in self.line(number)[::-1] if n > after and n not in without]

    def shared(self, number: int) -> int:
        current = {*self.line(self._of.newest)}
        return next((n for n in self.line(number) if n in current), 0)

    def held(self, number: int) -> set[int]:
        """All lessons that a version's weights were made with."""
        found: set[int] = set()
        for n in self.line(number)[::-1]:
            undoing = self._of.undoings.get(n)
            if undoing is None:
                found.add(n)
            elif undoing.kind == REBUILD:
                found.discard(undoing.target or 0)
        return found


@pytest.mark.parametrize("seed", range(40))
def test_any_history_is_as_if_it_was_walked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kinds: list[str | int | tuple[int]] = []
    for number in range(1, 31):
        lot = rng.random()
        older = int(rng.integers(0, number))
        if lot < 0.15:
            kinds.append(older)
        elif lot < 0.3:
            kinds.append((older,))
            if older and isinstance(kinds[older - 1], str):
                kinds[older - 1] = "F"
        else:
            kinds.append("F" if lot < 0.35 else "L")
    found = lineage(*kinds)
    walked = ByWalking(found)
    for number in range(31):
        assert [*found.line(number)] == walked.line(number)
        assert found.shared(number) == walked.shared(number)
        assert found.lost(number) == sorted(walked.held(number) & found.gone)
        for after in (0, number // 2, number):
            assert found.lessons(number, after) == walked.lessons(number, after)
        assert found.count(number) == len(walked.lessons(number, 0))
        line = {*walked.line(number)}
        assert [n in found.line(number) for n in range(32)] == [n in line for n in range(32)]
    for lessons in ({3}, {1, 9, 20}, set[int]()):
        held = {n for n in range(1, 31) if walked.held(n) & lessons}
        assert found.holding(lessons - {*found.undoings}, range(1, 31)) == held


def test_a_line_of_lessons() -> None:
    found = lineage("L", "L", "L")
    assert [*found.line(3)] == [3, 2, 1]
    assert found.lessons(2) == [1, 2]
    assert found.lessons(3, after=1) == [2, 3]
    assert found.shared(2) == 2
    assert [*found.line(0)] == found.lessons(0) == []


def test_a_rollback_comes_of_its_target_and_can_itself_be_rolled_back() -> None:
    found = lineage("L", "L", "L", 1, "L", 3, "L")
    assert found.lessons(5) == [1, 5]
    assert found.lessons(6) == [1, 2, 3]
    assert found.lessons(7) == [1, 2, 3, 7]
    assert found.shared(5) == 1
    assert found.shared(3) == 3
    assert found.holding({2}, range(1, 8)) == {2, 3, 6, 7}
    assert found.holding({5}, range(1, 8)) == {5}
    assert found.holding({2}, [1, 3, 5]) == {3}


def test_a_rebuild_leaves_out_what_was_forgotten() -> None:
    found = lineage("L", "F", "L", (2,), "L")
    assert found.lessons(5) == [1, 3, 5]
    assert found.holding({2}, range(1, 6)) == {2, 3}
    assert found.holding({1, 2}, range(1, 6)) == {1, 2, 3, 4, 5}
    assert [found.lost(n) for n in range(6)] == [[], [], [2], [2], [], []]


def test_what_several_lessons_left_is_gone_once_the_last_of_them_is_left_out() -> None:
    found = lineage("L", "L", "L", "L", (1,), (3,), "L", 4)
    assert found.holding({1, 3}, range(1, 9)) == {1, 2, 3, 4, 5, 8}
    assert found.holding(set(), range(1, 9)) == set()


def test_a_lesson_that_is_forgotten_after_a_rollback_is_lost_to_its_own_line_alone() -> None:
    found = lineage("L", "F", 1, "L")
    assert found.lost(2) == [2]
    assert found.lost(4) == []


def test_only_lessons_continue_a_lineage() -> None:
    older = lineage("L", "L")
    assert lineage("L", "L", "L").continues(older)
    assert not lineage("L", "L", 1).continues(older)
    assert not lineage("L", "F").continues(older)
    assert not lineage("L").continues(older)


def test_the_digits_of_any_version_are_those_of_its_lessons(place: Place) -> None:
    drawings = teach(place, 5)
    rollback(place.outbox, ORIGINALS, fnn(), 3)
    drawings += teach(place, 1, first=50)
    forget(place.outbox, ORIGINALS, fnn, drawings[1].id)
    found = place.journal.lineage()
    for version in range(found.newest + 1):
        if not found.lost(version):
            lessons = place.journal.lessons_of(found, version)
            stored = place.journal.digits_of(found, version)
            expected = [Example(d.label, d.digit) for d in lessons]
            assert stored.read(range(len(stored))) == dict(enumerate(expected))
    assert len(place.journal.digits_of(found, found.newest)) == 3


@pytest.mark.parametrize("gone", [2, 4])  # on the newest version's line, and on another
def test_a_lesson_without_its_drawing_is_named(place: Place, gone: int) -> None:
    drawings = teach(place, 4)
    rollback(place.outbox, ORIGINALS, fnn(), 3)
    found = place.journal.lineage()
    with place.journal.engine.begin() as connection:
        connection.execute(rows.delete().where(rows.c.id == drawings[gone - 1].id))
    with pytest.raises(MissingLesson, match=f"no drawing that made version {gone}"):
        place.journal.digits_of(found, 4)


def test_the_history_tells_every_kind(place: Place) -> None:
    one, two, three = teach(place, 3)
    rollback(place.outbox, ORIGINALS, fnn(), 2)
    forget(place.outbox, ORIGINALS, fnn, one.id)
    entries = history(place.journal)
    assert [e.version for e in entries] == [5, 4, 3, 2, 1]
    told = [(e.kind, e.target, e.drawing, e.state, e.stored) for e in entries]
    assert told == [
        ("rebuild", 1, None, None, True),
        ("rollback", 2, None, None, False),
        ("lesson", None, three.id, "rejected", False),
        ("lesson", None, two.id, "trained", False),
        ("lesson", None, None, None, False),
    ]
    assert entries[3].label == two.label
    assert entries[3].receipt
    assert entries[0].created_at >= entries[4].created_at
    assert [e.version for e in history(place.journal, 2)] == [5, 4]
    counts = totals(place.journal)
    assert (counts.lessons, counts.rollbacks, counts.rebuilds) == (3, 1, 1)
    assert (counts.rolled_back, counts.forgotten, counts.stored) == (1, 1, 1)
    done = CliRunner().invoke(inkling, ["history", "--last", "4"], env=place.environ)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "5* " in lines[0]
    assert lines[0].endswith("without what version 1 had learned")
    assert lines[1].endswith("back to version 2")
    assert lines[2].endswith("(rejected since)")
    assert f"{two.id}  a {two.label}  FNN " in lines[3]
    assert lines[4].startswith(
        "3 lessons, of which 1 rolled back and 1 forgotten or left out; 1 rollback, "
    )


def test_any_version_is_replayed_unless_what_it_learned_was_forgotten(place: Place) -> None:
    drawings = teach(place, 4)
    rollback(place.outbox, ORIGINALS, fnn(), 2)
    states = replay(place.journal, ORIGINALS, fnn(), 4)  # its line was left
    assert equal(parts("fnn", states["fnn"])["fnn"], fold(drawings))
    forget(place.outbox, ORIGINALS, fnn, drawings[1].id)
    for version in (2, 3, 5):
        with pytest.raises(CannotReplay, match=f"Version {version} cannot be rebuilt any more"):
            replay(place.journal, ORIGINALS, fnn(), version)
    for version in (1, 6):
        states = replay(place.journal, ORIGINALS, fnn(), version)
        assert equal(parts("fnn", states["fnn"])["fnn"], fold(drawings[:1]))
