"""Originals and journal alone give the stored weights again: FNN bit for bit, CNN within 1e-6."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from inkling import checkpoints
from inkling.cli.main import inkling
from inkling.evaluation.models import load_models
from inkling.history.replay import CannotReplay, difference, replay
from inkling.journal.schema import drawings
from inkling.nets.registry import NETWORKS
from inkling.settings import ROOT
from inkling.trainer.trainer import Trainer
from testing.live import Worker, wait_until
from testing.places import BOTH, ORIGINALS, Place, both, fill, fnn, labelled, open_place

LESSONS = 30


@pytest.fixture
def full(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """24 versions of the FNN."""
    with open_place("SQLite", tmp_path, request) as place:
        fill(place)
        yield place


@pytest.fixture(scope="module")
def learned(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Place]:
    """30 versions of both nets: several in a commit, after reloads, and by another process."""
    folder = tmp_path_factory.mktemp("learned")
    with open_place("SQLite", folder, request) as place:
        add(place, range(0, 11))  # commits of 8 and 3
        nets = both()
        while Trainer(place.outbox, BOTH, nets).work():  # each commit by another trainer
            pass
        for number in range(11, 16):
            add(place, [number])
            Trainer(place.outbox, BOTH, nets).work()
        add(place, range(16, LESSONS))
        worker = Worker(folder)
        wait_until(lambda: place.journal.current_version() == LESSONS)
        worker.stop()
        yield place


def add(place: Place, numbers: "range | list[int]") -> None:
    for number in numbers:
        place.journal.add(labelled(number))


def test_a_replay_gives_the_weights_that_are_stored(learned: Place) -> None:
    told: list[tuple[int, int]] = []
    nets = both()
    kept = learned.journal.kept_versions()
    assert max(kept) == LESSONS
    for version in [min(kept), LESSONS]:  # the nets of the first replay serve the second
        told.clear()
        states = replay(
            learned.journal, BOTH, nets, version, lambda done, of: told.append((done, of))
        )
        assert told == [(done, version) for done in range(1, version + 1)]
        stored = learned.outbox.load(version, NETWORKS, optimizer=True)
        fnn, cnn = (difference(net, states[net], stored[net]) for net in NETWORKS)
        print(version, fnn, cnn)
        assert (fnn.equal, fnn.largest, fnn.fits) == (True, 0.0, True)
        assert cnn.fits
        assert cnn.largest <= 1e-6
        assert any(name.startswith("velocity_") for name in stored["cnn"])
        for net in NETWORKS:  # and the steps are far larger than what is allowed
            assert difference(net, states[net], states[net] | BOTH[net]).largest > 1e-5


def test_the_command_compares_and_writes_what_evaluate_reads(
    learned: Place, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(inkling, ["replay", "--out", str(out)], env=learned.environ)
    assert done.exit_code == 0, done.output
    assert f"Replayed {LESSONS} lessons." in done.output
    assert "FNN: as stored, bit for bit." in done.output
    assert "CNN: " in done.output
    assert "too much" not in done.output
    models, stored = load_models(learned.settings, str(out)), load_models(learned.settings)
    assert stored.retrained is not None
    for net in NETWORKS:
        for name, array in stored.retrained[net].items():
            np.testing.assert_allclose(models.originals[net][name], array, rtol=0, atol=1e-6)


def test_the_command_says_where_there_is_nothing_to_compare_with(
    learned: Place, tmp_path: Path
) -> None:
    done = CliRunner().invoke(inkling, ["replay", "--to", "2"], env=learned.environ)
    assert done.exit_code == 0, done.output
    assert "No weights are stored of version 2" in done.output


def test_the_command_says_how_far_other_originals_lead(learned: Place, tmp_path: Path) -> None:
    changed = other_originals(tmp_path / "models")
    environ = learned.environ | {"MODELS_FOLDER": str(changed)}
    done = CliRunner().invoke(inkling, ["replay"], env=environ)
    assert re.search(r"FNN: largest difference 0\.00\d+, which is too much\.", done.output)
    assert "CNN: as stored, bit for bit" in done.output or "CNN: largest" in done.output


def other_originals(folder: Path) -> Path:
    """Copy the models folder and change one bias of its FNN."""
    shutil.copytree(ROOT / "models", folder)
    fnn = {name: array.copy() for name, array in BOTH["fnn"].items()}
    fnn["output_bias"][3] += np.float32(0.001)
    (folder / "fnn.npz").write_bytes(checkpoints.pack(fnn))
    return folder


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", "25"], "Version 25 is unknown: the newest is 24."),
        (["--out", str(ROOT / "models")], "holds the originals"),
        (["--out", str(ROOT / "docs" / ".." / "models")], "holds the originals"),
    ],
)
def test_the_command_refuses_what_it_must_not_do(full: Place, words: list[str], told: str) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in (ROOT / "models").iterdir()}
    done = CliRunner().invoke(inkling, ["replay", *words], env=full.environ)
    assert done.exit_code == 1
    assert told in done.output
    assert {p.name: p.stat().st_mtime_ns for p in (ROOT / "models").iterdir()} == before


def test_version_0_are_the_originals(full: Place) -> None:
    states = replay(full.journal, ORIGINALS, fnn(), 0)
    assert difference("fnn", states["fnn"], ORIGINALS["fnn"]).equal


@pytest.mark.parametrize(
    "change",
    [{"label": 1}, {"version": 1000}, {"state": "queued"}, {"png": b"no image"}],
)
def test_a_drawing_that_is_another_or_gone_is_noticed(
    full: Place, change: dict[str, object]
) -> None:
    with full.journal.engine.begin() as connection:
        connection.execute(drawings.update().where(drawings.c.version == 8).values(change))
    if "label" in change:
        stored = full.outbox.load(24, ["fnn"], optimizer=True)
        states = replay(full.journal, ORIGINALS, fnn(), 24)
        found = difference("fnn", states["fnn"], stored["fnn"])
        assert not found.fits
        assert found.largest > 1e-6
    else:
        with pytest.raises(CannotReplay, match="version 8"):
            replay(full.journal, ORIGINALS, fnn(), 24)


FLOATS = np.array([1, -2, 3], np.float32)


@pytest.mark.parametrize(
    ("other", "largest", "fnn_fits", "cnn_fits"),
    [
        (FLOATS.copy(), 0, True, True),
        (FLOATS + np.float32(2e-7), 2.4e-7, False, True),
        (FLOATS + np.float32(2e-6), 2.2e-6, False, False),
        (FLOATS.astype(np.float64), np.inf, False, False),
        (FLOATS[:2], np.inf, False, False),
        (FLOATS * np.nan, np.inf, False, False),
    ],
)
def test_an_fnn_must_be_equal_and_a_cnn_within_a_millionth(
    other: "np.ndarray[tuple[int, ...], np.dtype[np.floating]]",
    largest: float,
    fnn_fits: bool,
    cnn_fits: bool,
) -> None:
    for net, fits in (("fnn", fnn_fits), ("cnn", cnn_fits)):
        found = difference(net, {"bias": FLOATS}, {"bias": other})
        assert found.fits == fits
        assert found.largest == pytest.approx(largest, rel=0.1)
    zeros = {"bias": np.zeros(2, np.float32)}
    minus = {"bias": -np.zeros(2, np.float32)}
    assert not difference("fnn", zeros, minus).fits
    assert difference("cnn", zeros, {}).largest == np.inf
