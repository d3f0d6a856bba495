"""The learning loop: labelled drawings in order, one step per net, a version, a receipt.

One process runs it at a time (`worker.py`). It may be killed anywhere: rows and version change in
one transaction; what was not committed is done again, and what was, but whose weights were not
stored yet (`saver.py`), is learned again to the same bits.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from inkling import checkpoints
from inkling.errors import InklingError
from inkling.evaluation.background import BackgroundEvaluation, open_background_evaluation
from inkling.failpoints import failpoint
from inkling.history.catch_up import CaughtUp, catch_up
from inkling.history.leave_out import leave_out
from inkling.history.remake import remake_newest
from inkling.history.replay import Progress
from inkling.journal.outbox import Outbox
from inkling.learning.gate import Drift
from inkling.learning.learner import SHIPPED, Learner, LearningNet, build_learner
from inkling.learning.replay_buffer import CannotLearn, Refused
from inkling.learning.rule import LEARNING_RULES, MEMORY, LearningRule
from inkling.learning.steering import SHARE, WINDOW, attempts, digits_to_check, doubtful, steers
from inkling.live_weights import LiveVersion, LiveWeights
from inkling.records import Drawing, LearnedDigit, Lesson, Receipt
from inkling.rejections import Rejection
from inkling.settings import Settings
from inkling.storage.base import ObjectMissing
from inkling.trainer.saver import PACE, WeightsSaver

LESSONS_A_COMMIT = 8  # under load so many lessons share a transaction, and what is shown of them

log = logging.getLogger("inkling.trainer")


class OtherRule(InklingError):
    """The newest weights learned by another rule than the one that is set."""


class Trainer:
    """Moves the retrained weights, one drawing after another."""

    def __init__(
        self,
        outbox: Outbox,
        originals: Mapping[str, checkpoints.Arrays],
        nets: Mapping[str, LearningNet],
        background: BackgroundEvaluation | None = None,
        remaking: Progress = lambda done, of: None,
        screened: bool = True,
        live: LiveWeights | None = None,
        saver: WeightsSaver | None = None,
    ) -> None:
        """Take `originals` and `nets` by `fnn` and `cnn`; what the nets hold is replaced.

        `background` measures these nets while there is nothing to learn. `remaking` is told of each
        label that lost weights are made anew of, which may take long: what it raises ends that.
        `screened`: whether screen and gate judge labels. `live`: where web workers on this machine
        look for the newest weights. `saver` stores them, by default at once.
        """
        self._background, self._remaking, self._screened = background, remaking, screened
        self.outbox, self.journal = outbox, outbox.journal
        self._originals, self._live = originals, live
        self._saver = saver or WeightsSaver(outbox)
        self.nets = nets if isinstance(nets, Learner) else Learner(nets, originals)
        self._rule = self.nets.rule.name
        self.reload()

    def reload(self) -> None:
        """Take up the journal's newest version, whatever this process held before."""
        self._stale = True  # also where this fails halfway
        self._hide()
        self.nets.follow(self._rule)  # after weights that had learned by another one
        try:
            found = self._catch_up()
        except (ObjectMissing, checkpoints.BadWeights) as error:
            self._remake(error.message)
            found = self._catch_up()
        self._earlier = found.earlier
        self._learned_by = self.journal.rule(found.version)
        self.version, self._stale = found.version, False
        self._saver.saved = found.stored
        self._saver.look(self.version, self.nets.states)

    def _catch_up(self) -> CaughtUp:
        return catch_up(self.outbox, self._originals, self.nets, self._remaking)

    def _remake(self, why: str) -> None:
        """Make the newest weights anew, which nothing has any more."""
        log.warning("The newest weights are lost. %s They are made anew from the journal.", why)
        made = remake_newest(self.outbox, self._originals, self.nets, self._remaking)
        how = "bit for bit" if made.exact else "learned by the rule and the originals of today"
        log.warning(
            "The weights of version %d are there again, %s; labels learned again: %d.",
            made.version,
            how,
            made.learned,
        )

    def work(self) -> bool:
        """Do what is most urgent; return False if there was nothing to do.

        Learn a few labels, else measure a slice of the nets.
        """
        if self._stale or self.journal.current_version() != self.version:
            self.reload()  # after a failure, or a version that no lesson made
        self._saver.look(self.version, self.nets.states)
        drawings = self.journal.queued(LESSONS_A_COMMIT)
        if not drawings:
            return self._background is not None and self._background.work(self.version)
        self._check_rule()
        try:
            self._learn(drawings)
        except BaseException:
            self._stale = True  # the nets may hold what was not committed
            raise
        return True

    def pause(self, longest: float) -> float:
        """Return for how many seconds there is nothing to do, if no label comes; at most longest.

        Until then the newest weights may wait to be stored.
        """
        return min(longest, self._saver.seconds_left(self.version))

    def _check_rule(self) -> None:
        """Raise OtherRule where the newest weights learned by another rule than is set."""
        rule = self._learned_by
        if rule in (None, self._rule):
            return
        if rule not in LEARNING_RULES:
            raise OtherRule(
                f"The newest weights learned by the rule {rule}, which is no more: labels wait.",
                "Learn all labels again: inkling relearn.",
            )
        raise OtherRule(
            f"The newest weights learned by the rule {rule}, and LEARNING_RULE is "
            f"{self._rule}: labels wait.",
            f"Set LEARNING_RULE={rule}, or learn all labels again: inkling relearn.",
        )

    def _learn(self, drawings: Sequence[Drawing]) -> None:
        lessons: list[Lesson] = []
        for drawing in drawings:
            version = self.version + len(lessons) + 1
            try:
                lessons.append(Lesson(drawing, version, self._step(drawing)))
            except Refused as refused:
                self._reject(drawing, refused.rejection)
            except CannotLearn as error:
                self._reject(drawing, error.rejection)
                self.reload()  # the failed step may have changed the nets by half
                return  # those before it are learned again, from the same weights
        if not lessons:
            return
        drift = self._drift_of(lessons)
        suspected = self._suspected(drift) if drift else []
        if drift is None or not (suspected or self._doubtful(lessons, drift)):
            self._publish(lessons)  # there is nothing to take out
        elif len(lessons) == 1:
            self._answer(lessons[0], suspected, drift)
        else:  # go back to the last version, and learn one by one, to find out which it was
            self._stale = True
            for lesson in lessons:
                if self._stale:
                    self.reload()
                self._learn([lesson.drawing])

    def _step(self, drawing: Drawing) -> Receipt:
        return self.nets.learn(drawing, screened=self._screened and not drawing.accepted)

    def _drift_of(self, lessons: Sequence[Lesson]) -> Drift | None:
        if not self._screened or all(lesson.drawing.accepted for lesson in lessons):
            return None
        labels = [lesson.drawing.label for lesson in lessons]
        return self.nets.drift(digits_to_check(labels, lessons[-1].version))

    def _suspected(self, drift: Drift) -> list[LearnedDigit]:
        return doubtful(self.nets, self.journal.latest_lessons(WINDOW), drift.towards)

    def _doubtful(self, lessons: Sequence[Lesson], drift: Drift) -> list[Drawing]:
        return doubtful(self.nets, [lesson.drawing for lesson in lessons], drift.towards)

    def _answer(self, lesson: Lesson, suspected: Sequence[LearnedDigit], drift: Drift) -> None:
        """Take out of the nets what moved a digit too far towards another, perhaps this lesson too.

        Nobody else's labels are refused for it.
        """
        if self._doubtful([lesson], drift):
            self._stale = True  # the nets have learned it
            self._reject(lesson.drawing, steers(drift))
        else:
            self._publish([lesson])
        if suspected:
            self._leave_out(suspected, drift)

    def _leave_out(self, suspected: Sequence[LearnedDigit], drift: Drift) -> None:
        self._stale, rejection = True, steers(drift)
        for chosen in attempts(suspected):
            ids = [digit.id for digit in chosen]

            def is_enough(count: int = len(chosen)) -> bool:
                return count == len(suspected) or self.nets.is_within(drift, SHARE)

            done = leave_out(self.outbox, self._originals, self.nets, ids, rejection, is_enough)
            if done:
                log.warning("%d labels left out. %s", len(chosen), rejection.for_operator())
                return

    def _reject(self, drawing: Drawing, rejection: Rejection) -> None:
        log.warning("Drawing %s is not learned. %s", drawing.id, rejection.for_operator())
        self.journal.reject(drawing.id, rejection)

    def _publish(self, lessons: Sequence[Lesson]) -> None:
        failpoint("steps taken")
        self.journal.commit(lessons, self._rule)
        failpoint("version committed")
        self.nets.memory.let_go()
        self._earlier.add([lesson.version for lesson in lessons])
        self.version = lessons[-1].version
        self._show(lessons[-1])
        self._saver.look(self.version, self.nets.states)

    def _show(self, lesson: Lesson) -> None:
        """Leave the newest weights where web workers on this machine look for them."""
        if self._live is None:
            return
        made = LiveVersion(lesson.version, lesson.drawing.id)
        try:
            self._live.write(made, {name: net.weights for name, net in self.nets.items()})
        except OSError as error:  # web workers wait for those that are stored
            log.warning("The newest weights are not shown to this machine's web workers. %s", error)

    def _hide(self) -> None:
        """Remove the weights that are shown: they may hold what was undone or forgotten since."""
        try:
            if self._live:
                self._live.remove()
        except OSError as error:
            log.warning("Weights that are shown cannot be removed. %s", error)

    def close(self) -> None:
        """Store what is not stored yet."""
        if not self._stale:
            self._saver.close(self.version, self.nets.states)


def warm_nets(
    originals: Mapping[str, checkpoints.Arrays],
    models_folder: Path = SHIPPED,
    rule: LearningRule = MEMORY,
) -> Learner:
    """Return all nets that learn, warmed up, so that the first visitor does not wait for it."""
    nets = build_learner(originals, rule, models_folder)
    grey = np.full((28, 28), 255, np.uint8)
    grey[10:18, 12:16] = 0
    for _ in range(2):  # the second time there is an earlier drawing
        nets.learn(Drawing.of(0, grey))
    nets.drift([0])
    return nets


def open_trainer(
    settings: Settings,
    outbox: Outbox,
    originals: Mapping[str, checkpoints.Arrays],
    nets: Mapping[str, LearningNet],
    remaking: Progress = lambda done, of: None,
    saved: Callable[[], None] = lambda: None,
) -> Trainer:
    """Return a trainer of these nets at the journal's newest version; it also measures them.

    `saved` is called by a thread after each time that weights were stored.
    """
    background = open_background_evaluation(settings, nets, outbox.journal)
    return Trainer(
        outbox,
        originals,
        nets,
        background,
        remaking,
        screened=settings.screen == "yes",
        live=LiveWeights(settings.tmp_folder),
        saver=WeightsSaver(outbox, PACE, saved),
    )
