"""Networks beside the page's four: shipped, of the journal, replaced, removed, damaged."""

from pathlib import Path

import numpy as np
import pytest

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.journal import schema
from inkling.journal.networks import (
    DamagedNetwork,
    networks_of,
    publish_network,
    remove_network,
)
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.nets.architectures import ARCHITECTURES
from inkling.nets.description import ADDRESSES, Description, Figures, check_name
from inkling.nets.keras_models import arrays_of, build, config_of, serving_graph
from inkling.serving.networks import LOADED, Networks, NoSuchNetwork
from inkling.storage.folder import FolderStore
from testing.networks import publish_copy

MODELS_FOLDER = Path(__file__).parents[2] / "models"
SEVEN = np.zeros((28, 28), np.float32)


@pytest.fixture
def outbox(journal: Journal, store: FolderStore) -> Outbox:
    return Outbox(journal, store)


@pytest.fixture(scope="module")
def graphs() -> list[tuple[bytes, bytes, Description]]:
    """Two untrained networks: weights, graph, description."""
    found = []
    for units in (3, 5):
        model = build(ARCHITECTURES["dense"], (units,))
        description = Description(
            "mine", f"Dense {units}", "", "dense", config_of(model), model.count_params()
        )
        found.append((checkpoints.pack(arrays_of(model)), serving_graph(model), description))
    return found


def test_the_shipped_ones_answer_and_are_as_good_as_they_say(outbox: Outbox) -> None:
    networks = Networks(MODELS_FOLDER, outbox)
    assert {"lenet", "bn-cnn"} <= networks.descriptions().keys()
    said = networks.probabilities("lenet", SEVEN)
    assert said.shape == (10,)
    assert said.sum() == pytest.approx(1, abs=1e-5)
    assert (networks.describe("lenet").accuracy or 0) > 0.99


def test_a_published_one_is_served_and_a_newer_one_takes_its_place(
    outbox: Outbox, graphs: list[tuple[bytes, bytes, Description]]
) -> None:
    networks = Networks(MODELS_FOLDER, outbox)
    (weights, graph, description), (other_weights, other_graph, other) = graphs
    networks.refresh()
    with pytest.raises(NoSuchNetwork, match=r"no network 'mine'\. Choose from: bn-cnn, lenet"):
        networks.probabilities("mine", SEVEN)
    publish_network(outbox, description, weights, graph)
    networks.refresh()
    first = networks.probabilities("mine", SEVEN + 0.5)
    before = networks_of(outbox.journal)["mine"]
    publish_network(outbox, other, other_weights, other_graph)
    assert networks.describe("mine") == description  # until it looks again
    networks.refresh()
    assert networks.describe("mine").title == "Dense 5"
    assert not np.array_equal(networks.probabilities("mine", SEVEN + 0.5), first)
    assert {*outbox.store.names("networks/mine/")} == {
        row
        for found in networks_of(outbox.journal).values()
        for row in (found.weights, found.graph)
    }
    assert before.graph not in {*outbox.store.names("networks/")}
    assert remove_network(outbox, "mine")
    assert not remove_network(outbox, "mine")
    networks.refresh()
    assert "mine" not in networks.descriptions()
    assert [*outbox.store.names("networks/")] == []


def test_the_same_weights_with_another_scale_are_served_so(outbox: Outbox) -> None:
    networks = Networks(MODELS_FOLDER, outbox)
    said = []
    for scale in (255.0, 1.0):
        publish_copy(outbox, "mine", scale=scale)
        networks.refresh()
        said.append(networks.probabilities("mine", SEVEN + 0.5))
    assert not np.array_equal(said[0], said[1])


def test_a_shipped_description_that_is_none_is_named(tmp_path: Path, outbox: Outbox) -> None:
    (tmp_path / "networks").mkdir()
    (tmp_path / "networks" / "half.json").write_text('{"name": "ha')
    with pytest.raises(InvalidInput, match=r"half\.json is no description of a network"):
        Networks(tmp_path, outbox)


def test_a_damaged_one_is_told_and_the_former_one_answers_on(
    outbox: Outbox, graphs: list[tuple[bytes, bytes, Description]]
) -> None:
    networks = Networks(MODELS_FOLDER, outbox)
    (weights, graph, description), (other_weights, other_graph, other) = graphs
    row = publish_network(outbox, description, weights, graph)
    outbox.store.put(row.graph, b"something else")
    with pytest.raises(DamagedNetwork, match="does not hold what was stored"):
        networks.probabilities("mine", SEVEN)
    outbox.store.put(row.graph, graph)
    said = networks.probabilities("mine", SEVEN)
    newer = publish_network(outbox, other, other_weights, other_graph)
    outbox.store.delete(newer.graph)
    networks.refresh()
    assert np.array_equal(networks.probabilities("mine", SEVEN), said)


def test_equal_networks_share_objects_and_a_removal_meanwhile_takes_none_from_the_newer_one(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_copy(outbox, "mine")

    def remove(place: str) -> None:
        assert remove_network(outbox, "mine") == (place == "network stored")

    monkeypatch.setattr("inkling.journal.networks.failpoint", remove)
    row = publish_copy(outbox, "mine")
    assert {*outbox.store.names("networks/mine/")} == {row.weights, row.graph}
    networks = Networks(MODELS_FOLDER, outbox)
    assert networks.probabilities("mine", SEVEN).shape == (10,)


def test_a_description_that_cannot_be_read_keeps_no_other_network_from_answering(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("broken", "mine"):
        publish_copy(outbox, name)
    with outbox.journal.write() as connection:
        row = schema.networks.c.name == "broken"
        connection.execute(schema.networks.update().where(row).values(description={"units": 3}))
    served = Networks(MODELS_FOLDER, outbox)
    for _ in range(2):
        served.refresh()
    assert served.probabilities("mine", SEVEN).shape == (10,)
    with pytest.raises(NoSuchNetwork):
        served.describe("broken")
    assert (
        caplog.text.count("The network broken is passed over. The description cannot be read") == 1
    )  # not at each look
    publish_copy(outbox, "broken")
    served.refresh()
    assert served.probabilities("broken", SEVEN).shape == (10,)


def test_few_are_kept_loaded(
    outbox: Outbox, graphs: list[tuple[bytes, bytes, Description]]
) -> None:
    weights, graph, description = graphs[0]
    names = [f"net-{number}" for number in range(LOADED + 3)]
    for name in names:
        values = description.to_json() | {"name": name}
        publish_network(outbox, Description.from_json(values), weights, graph)
    networks = Networks(MODELS_FOLDER, outbox)
    said = [networks.probabilities(name, SEVEN) for name in [*names, *names]]
    assert all(np.array_equal(said[0], other) for other in said)
    assert len(networks._loaded) == LOADED


@pytest.mark.parametrize(
    "name",
    ["", "Lenet", "7", "a b", "a/b", "-a", "x" * 41, "fnn", "cnn_retrained", *sorted(ADDRESSES)],
)
def test_a_name_that_no_network_may_have_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_name(name)


def test_a_description_is_read_as_it_was_written(
    graphs: list[tuple[bytes, bytes, Description]],
) -> None:
    values = graphs[0][2].to_json() | {"figures": {"test": {"digits": 5, "loss": 1, "accuracy": 1}}}
    found = Description.from_json(values)
    assert found.figures == {"test": Figures(5, 1, 1)}
    assert found.to_json() == values
    for broken in (values | {"more": 1}, {}, values | {"made": "yesterday"}, {"figures": 7}):
        with pytest.raises(InvalidInput, match="cannot be read"):
            Description.from_json(broken)
