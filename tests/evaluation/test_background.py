"""Measuring in the trainer: after learning, in slices, at one version; what failures do to it."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from functions import FloatArray, process_image
from inkling import checkpoints
from inkling.data.datasets import held_out, write_strokes
from inkling.data.strokes import StrokeDrawing
from inkling.errors import InvalidInput
from inkling.evaluation.background import DIGITS_A_SLICE, BackgroundEvaluation
from inkling.evaluation.metrics import (
    MNIST_TEST,
    VALIDATION_WRITERS,
    Score,
    score,
    score_answer,
    scores_from_json,
)
from inkling.evaluation.test_sets import TestSets
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal, open_journal
from inkling.learning.learner import build_learner
from inkling.nets.registry import Net, PlainNet
from inkling.records import QUEUED, TRAINED, Drawing
from inkling.settings import Settings
from inkling.storage.stores import open_store
from inkling.trainer.trainer import Trainer, open_trainer
from testing.pen import STROKES, draw
from two_layer_net import TwoLayerNet

WRITERS = {held_out(name): name for name in ("anna", "bela", "cleo", "dora", "emil", "fee", "gus")}
MEASURED_PARTS = -(-10_000 // DIGITS_A_SLICE)  # of MNIST's test split


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of MNIST's shape whose test digits are noise."""
    rng = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("mnist") / "mnist.npz"
    np.savez(
        path,
        x_test=rng.integers(0, 256, (10000, 28, 28), np.uint8),
        y_test=rng.integers(0, 10, 10000, np.uint8),
    )
    return path


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """Twenty drawings by a held-out writer, and twenty by one whom training may see."""
    path = tmp_path / "drawings.ndjson"
    rows = [
        StrokeDrawing(digit, writer, STROKES[digit])
        for writer in (WRITERS[True], WRITERS[False])
        for digit in [*range(10), *range(10)]
    ]
    write_strokes(path, rows)
    return path


def two_nets(settings: Settings) -> dict[str, TwoLayerNet]:
    """Two different FNNs: a net's face is all that learning and measuring know of it."""
    original = checkpoints.originals(settings.models_folder)["fnn"]
    other = {name: array * np.float32(0.8) for name, array in original.items()}
    return {"fnn": TwoLayerNet(original), "cnn": TwoLayerNet(other)}


def trainer_with(settings: Settings, journal: Journal, sets: TestSets) -> Trainer:
    nets = two_nets(settings)
    originals = {name: net.state() for name, net in two_nets(settings).items()}
    background = BackgroundEvaluation(nets, two_nets(settings), journal, sets)
    return Trainer(Outbox(journal, open_store(settings)), originals, nets, background)


def labelled(digit: int) -> Drawing:
    return Drawing.of(digit, draw(digit))


def work_until_idle(trainer: Trainer) -> int:
    """How many turns there were to take."""
    turns = 0
    while trainer.work():
        turns += 1
    return turns


def in_slices(net: Net | PlainNet, digits: FloatArray) -> FloatArray:
    """What a net says of digits as it is asked when they are measured.

    Of many at once its sums come out otherwise in the last bits, which decide where two digits
    are as likely.
    """
    ends = range(DIGITS_A_SLICE, len(digits), DIGITS_A_SLICE)
    return np.concatenate([net.probabilities(part) for part in np.split(digits, ends)])


def measured(journal: Journal) -> tuple[int, dict[str, dict[str, Score]]]:
    newest = journal.newest_evaluation()
    assert newest is not None
    return newest[0], scores_from_json(newest[1])


def test_version_0_is_not_measured_and_no_file_is_read(
    settings: Settings, journal: Journal, mnist: Path
) -> None:
    sets = TestSets(mnist)
    assert work_until_idle(trainer_with(settings, journal, sets)) == 0
    assert sets.sets == {}
    assert journal.newest_evaluation() is None


def test_the_figures_are_those_of_the_newest_weights_on_the_held_out_digits(
    settings: Settings, journal: Journal, mnist: Path, drawings: Path
) -> None:
    trainer = trainer_with(settings, journal, TestSets(mnist, drawings))
    for digit in (3, 5):
        journal.add(labelled(digit))
    work_until_idle(trainer)
    version, found = measured(journal)
    assert version == 2
    digits = np.stack([d for n in range(10) if (d := process_image(draw(n))) is not None])
    seen: FloatArray = np.divide(np.rint(np.tile(digits, (2, 1, 1)) * 255), 255, dtype=np.float32)
    file = np.load(mnist)
    noise: FloatArray = np.divide(file["x_test"], 255, dtype=np.float32)
    for name, shown, labels in (
        (VALIDATION_WRITERS, seen, np.tile(np.arange(10), 2)),
        (MNIST_TEST, noise, file["y_test"].astype(np.int64)),
    ):
        said = {name: in_slices(net, shown) for name, net in trainer.nets.items()}
        assert found[name].keys() == {"fnn_retrained", "cnn_retrained", "answer"}
        for net in ("fnn", "cnn"):
            expected, stored = score(said[net], labels), found[name][f"{net}_retrained"]
            assert stored.confusion == expected.confusion
            assert stored.calibration_error == pytest.approx(expected.calibration_error, abs=1e-4)
        assert found[name]["answer"] == score_answer(said["fnn"], said["cnn"], labels)


def test_a_label_is_learned_before_the_next_slice(
    settings: Settings, journal: Journal, mnist: Path
) -> None:
    trainer = trainer_with(settings, journal, TestSets(mnist))
    journal.add(labelled(3))
    for _ in range(5):  # one lesson, its drawing filed, then slices
        trainer.work()
    assert journal.newest_evaluation() is None
    late = journal.add(labelled(5))
    trainer.work()
    learned = journal.find(late.id)
    assert learned is not None
    assert (learned.state, learned.version) == (TRAINED, 2)
    assert journal.newest_evaluation() is None
    assert work_until_idle(trainer) > MEASURED_PARTS  # what was left of version 1, then all of 2
    assert measured(journal)[0] == 2


def test_figures_are_of_one_version_though_the_nets_move_on_meanwhile(
    settings: Settings, journal: Journal, mnist: Path
) -> None:
    trainer = trainer_with(settings, journal, TestSets(mnist))
    journal.add(labelled(3))
    for _ in range(6):
        trainer.work()
    first = TwoLayerNet(trainer.nets["fnn"].state())
    turns = 0
    while journal.newest_evaluation() is None:  # a label after every turn
        journal.add(labelled(turns % 10))
        for _ in range(3):  # learned, filed, a slice
            trainer.work()
        turns += 1
    version, found = measured(journal)
    assert version == 1 < trainer.version
    file = np.load(mnist)
    said = first.probabilities((file["x_test"] / np.float32(255)).astype(np.float32))
    expected = score(said, file["y_test"].astype(np.int64))
    assert found[MNIST_TEST]["fnn_retrained"].confusion == expected.confusion
    work_until_idle(trainer)
    assert measured(journal)[0] == trainer.version


def test_every_version_is_measured_once_and_only_the_newest_is_kept(
    settings: Settings, journal: Journal, drawings: Path
) -> None:
    trainer = trainer_with(settings, journal, TestSets(None, drawings))
    for version in (1, 2):
        journal.add(labelled(version))
        work_until_idle(trainer)
        assert measured(journal)[0] == version
        assert work_until_idle(trainer) == 0
    again = trainer_with(settings, journal, TestSets(None, drawings))
    assert work_until_idle(again) == 0  # a new process has nothing to do
    with journal.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT version FROM evaluations").all()
    assert [row.version for row in rows] == [2]


def test_other_test_sets_are_measured_at_the_same_version(
    settings: Settings, journal: Journal, mnist: Path, drawings: Path
) -> None:
    journal.add(labelled(3))
    work_until_idle(trainer_with(settings, journal, TestSets(None, drawings)))
    assert measured(journal)[1].keys() == {VALIDATION_WRITERS}
    work_until_idle(trainer_with(settings, journal, TestSets(mnist, drawings)))
    assert measured(journal)[1].keys() == {MNIST_TEST, VALIDATION_WRITERS}


@pytest.mark.parametrize("content", [b"no digits", b'{"digit": 12, "writer": "x", "strokes": []}'])
def test_a_bad_file_is_told_once_and_learning_goes_on(
    settings: Settings,
    journal: Journal,
    tmp_path: Path,
    content: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_bytes(content)
    trainer = trainer_with(settings, journal, TestSets(None, path))
    for digit in (1, 2, 3):
        journal.add(labelled(digit))
        work_until_idle(trainer)
    assert journal.counts()[TRAINED] == 3
    assert journal.newest_evaluation() is None
    told = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(told) == 1
    assert str(path) in told[0]


def test_drawings_without_a_held_out_writer_are_told(tmp_path: Path) -> None:
    path = tmp_path / "drawings.ndjson"
    write_strokes(path, [StrokeDrawing(1, WRITERS[False], STROKES[1])])
    sets = TestSets(None, path)
    with pytest.raises(InvalidInput, match="has no held-out writers"):
        sets.prepare()


def test_a_table_that_fails_costs_this_version_s_figures_and_nothing_else(
    settings: Settings, journal: Journal, drawings: Path
) -> None:
    trainer = trainer_with(settings, journal, TestSets(None, drawings))
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE evaluations RENAME TO gone")
    journal.add(labelled(1))
    work_until_idle(trainer)
    assert journal.counts()[TRAINED] == 1
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO evaluations")
    assert work_until_idle(trainer) == 0
    journal.add(labelled(2))
    work_until_idle(trainer)
    assert measured(journal)[0] == 2


@pytest.mark.parametrize("name", ["mnist", "drawings"])
def test_a_missing_file_is_named_with_its_setting(tmp_path: Path, name: str) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(InvalidInput, match=f"TEST_{name.upper()} is '{gone}', which is no file"):
        TestSets(**{name: gone})


def test_the_trainer_tells_at_its_start_of_a_missing_file_and_learns_with_both_nets(
    settings: Settings, tmp_path: Path, drawings: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace

    def opened(**changed: str) -> Trainer:
        originals = checkpoints.originals(settings.models_folder)
        outbox = Outbox(open_journal(settings), open_store(settings))
        nets = build_learner(originals)
        return open_trainer(replace(settings, **changed), outbox, originals, nets)  # type: ignore[arg-type]

    opened(test_mnist=str(tmp_path / "gone.npz"))
    assert f"TEST_MNIST is '{tmp_path / 'gone.npz'}'" in caplog.text
    trainer = opened(test_drawings=str(drawings))
    trainer.journal.add(labelled(4))
    work_until_idle(trainer)
    assert trainer.journal.counts()[QUEUED] == 0
    version, found = measured(trainer.journal)
    assert version == 1
    assert {name: s.count for name, s in found[VALIDATION_WRITERS].items()} == {
        "fnn_retrained": 20,
        "cnn_retrained": 20,
        "answer": 20,
    }
    assert found[VALIDATION_WRITERS]["cnn_retrained"].accuracy > 0.9


def test_what_the_journal_keeps_is_plain_json(journal: Journal) -> None:
    assert journal.newest_evaluation() is None
    journal.add_evaluation(3, {"a": {"b": [1, None]}})
    journal.add_evaluation(4, {"a": {"b": [2, None]}})
    newest = journal.newest_evaluation()
    assert newest == (4, {"a": {"b": [2, None]}})
    assert json.dumps(newest[1])


LONG = {"test_figures_are_of_one_version_though_the_nets_move_on_meanwhile"}
