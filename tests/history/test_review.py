"""What is shown for review: rejected drawings, and labels that no model believes."""

from functions import process_image, to_bytes
from inkling.history.review import to_review
from inkling.history.rollback import rollback
from inkling.nets.registry import MODELS
from inkling.records import COLLECTED, Drawing
from testing.pen import draw
from testing.places import ORIGINALS, Place, fnn, labelled
from tests.history.conftest import teach


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
