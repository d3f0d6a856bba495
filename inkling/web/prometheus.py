"""What the journal can tell a monitoring system, in Prometheus's text format.

Every figure comes from the journal or the trainer's lock: each web worker gives the same ones.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from inkling.coordination.coordination import Lock
from inkling.journal.history import left_out
from inkling.journal.outbox import Outbox


class JournalCollector(Collector):
    """Reads the figures afresh at every scrape."""

    def __init__(self, outbox: Outbox, trainer: Lock) -> None:
        self._outbox, self._trainer = outbox, trainer

    def collect(self) -> Iterator[Metric]:
        drawings = GaugeMetricFamily(
            "inkling_drawings", "Labelled drawings in the journal, by state.", labels=["state"]
        )
        for state, count in self._outbox.journal.counts().items():
            drawings.add_metric([state], count)
        yield drawings
        yield GaugeMetricFamily(
            "inkling_no_digits",
            "Collected drawings that were called no digit.",
            value=self._outbox.journal.no_digits(),
        )
        yield GaugeMetricFamily(
            "inkling_version",
            "Number of the newest retrained weights.",
            value=self._outbox.journal.current_version(),
        )
        yield GaugeMetricFamily(
            "inkling_left_out",
            "Lessons that were taken out of the weights: forgotten, or left out by gate or person.",
            value=left_out(self._outbox.journal),
        )
        yield GaugeMetricFamily(
            "inkling_trainer_running",
            "1 while a trainer is ready to learn.",
            value=float(self._trainer.is_announced()),
        )
        unstored = self._outbox.counts()
        waiting = GaugeMetricFamily(
            "inkling_unstored",
            "What the journal holds and the object store does not have yet.",
            labels=["what"],
        )
        waiting.add_metric(["drawings"], unstored.drawings)
        waiting.add_metric(["versions"], unstored.versions)
        yield waiting
        yield GaugeMetricFamily(
            "inkling_oldest_queued_seconds",
            "Age of the label that waits longest to be learned; 0 where none does.",
            value=self._outbox.journal.oldest_queued_seconds(),
        )


def exposition(outbox: Outbox, trainer: Lock) -> bytes:
    """Return the metrics page."""
    registry = CollectorRegistry()
    registry.register(JournalCollector(outbox, trainer))
    return generate_latest(registry)
