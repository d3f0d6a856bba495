"""The learning loop: order, receipts, versions, thinning; what a failure leaves behind."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from functions import augment, encode_png
from inkling import checkpoints
from inkling.journal.database import JournalUnavailable
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal, open_journal
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import CannotLearn
from inkling.learning.rule import SGD
from inkling.nets.registry import NETWORKS, RETRAINED, Net
from inkling.records import COLLECTED, DELETING, QUEUED, REJECTED, TRAINED, Drawing, Example, State
from inkling.settings import Settings
from inkling.storage.base import ObjectStore
from inkling.storage.folder import FolderStore
from inkling.storage.stores import open_store
from inkling.trainer.trainer import Trainer, open_trainer, warm_nets
from testing.pen import draw
from two_layer_net import ONLINE_LEARNING_RATE, Batch, TwoLayerNet, loss_and_gradients


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


@pytest.fixture
def store(settings: Settings) -> ObjectStore:
    return open_store(settings)


def fnn_trainer(settings: Settings, journal: Journal, store: ObjectStore) -> Trainer:
    """A trainer of the FNN alone, which needs no TensorFlow."""
    originals = checkpoints.originals(settings.models_folder)
    return Trainer(Outbox(journal, store), originals, {"fnn": TwoLayerNet(originals["fnn"])})


def two_net_trainer(settings: Settings, journal: Journal, store: ObjectStore) -> Trainer:
    originals = checkpoints.originals(settings.models_folder)
    return open_trainer(settings, Outbox(journal, store), originals, warm_nets(originals))


@pytest.fixture
def trainer(settings: Settings, journal: Journal, store: ObjectStore) -> Trainer:
    return fnn_trainer(settings, journal, store)


def labelled(digit: int, label: int | None = None, state: State = QUEUED) -> Drawing:
    return replace(Drawing.of(digit if label is None else label, draw(digit)), state=state)


def work_until_idle(trainer: Trainer) -> None:
    while trainer.work():
        pass


def served(journal: Journal, store: ObjectStore) -> checkpoints.Arrays:
    """The FNN's weights that web workers would serve now."""
    objects = journal.objects(journal.current_version())
    assert objects is not None
    return checkpoints.get(Outbox(journal, store), objects["fnn"])


def test_a_lesson_by_sgd_is_one_step_on_the_24_variants(
    journal: Journal, store: ObjectStore, settings: Settings
) -> None:
    originals = checkpoints.originals(settings.models_folder)
    nets = Learner({"fnn": TwoLayerNet(originals["fnn"])}, originals, SGD)
    drawing = journal.add(labelled(4, label=9))
    Trainer(Outbox(journal, store), originals, nets, screened=False).work()
    expected = checkpoints.originals(settings.models_folder)["fnn"]
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
    between = np.minimum(draw(4), draw(9))  # so that it has something to teach
    trainer = two_net_trainer(settings, journal, store)
    drawing = trainer.journal.add(Drawing.of(4, between))
    trainer.work()
    learned = journal.find(drawing.id)
    assert learned is not None
    assert learned.receipt is not None
    assert [*learned.receipt] == ["fnn_retrained", "cnn_retrained"]
    digit = drawing.seen()
    originals = checkpoints.originals(settings.models_folder)
    graphs = checkpoints.graphs(settings.models_folder)
    for name in ("fnn", "cnn"):
        original = NETWORKS[name].build(originals[name], graphs.get(name, b""))
        before = original.probabilities(digit[np.newaxis])[0, 4]
        after = trainer.nets[name].probabilities(digit[np.newaxis])[0, 4]
        assert after > before
        said = learned.receipt[RETRAINED[name]]
        assert said == {"before": round(float(before), 6), "after": round(float(after), 6)}
    trainer.close()
    objects = journal.objects(1)
    assert objects is not None
    assert sorted(objects) == ["cnn", "cnn_optimizer", "fnn", "fnn_optimizer"]
    velocities = checkpoints.get(store, objects["cnn_optimizer"])
    assert all(name.startswith("velocity_") for name in velocities)

    again = two_net_trainer(settings, journal, store)  # another goes on from where it was
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


def test_what_a_trainer_remembers_is_what_the_nets_saw(
    settings: Settings, journal: Journal, store: ObjectStore
) -> None:
    kept = [journal.add(labelled(number)).digit for number in range(4)]
    work_until_idle(fnn_trainer(settings, journal, store))
    assert journal.learned_versions(4).tolist() == [1, 2, 3, 4]
    assert journal.learned_versions(2).tolist() == [1, 2]
    expected = {number + 1: Example(number, digit) for number, digit in enumerate(kept)}
    assert journal.learned_digits([1, 2, 3, 4]) == expected
    assert len(fnn_trainer(settings, journal, store).nets.memory) == 4


def test_a_drawing_that_cannot_be_learned_is_set_aside_and_the_others_are_learned(
    trainer: Trainer, journal: Journal
) -> None:
    blank = encode_png(np.full((280, 280), 255, np.uint8))
    bad = [
        Drawing(str(uuid.uuid4()), 1, blank, bytes(784), {}, 0),
        Drawing(str(uuid.uuid4()), 1, b"no image", bytes(784), {}, 0),
    ]
    for drawing in (labelled(1), bad[0], labelled(2), bad[1], labelled(3)):
        journal.add(drawing)
    work_until_idle(trainer)
    assert journal.counts() == {QUEUED: 0, TRAINED: 3, REJECTED: 2, COLLECTED: 0, DELETING: 0}
    assert journal.current_version() == 3
    for drawing in bad:
        kept = journal.find(drawing.id)
        assert kept is not None
        assert kept.rejection


class Exploding(TwoLayerNet):
    """A net whose step on a 3 runs away."""

    def learn(self, batch: Batch, rate: float) -> float:
        if batch.targets[0].argmax() == 3:
            self.weights["hidden_kernel"] += np.inf
        return 1.0


def test_a_step_to_infinity_is_never_published(
    settings: Settings, journal: Journal, store: ObjectStore
) -> None:
    originals = checkpoints.originals(settings.models_folder)
    exploding: Mapping[str, Net] = {"fnn": Exploding(originals["fnn"])}
    trainer = Trainer(Outbox(journal, store), originals, exploding)
    for digit in (1, 3, 5):
        journal.add(labelled(digit))
    with np.errstate(invalid="ignore"):
        work_until_idle(trainer)
    assert journal.counts() == {QUEUED: 0, TRAINED: 2, REJECTED: 1, COLLECTED: 0, DELETING: 0}
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


class FullJournal(Journal):
    """A journal that takes labels, but no versions until somebody makes room."""

    full = True

    def commit(self, *what: Any) -> None:
        if self.full:
            raise JournalUnavailable("database or disk is full")
        super().commit(*what)


class LosesConnections(Journal):
    """A journal whose database goes away while rows are read, as often as it is told to."""

    losses = 0

    def learned_versions(self, newest: int) -> NDArray[np.int32]:
        if self.losses:
            self.losses -= 1
            raise JournalUnavailable("the connection was lost")
        return super().learned_versions(newest)


def test_what_others_learned_is_taken_up_whole_or_again(
    settings: Settings, store: ObjectStore
) -> None:
    settings.instance_folder.mkdir(parents=True, exist_ok=True)
    journal = LosesConnections(settings.journal_url)
    trainer, another = (fnn_trainer(settings, journal, store) for _ in range(2))
    for digit in (7, 1):
        journal.add(labelled(digit))
    work_until_idle(another)
    journal.losses = 2
    journal.add(labelled(4))
    for _ in range(2):
        with pytest.raises(JournalUnavailable, match="lost"):
            trainer.work()
    work_until_idle(trainer)
    originals = checkpoints.originals(settings.models_folder)
    undisturbed = Learner({"fnn": TwoLayerNet(originals["fnn"])}, originals)
    for drawing in journal.lessons():
        undisturbed.learn(drawing)
    found, expected = served(journal, store), checkpoints.parts("fnn", undisturbed.states()["fnn"])
    assert all(found[name].tobytes() == expected["fnn"][name].tobytes() for name in found)


def test_a_store_that_is_full_stops_no_learning(settings: Settings, journal: Journal) -> None:
    store = FullDisk(settings.objects_folder, settings.tmp_folder)
    trainer = fnn_trainer(settings, journal, store)
    drawing = journal.add(labelled(7))
    work_until_idle(trainer)
    held, expected = served(journal, store), fnn_after_one_lesson(settings, drawing)
    assert all(held[name].tobytes() == expected[name].tobytes() for name in held)
    assert list(store.names()) == []


def test_a_full_disk_costs_no_label_and_no_step_twice(
    settings: Settings, store: ObjectStore
) -> None:
    settings.instance_folder.mkdir(parents=True, exist_ok=True)
    journal = FullJournal(settings.journal_url)
    trainer = fnn_trainer(settings, journal, store)
    journal.add(Drawing(str(uuid.uuid4()), 1, b"no image", bytes(784), {}, 0))
    good = journal.add(labelled(7))
    trainer.work()
    assert journal.counts()[REJECTED] == 1
    for _ in range(3):
        with pytest.raises(JournalUnavailable, match="full"):
            trainer.work()
    assert journal.queued(5)[0].id == good.id
    journal.full = False
    work_until_idle(trainer)
    assert journal.counts() == {QUEUED: 0, TRAINED: 1, REJECTED: 1, COLLECTED: 0, DELETING: 0}
    once, expected = served(journal, store), fnn_after_one_lesson(settings, good)
    assert all(once[name].tobytes() == expected[name].tobytes() for name in once)


def fnn_after_one_lesson(settings: Settings, drawing: Drawing) -> checkpoints.Arrays:
    originals = checkpoints.originals(settings.models_folder)
    nets = Learner({"fnn": TwoLayerNet(originals["fnn"])}, originals)
    nets.learn(drawing)
    return checkpoints.parts("fnn", nets["fnn"].state())["fnn"]


def test_learn_says_why_it_cannot(settings: Settings) -> None:
    drawing = Drawing(str(uuid.uuid4()), 1, b"", bytes(784), {}, 0)
    with pytest.raises(CannotLearn):
        Learner({}, {}).learn(drawing)
