"""Measures the retrained nets on the test sets, a slice at a time, while nobody waits for them."""

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from sqlalchemy.exc import SQLAlchemyError

from functions import SIDE, FloatArray
from inkling.checkpoints import Arrays
from inkling.evaluation.metrics import (
    ANSWER,
    Labels,
    Score,
    Scores,
    score,
    score_answer,
    scores_to_json,
)
from inkling.evaluation.test_sets import TestSets
from inkling.journal.writer import Journal
from inkling.nets.registry import NETWORKS
from inkling.settings import Settings

DIGITS_A_SLICE = 250  # some 25 ms, nearly all of it the CNN's: so long may a label wait for it

log = logging.getLogger("inkling.background")


class Net(Protocol):
    """What an examined net must do."""

    def probabilities(self, digits: FloatArray) -> FloatArray: ...
    def state(self) -> Arrays: ...
    def load(self, state: Arrays) -> None: ...


class BackgroundEvaluation:
    """Scores a version to its end, then the newest one.

    It measures copies: where labels come faster than a version is measured, the nets move on
    meanwhile, and the figures are still those of one version. A failure never reaches the caller:
    learning goes on, whatever is wrong with measuring.
    """

    def __init__(
        self,
        nets: Mapping[str, Net],
        copies: Mapping[str, Net],
        journal: Journal,
        sets: TestSets,
    ) -> None:
        """`nets` are the trainer's own, `fnn` and `cnn`; `copies` are others of the same kinds."""
        self._nets, self._copies, self._journal, self._sets = nets, copies, journal, sets
        self._resting = not sets.names
        self._version = 0  # that is being measured; 0 when none is
        self._slices: Iterator[Scores | None] = iter(())
        newest = journal.newest_evaluation()
        # Other sets than last time: the same version is to be measured again.
        self._measured = newest[0] if newest and {*newest[1]} == {*sets.names} else 0

    def work(self, version: int) -> bool:
        """Do one slice for the nets' version; False where nothing is left to do.

        Version 0 is the originals, whose figures are shipped with them.
        """
        if self._resting or (version in (0, self._measured) and not self._version):
            return False
        try:
            self._slice(version)
        except SQLAlchemyError:
            log.exception("The figures of version %d are not stored.", self._version)
            self._measured, self._version = self._version, 0  # the next one gets another chance
        except (OSError, ValueError) as error:
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
        """The scores at last; None after each slice before."""
        scores: Scores = {}
        for name, (digits, labels) in self._sets.sets.items():
            said: dict[str, list[FloatArray]] = {net: [] for net in self._copies}
            for start in range(0, len(digits), DIGITS_A_SLICE):
                part = np.divide(digits[start : start + DIGITS_A_SLICE], 255, dtype=np.float32)
                for net, found in said.items():
                    found.append(self._copies[net].probabilities(part))
                yield None
            scores[name] = _scores(
                {net: np.concatenate(found) for net, found in said.items()}, labels
            )
        yield scores


def _scores(said: Mapping[str, FloatArray], labels: Labels) -> dict[str, Score]:
    """The scores of each retrained net's probabilities (n, 10), and of the app's answer."""
    found = {NETWORKS[net].retrained: score(given, labels) for net, given in said.items()}
    first, second = (given for net, given in said.items() if NETWORKS[net].votes)
    return found | {ANSWER: score_answer(first, second, labels)}


def open_background_evaluation(
    settings: Settings,
    nets: Mapping[str, Net],
    journal: Journal,
    copy: Callable[[], Mapping[str, Net]],
) -> BackgroundEvaluation | None:
    """An background on the files that the settings name; `copy` makes other nets of the same kinds.

    None where there is no such file; a line in the log tells of one that is missing.
    """
    paths = [Path(text) if text else None for text in (settings.test_mnist, settings.test_drawings)]
    if not any(paths):
        return None
    try:
        sets = TestSets(*paths)
    except ValueError as error:
        log.error("The retrained nets are not measured until the next start. %s", error)
        return None
    copies = copy()
    for net in copies.values():  # what is compiled at the first call is compiled before any label
        net.probabilities(np.zeros((DIGITS_A_SLICE, SIDE, SIDE), np.float32))
    return BackgroundEvaluation(nets, copies, journal, sets)
