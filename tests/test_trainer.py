"""The learning loop: order, receipts, versions, thinning; what a failure leaves behind."""

import json
import uuid
from collections.abc import Mapping

import numpy as np
import pytest

import weights
from functions import augment, encode_png, process_image
from journal import COLLECTED, QUEUED, REJECTED, TRAINED, Drawing, Journal, open_journal
from settings import Settings
from storage import FolderStore, ObjectStore, open_store
from tests.conftest import draw
from trainer import CannotLearn, Net, Trainer, learn
from two_layer_net import ONLINE_LEARNING_RATE, TwoLayerNet, loss_and_gradients


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


@pytest.fixture
def store(settings: Settings) -> ObjectStore:
    return open_store(settings)


def fnn_trainer(settings: Settings, journal: Journal, store: ObjectStore) -> Trainer:
    """A trainer of the FNN alone, which needs no TensorFlow."""
    originals = weights.originals(settings.models_folder)
    return Trainer(journal, store, originals, {"fnn": TwoLayerNet(originals["fnn"])})


@pytest.fixture
def trainer(settings: Settings, journal: Journal, store: ObjectStore) -> Trainer:
    return fnn_trainer(settings, journal, store)


def labelled(digit: int, label: int | None = None, state: str = QUEUED) -> Drawing:
    png = encode_png(draw(digit))
    return Drawing(str(uuid.uuid4()), digit if label is None else label, png, {}, 0, state=state)


def work_until_idle(trainer: Trainer) -> None:
    while trainer.work():
        pass


def served(journal: Journal, store: ObjectStore) -> weights.Arrays:
    """The FNN's weights that web workers would serve now."""
    objects = journal.objects(journal.current_version())
    assert objects is not None
    return weights.get(store, objects["fnn"])


def test_a_lesson_is_one_step_on_the_24_variants(
    trainer: Trainer, journal: Journal, store: ObjectStore, settings: Settings
) -> None:
    drawing = journal.add(labelled(4, label=9))
    trainer.work()
    expected = weights.originals(settings.models_folder)["fnn"]
    variants = augment(draw(4), drawing.seed)
    assert variants is not None
    _, gradients = loss_and_gradients(expected, variants, np.full(24, 9))
    for name, array in served(journal, store).items():
        step = expected[name] - np.float32(ONLINE_LEARNING_RATE) * gradients[name]
        np.testing.assert_allclose(array, step, rtol=1e-6, atol=1e-9)


def test_the_receipt_says_how_the_net_saw_the_drawing(trainer: Trainer, journal: Journal) -> None:
    drawing = journal.add(labelled(7))
    trainer.work()
    learned = journal.find(drawing.id)
    assert learned is not None
    assert (learned.state, learned.version) == (TRAINED, 1)
    assert learned.receipt is not None
    assert [*learned.receipt] == ["fnn_retrained"]
    seen = learned.receipt["fnn_retrained"]
    assert 0 < seen["before"] < seen["after"] < 1


def test_both_nets_learn(settings: Settings, journal: Journal, store: ObjectStore) -> None:
    from conv_net import ConvNet
    from trainer import open_trainer

    trainer = open_trainer(settings)
    drawing = trainer.journal.add(labelled(4, label=9))
    trainer.work()
    learned = journal.find(drawing.id)
    assert learned is not None
    assert learned.receipt is not None
    assert [*learned.receipt] == ["fnn_retrained", "cnn_retrained"]
    digit = process_image(draw(4))
    assert digit is not None
    originals = weights.originals(settings.models_folder)
    for name, build in (("fnn", TwoLayerNet), ("cnn", ConvNet)):
        before = build(originals[name]).probabilities(digit[np.newaxis])[0, 9]
        after = trainer.nets[name].probabilities(digit[np.newaxis])[0, 9]
        assert after > before
        said = learned.receipt[weights.RETRAINED[name]]
        assert said == {"before": round(float(before), 6), "after": round(float(after), 6)}
    objects = journal.objects(1)
    assert objects is not None
    assert sorted(objects) == ["cnn", "cnn_optimizer", "fnn"]
    velocities = weights.get(store, objects["cnn_optimizer"])
    assert all(name.startswith("velocity_") for name in velocities)

    again = open_trainer(settings)  # a new process goes on from where this one was
    for net in ("fnn", "cnn"):
        left, found = trainer.nets[net].state(), again.nets[net].state()
        assert all(np.array_equal(left[name], found[name]) for name in left)


def test_a_new_version_every_drawing_in_order(trainer: Trainer, journal: Journal) -> None:
    drawings = [journal.add(labelled(n % 10)) for n in range(20)]
    work_until_idle(trainer)
    rows = [journal.find(drawing.id) for drawing in drawings]
    assert [row and row.version for row in rows] == list(range(1, 21))
    assert journal.current_version() == 20


def test_the_same_rows_give_the_same_bits_however_they_come(
    settings: Settings,
    journal: Journal,
    store: ObjectStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    drawings = [labelled(n % 10) for n in range(12)]
    for drawing in drawings:
        journal.add(drawing)
    work_until_idle(fnn_trainer(settings, journal, store))  # several in a commit

    folder = tmp_path_factory.mktemp("other")
    other = Journal(f"sqlite:///{folder / 'journal.sqlite'}")
    other_store = FolderStore(folder / "objects", folder / "tmp")
    for drawing in drawings:
        other.add(drawing)
        fnn_trainer(settings, other, other_store).work()  # each by a trainer of its own
    here, there = served(journal, store), served(other, other_store)
    assert all(here[name].tobytes() == there[name].tobytes() for name in here)


def test_a_drawing_that_cannot_be_learned_is_set_aside_and_the_others_are_learned(
    trainer: Trainer, journal: Journal
) -> None:
    blank = encode_png(np.full((280, 280), 255, np.uint8))
    bad = [
        Drawing(str(uuid.uuid4()), 1, blank, {}, 0),
        Drawing(str(uuid.uuid4()), 1, b"no image", {}, 0),
    ]
    for drawing in (labelled(1), bad[0], labelled(2), bad[1], labelled(3)):
        journal.add(drawing)
    work_until_idle(trainer)
    assert journal.counts() == {QUEUED: 0, TRAINED: 3, REJECTED: 2, COLLECTED: 0}
    assert journal.current_version() == 3
    for drawing in bad:
        kept = journal.find(drawing.id)
        assert kept is not None
        assert kept.reason


class Exploding(TwoLayerNet):
    """A net whose step on a 3 runs away."""

    def step(self, digits: object, labels: object, *_: object) -> float:
        if labels[0] == 3:  # type: ignore[index]
            self.weights["hidden_kernel"] += np.inf
        return 1.0


def test_a_step_to_infinity_is_never_published(
    settings: Settings, journal: Journal, store: ObjectStore
) -> None:
    originals = weights.originals(settings.models_folder)
    trainer = Trainer(journal, store, originals, {"fnn": Exploding(originals["fnn"])})
    for digit in (1, 3, 5):
        journal.add(labelled(digit))
    with np.errstate(invalid="ignore"):
        work_until_idle(trainer)
    assert journal.counts() == {QUEUED: 0, TRAINED: 2, REJECTED: 1, COLLECTED: 0}
    assert all(np.isfinite(array).all() for array in served(journal, store).values())


def test_learning_leaves_the_originals_alone(
    trainer: Trainer, journal: Journal, settings: Settings
) -> None:
    before = {p.name: p.read_bytes() for p in settings.models_folder.iterdir() if p.is_file()}
    journal.add(labelled(7))
    work_until_idle(trainer)
    after = {p.name: p.read_bytes() for p in settings.models_folder.iterdir() if p.is_file()}
    assert before == after


class FullDisk(FolderStore):
    """A store whose disk is full until somebody makes room."""

    full = True

    def put(self, name: str, content: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super().put(name, content)


def test_a_full_disk_costs_no_label_and_no_step_twice(settings: Settings, journal: Journal) -> None:
    store = FullDisk(settings.objects_folder, settings.tmp_folder)
    trainer = fnn_trainer(settings, journal, store)
    drawing = journal.add(labelled(7))
    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            trainer.work()
    assert journal.queued(5)[0].id == drawing.id
    store.full = False
    work_until_idle(trainer)
    once, twice = served(journal, store), fnn_after_one_lesson(settings, drawing)
    assert all(once[name].tobytes() == twice[name].tobytes() for name in once)


def test_a_full_disk_costs_nothing_beside_a_drawing_that_cannot_be_learned(
    settings: Settings, journal: Journal
) -> None:
    store = FullDisk(settings.objects_folder, settings.tmp_folder)
    trainer = fnn_trainer(settings, journal, store)
    journal.add(Drawing(str(uuid.uuid4()), 1, b"no image", {}, 0))
    good = journal.add(labelled(7))
    with pytest.raises(OSError, match="No space"):
        trainer.work()
    store.full = False
    work_until_idle(trainer)
    assert journal.counts() == {QUEUED: 0, TRAINED: 1, REJECTED: 1, COLLECTED: 0}
    once, expected = served(journal, store), fnn_after_one_lesson(settings, good)
    assert all(once[name].tobytes() == expected[name].tobytes() for name in once)


def fnn_after_one_lesson(settings: Settings, drawing: Drawing) -> weights.Arrays:
    nets: Mapping[str, Net] = {"fnn": TwoLayerNet(weights.originals(settings.models_folder)["fnn"])}
    learn(nets, drawing)
    return nets["fnn"].state()


def test_old_weights_are_thinned_and_the_newest_stay(
    trainer: Trainer, journal: Journal, store: ObjectStore
) -> None:
    for _ in range(25):
        journal.add(labelled(1))
        work_until_idle(trainer)
    stored = journal.stored_versions()
    assert sorted(stored) == [10, *range(16, 26)]
    named = {name for objects in stored.values() for name in objects.values()}
    assert set(store.names("weights/")) == named


def test_what_a_killed_trainer_left_is_swept_and_nothing_else(
    trainer: Trainer, journal: Journal, store: ObjectStore
) -> None:
    journal.add(labelled(1))
    work_until_idle(trainer)
    before = set(store.names())
    store.put("weights/2/fnn-0123.npz", b"an orphan")
    trainer.sweep()
    assert set(store.names()) == before


def test_drawings_are_filed_by_label_with_their_strokes(
    trainer: Trainer, journal: Journal, store: ObjectStore
) -> None:
    strokes = [[[1.0, 2.0], [3.0, 4.0]]]
    png = encode_png(draw(4))
    collected = Drawing(str(uuid.uuid4()), 4, png, {}, 0, state=COLLECTED, strokes=strokes)
    taught = labelled(5)
    for drawing in (collected, taught):
        journal.add(drawing)
    work_until_idle(trainer)
    assert store.get(f"drawings/4/{collected.id}.png") == png
    assert json.loads(store.get(f"drawings/4/{collected.id}.json")) == strokes
    assert store.get(f"drawings/5/{taught.id}.png") == taught.png
    assert journal.unstored(5) == []
    assert journal.counts()[COLLECTED] == 1


def test_learn_says_why_it_cannot(settings: Settings) -> None:
    drawing = Drawing(str(uuid.uuid4()), 1, b"", {}, 0)
    with pytest.raises(CannotLearn):
        learn({}, drawing)
