"""What the journal can tell a monitoring system, in Prometheus's text format.

Every figure comes from the journal or the lock, so that each web worker gives the same answer.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from journal import Journal
from lock import TrainerLock


class JournalCollector(Collector):
    """Reads the figures afresh at every scrape."""

    def __init__(self, journal: Journal, lock: TrainerLock) -> None:
        self._journal, self._lock = journal, lock

    def collect(self) -> Iterator[Metric]:
        drawings = GaugeMetricFamily(
            "inkling_drawings", "Labelled drawings in the journal, by state.", labels=["state"]
        )
        for state, count in self._journal.counts().items():
            drawings.add_metric([state], count)
        yield drawings
        yield GaugeMetricFamily(
            "inkling_version",
            "Number of the newest retrained weights.",
            value=self._journal.current_version(),
        )
        yield GaugeMetricFamily(
            "inkling_trainer_running",
            "1 while a trainer holds the lock.",
            value=float(self._lock.is_held()),
        )


def exposition(journal: Journal, lock: TrainerLock) -> bytes:
    """The metrics page."""
    registry = CollectorRegistry()
    registry.register(JournalCollector(journal, lock))
    return generate_latest(registry)
