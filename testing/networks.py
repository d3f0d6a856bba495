"""Networks of a test's own: a shipped one under another name, without a training."""

from dataclasses import replace
from typing import Any

from inkling.journal.networks import NetworkRow, publish_network
from inkling.journal.outbox import Outbox
from inkling.nets.shipped import shipped_graph, shipped_networks, shipped_weights
from inkling.settings import Settings

SHIPPED = "bn-cnn"


def publish_copy(outbox: Outbox, name: str, **told: Any) -> NetworkRow:
    """Publish the shipped network under this name; `told` is what its description says instead."""
    folder = Settings().models_folder
    description = replace(shipped_networks(folder)[SHIPPED], name=name, **told)
    weights, graph = shipped_weights(folder, SHIPPED), shipped_graph(folder, SHIPPED)
    return publish_network(outbox, description, weights, graph)
