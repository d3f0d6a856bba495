"""What the Progress page reads: the newest versions, the latest digits; and what it never gets."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from inkling.journal.writer import Journal, open_journal
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, TRAINED, Drawing, Lesson
from inkling.settings import Settings
from testing.commits import commit


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    journal = open_journal(settings)
    yield journal
    journal.close()


def give(journal: Journal, label: int, **changes: Any) -> Drawing:
    values = {"digit": bytes([label % 256] * 784), "state": COLLECTED, **changes}
    return journal.add(Drawing(str(uuid.uuid4()), label, b"png", **values))


def test_the_newest_versions_come_first_with_the_label_that_each_learned(journal: Journal) -> None:
    for number, label in enumerate((3, 7, 5), 1):
        drawing = give(journal, label, state=QUEUED)
        commit(journal, [Lesson(drawing, number, {})], {"fnn": "none", "cnn": "none"})
    found = journal.newest_versions(2)
    assert [(v.number, v.kind, v.label, v.target) for v in found] == [
        (3, "lesson", 5, None),
        (2, "lesson", 7, None),
    ]
    assert all(version.made.tzinfo is not None for version in found)


def test_the_latest_digits_come_first_as_the_nets_saw_them(journal: Journal) -> None:
    for label in (1, 2, 3):
        give(journal, label, answer=2)
    found = journal.latest_digits((COLLECTED,), 2)
    assert [(d.label, d.answer, d.digit[0]) for d in found] == [(3, 2, 3), (2, 2, 2)]
    assert all(drawing.made.tzinfo is not None for drawing in found)


@pytest.mark.parametrize("other", [{"label": NOT_A_DIGIT}, {"state": QUEUED}])
def test_what_is_no_digit_or_in_another_state_is_not_among_them(
    journal: Journal, other: dict[str, Any]
) -> None:
    give(journal, **{"label": 4, **other})
    assert journal.latest_digits((COLLECTED, TRAINED), 9) == []
