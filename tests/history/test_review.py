"""What is shown for review: rejected drawings, and labels that no model believes."""

import uuid
from collections.abc import Sequence

import pytest

from functions import process_image, to_bytes
from inkling.errors import InvalidInput
from inkling.history.forget import forget
from inkling.history.rebuild import relearn_all
from inkling.history.review import accept, reject, to_review
from inkling.history.rollback import rollback
from inkling.nets.registry import MODELS
from inkling.records import COLLECTED, QUEUED, REJECTED, TRAINED, Drawing
from testing.pen import draw
from testing.places import ORIGINALS, Place, fnn, labelled
from tests.history.conftest import equal, fold, newest_fnn, problems, teach


def sure_of(digit: int, probability: float = 0.995) -> dict[str, list[float]]:
    others = (1 - probability) / 9
    return {m: [probability if n == digit else others for n in range(10)] for m in MODELS}


def drawn(digit: int, label: int, **more: object) -> Drawing:
    said = {"said": dict.fromkeys(MODELS, digit)}
    seen = process_image(draw(digit))
    assert seen is not None
    fields = {"predictions": sure_of(digit), "digit": to_bytes(seen)} | said
    return labelled(digit, label=label, **fields | more)


def test_only_what_all_four_models_are_sure_of_makes_a_label_suspicious(place: Place) -> None:
    wrong = place.journal.add(drawn(4, label=9, state=COLLECTED))
    unsure = sure_of(4) | {"cnn": sure_of(4, 0.98)["cnn"]}
    divided = sure_of(4) | {"fnn": sure_of(9)["fnn"]}
    for drawing in (
        drawn(4, label=4),
        drawn(4, label=9, predictions=unsure),
        drawn(4, label=9, predictions=divided, said=dict.fromkeys(MODELS, 4) | {"fnn": 9}),
        drawn(4, label=-1, state=COLLECTED),
    ):
        place.journal.add(drawing)
    (found,) = to_review(place.journal)
    assert found.drawing.id == wrong.id
    assert found.suspicious
    assert found.said["cnn"] == (4, 0.995)
    assert found.reason == "All four models were sure that it is no 9."


def test_rejected_drawings_are_shown_with_their_reason(place: Place) -> None:
    drawings = teach(place, 3)
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    bad = place.journal.add(labelled(5, png=b"no image"))
    place.learn()
    place.journal.add(drawn(4, label=9))
    found = to_review(place.journal)
    assert [one.drawing.id for one in found[:3]] == [drawings[1].id, drawings[2].id, bad.id]
    assert [one.suspicious for one in found] == [False, False, False, True]
    assert found[0].reason == "Rolled back to version 1."
    assert next(one.drawing.id for one in to_review(place.journal, 2)) == bad.id


def test_a_label_that_is_rolled_back_stays_suspicious(place: Place) -> None:
    said: dict[str, object] = {"said": dict.fromkeys(MODELS, 9)}  # and then it was learned
    wrong = place.journal.add(drawn(4, label=4, predictions=sure_of(9), **said))
    teach(place, 1)
    rollback(place.outbox, ORIGINALS, fnn(), 0)
    found = to_review(place.journal)
    assert [(one.rejected, one.suspicious) for one in found] == [(True, True), (True, False)]
    assert found[0].drawing.id == wrong.id
    assert found[0].reason == "Rolled back to version 0."


def test_an_accepted_drawing_is_learned_next_and_replay_repeats_it(place: Place) -> None:
    drawings = teach(place, 2)
    wrong = place.journal.add(drawn(4, label=9))
    teach(place, 1, first=20)
    assert states(place, [wrong]) == [REJECTED]
    accept(place.journal, [wrong.id.upper()])
    queued = place.journal.find(wrong.id)
    assert queued is not None
    assert (queued.state, queued.accepted, queued.rejection) == (QUEUED, True, None)
    more = teach(place, 1, first=30)
    assert states(place, [wrong, *more]) == [TRAINED, TRAINED]
    assert problems(place) == []
    assert to_review(place.journal) == []
    forget(place.outbox, ORIGINALS, fnn, drawings[0].id)
    assert states(place, [wrong]) == [TRAINED]
    assert relearn_all(place.outbox, ORIGINALS, fnn())[1] == 4
    place.deliver()
    assert problems(place) == []


def test_what_was_rolled_back_can_be_accepted(place: Place) -> None:
    drawings = teach(place, 4)
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    accept(place.journal, [drawings[2].id])
    place.learn()
    place.deliver()
    assert equal(newest_fnn(place), fold([drawings[0], drawings[2]]))
    assert problems(place) == []
    rollback(place.outbox, ORIGINALS, fnn(), 4)  # which had learned all of them
    assert equal(newest_fnn(place), fold([drawings[0], drawings[1], drawings[3]]))
    assert problems(place) == []


def test_lies_that_were_learned_can_be_rejected_or_forgotten_and_leave_nothing(
    place: Place,
) -> None:
    drawings = teach(place, 7)
    lies, honest = drawings[1::2], drawings[::2]
    queued = place.journal.add(labelled(9))
    reject(place.outbox, ORIGINALS, fnn, [lies[0].id, lies[1].id, queued.id])
    assert states(place, [*lies[:2], queued]) == [REJECTED] * 3
    forget(place.outbox, ORIGINALS, fnn, lies[2].id)
    assert equal(newest_fnn(place), fold(honest))
    place.deliver()
    assert problems(place) == []
    assert to_review(place.journal) == []
    accept(place.journal, [lies[0].id])  # a mistake is undone
    place.learn()
    assert equal(newest_fnn(place), fold([*honest, lies[0]]))


def test_what_is_only_collected_is_never_learned(place: Place) -> None:
    wrong = place.journal.add(drawn(4, label=9, state=COLLECTED))
    accept(place.journal, [wrong.id])
    assert to_review(place.journal) == []
    place.learn()
    assert states(place, [wrong]) == [COLLECTED]
    reject(place.outbox, ORIGINALS, fnn, [wrong.id])
    assert states(place, [wrong]) == [REJECTED]


@pytest.mark.parametrize(
    ("id", "problem"), [("nonsense", "no id"), (str(uuid.UUID(int=5)), "There is no drawing")]
)
def test_nothing_is_changed_for_what_is_no_drawing(place: Place, id: str, problem: str) -> None:
    drawings = teach(place, 2)
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    before = place.rows()
    with pytest.raises(InvalidInput, match=problem):
        accept(place.journal, [drawings[1].id, id])
    with pytest.raises(InvalidInput, match=problem):
        reject(place.outbox, ORIGINALS, fnn, [drawings[0].id, id])
    assert place.rows() == before


def states(place: Place, drawings: Sequence[Drawing]) -> list[str]:
    found = [place.journal.find(drawing.id) for drawing in drawings]
    return [drawing.state for drawing in found if drawing]


# `make test` has each of these on SQLite and a folder, and a few on PostgreSQL and a remote store.
LONG_AT = "PostgreSQL"
SOON = {"test_an_accepted_drawing_is_learned_next_and_replay_repeats_it"}
