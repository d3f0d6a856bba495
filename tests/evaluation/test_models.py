"""Which weights a word names, and what is said of a word that names none."""

from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.evaluation.models import load_models
from inkling.journal.writer import open_journal
from inkling.nets.registry import NETWORKS
from inkling.settings import Settings
from inkling.storage.base import ObjectMissing
from inkling.storage.stores import open_store
from tests.serving.versions import publish, telling, thin


def learn(settings: Settings, *versions: int, thinned: int | None = None) -> None:
    """Put these versions into the journal, one after another."""
    journal, store = open_journal(settings), open_store(settings)
    for version in versions:
        publish(journal, store, version, telling(version))  # type: ignore[arg-type]
    if thinned:
        thin(journal, store, thinned)  # type: ignore[arg-type]
    journal.close()


def same(found: checkpoints.Arrays, wanted: checkpoints.Arrays) -> bool:
    return all((found[name] == array).all() for name, array in wanted.items())


@pytest.mark.parametrize("word", ["retrained", "original", "0"])
def test_before_anything_was_learned_every_model_is_an_original(
    word: str, settings: Settings
) -> None:
    models = load_models(settings, word)
    assert models.version == 0
    assert models.retrained is None
    assert [*models.nets()] == ["fnn", "cnn"]
    assert same(models.originals["cnn"], checkpoints.originals(settings.models_folder)["cnn"])


@pytest.mark.parametrize(("word", "version"), [("retrained", 2), ("1", 1), ("2", 2)])
def test_retrained_is_the_newest_version_and_a_number_its_own(
    word: str, version: int, settings: Settings
) -> None:
    learn(settings, 1, 2)
    models = load_models(settings, word)
    assert models.version == version
    assert models.retrained is not None
    for net in NETWORKS:
        assert same(models.retrained[net], telling(version)[net])
    assert {*models.nets()} == {"fnn", "cnn", "fnn_retrained", "cnn_retrained"}
    assert same(models.originals["fnn"], checkpoints.originals(settings.models_folder)["fnn"])


def test_original_stays_so_whatever_was_learned(settings: Settings) -> None:
    learn(settings, 1)
    models = load_models(settings, "original")
    assert (models.version, models.retrained) == (0, None)


def test_a_folders_nets_are_both_original_and_retrained(settings: Settings, tmp_path: Path) -> None:
    for net, arrays in telling(3).items():
        (tmp_path / f"{net}.npz").write_bytes(checkpoints.pack(arrays))
    models = load_models(settings, str(tmp_path))
    assert (models.version, models.retrained) == (None, None)
    assert same(models.originals["cnn"], telling(3)["cnn"])
    assert models.graphs["cnn"] == (settings.models_folder / "cnn.tflite").read_bytes()
    digit = np.zeros((1, 28, 28), np.float32)
    assert models.nets()["cnn"].probabilities(digit)[0, 0] > 0.1


def test_a_folders_own_graph_is_used(settings: Settings, tmp_path: Path) -> None:
    for net, arrays in telling(3).items():
        (tmp_path / f"{net}.npz").write_bytes(checkpoints.pack(arrays))
    (tmp_path / "cnn.tflite").write_bytes(b"no graph")
    with pytest.raises(InvalidInput, match="CNN's graph has no place for"):
        load_models(settings, str(tmp_path))


@pytest.mark.parametrize("word", ["newest", "-1", "no/folder"])
def test_an_unknown_word_is_refused(word: str, settings: Settings) -> None:
    with pytest.raises(InvalidInput, match=f"The weights are '{word}'. Name 'original'"):
        load_models(settings, word)


def test_an_unknown_version_is_refused(settings: Settings) -> None:
    learn(settings, 1)
    with pytest.raises(InvalidInput, match="Version 2 is unknown: the newest is 1"):
        load_models(settings, "2")


def test_a_thinned_version_is_refused_with_those_that_are_kept(settings: Settings) -> None:
    learn(settings, 1, 2, 3, thinned=2)
    with pytest.raises(InvalidInput, match=r"Version 2 is stored no more\. Name one of 0, 1, 3\."):
        load_models(settings, "2")


def test_a_lost_object_is_told(settings: Settings) -> None:
    learn(settings, 1)
    store = open_store(settings)
    for name in list(store.names("weights/")):
        store.delete(name)
    with pytest.raises(ObjectMissing, match=r"weights/1/fnn.* is missing\. A trainer makes"):
        load_models(settings, "1")


def test_a_folder_without_weights_is_told(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"fnn\.npz cannot be read"):
        load_models(settings, str(tmp_path))


def test_weights_of_other_shapes_are_told(settings: Settings, tmp_path: Path) -> None:
    for net in NETWORKS:
        (tmp_path / f"{net}.npz").write_bytes(checkpoints.pack(telling(1)["fnn"]))
    with pytest.raises(InvalidInput, match="do not fit the nets"):
        load_models(settings, str(tmp_path))
