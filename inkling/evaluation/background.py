"""Measures the retrained nets on the test sets, a slice at a time, while nobody waits for them."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from functions import FloatArray
from inkling import checkpoints
from inkling.checkpoints import Arrays
from inkling.errors import InklingError, InvalidInput
from inkling.evaluation.evaluate import score_models
from inkling.evaluation.metrics import Scores, scores_to_json
from inkling.evaluation.test_sets import TestSets
from inkling.journal.database import JournalUnavailable
from inkling.journal.writer import Journal
from inkling.nets.registry import RETRAINED, Net, build_all
from inkling.settings import Settings

DIGITS_A_SLICE = 60  # some 6 ms: so long may a label wait for it

log = logging.getLogger("inkling.background")


class Stateful(Protocol):
    """What a net must do whose weights are measured."""

    def state(self) -> Arrays: ...


class BackgroundEvaluation:
    """Scores a version to its end, then the newest one.

    It measures copies: where labels come faster than a version is measured, the nets move on
    meanwhile, and the figures are still those of one version. A failure never reaches the caller:
    learning goes on, whatever is wrong with measuring.
    """

    def __init__(
        self,
        nets: Mapping[str, Stateful],
        copies: Mapping[str, Net],
        journal: Journal,
        sets: TestSets,
    ) -> None:
        """Take the trainer's own nets, by network, and copies that serve weights of their kinds."""
        self._nets, self._copies, self._journal, self._sets = nets, copies, journal, sets
        self._resting = not sets.names
        self._version = 0  # that is being measured; 0 when none is
        self._slices: Iterator[Scores | None] = iter(())
        newest = journal.newest_evaluation()
        # Other sets than last time: the same version is to be measured again.
        self._measured = newest[0] if newest and {*newest[1]} == {*sets.names} else 0

    def work(self, version: int) -> bool:
        """Do one slice for the nets' version; return False where nothing is left to do.

        Version 0 is the originals, whose figures are shipped with them.
        """
        if self._resting or (version in (0, self._measured) and not self._version):
            return False
        try:
            self._slice(version)
        except JournalUnavailable as error:
            log.error("The figures of version %d are not stored. %s", self._version, error)
            self._measured, self._version = self._version, 0  # the next one gets another chance
        except (OSError, InklingError) as error:
            self._rest()
            log.error("The retrained nets are not measured until the next start. %s", error)
        except Exception:
            self._rest()
            log.exception("The retrained nets are not measured until the next start.")
        return True

    def _rest(self) -> None:
        self._resting, self._slices = True, iter(())

    def _slice(self, version: int) -> None:
        if not self._sets.ready:
            self._sets.prepare()
            return
        if not self._version:
            for name, net in self._nets.items():
                self._copies[name].load(net.state())
            self._version, self._slices = version, self._examine()
        scores = next(self._slices)
        if scores is not None:
            self._journal.add_evaluation(self._version, scores_to_json(scores))
            log.info("The retrained nets are measured at version %d.", self._version)
            self._measured, self._version = self._version, 0

    def _examine(self) -> Iterator[Scores | None]:
        """Yield None after each slice, and the scores at last."""
        scores: Scores = {}
        for name, (digits, labels) in self._sets.sets.items():
            said: dict[str, list[FloatArray]] = {net: [] for net in self._copies}
            for start in range(0, len(digits), DIGITS_A_SLICE):
                part = np.divide(digits[start : start + DIGITS_A_SLICE], 255, dtype=np.float32)
                for net, found in said.items():
                    found.append(self._copies[net].probabilities(part))
                yield None
            whole = {RETRAINED[net]: np.concatenate(found) for net, found in said.items()}
            scores[name] = score_models(whole, labels)
        yield scores


def open_background_evaluation(
    settings: Settings, nets: Mapping[str, Stateful], journal: Journal
) -> BackgroundEvaluation | None:
    """Return what measures the trainer's nets on the files that the settings name.

    Return None where there is no such file; a line in the log tells of one that is missing.
    """
    paths = [Path(text) if text else None for text in (settings.test_mnist, settings.test_drawings)]
    if not any(paths):
        return None
    try:
        sets = TestSets(*paths)
    except InvalidInput as error:
        log.error("The retrained nets are not measured until the next start. %s", error)
        return None
    weights = {name: net.state() for name, net in nets.items()}
    served = build_all(weights, checkpoints.graphs(settings.models_folder))
    return BackgroundEvaluation(nets, served, journal, sets)
