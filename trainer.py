"""The learning loop: labelled drawings in order, one step per net, a version, a receipt.

One process runs it at a time (`trainer_process.py`). It may be killed anywhere: weights get new
names, and rows and version change in one transaction; what was not committed is done again from
the same weights.
"""

import logging
import uuid
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

import faults
import weights
from functions import augment, decode_png, encode_png, process_image
from journal import Drawing, Lesson
from measuring.examiner import Examiner, open_examiner
from outbox import Outbox
from settings import Settings
from two_layer_net import FloatArray, IntArray, TwoLayerNet

log = logging.getLogger("inkling.trainer")

Receipt = dict[str, dict[str, float]]


class Net(Protocol):
    """What both nets can do."""

    def probabilities(self, digits: FloatArray) -> FloatArray: ...
    def step(self, digits: FloatArray, labels: IntArray) -> float: ...
    def state(self) -> weights.Arrays: ...
    def load(self, state: weights.Arrays) -> None: ...


class CannotLearn(ValueError):
    """A drawing that the nets cannot learn from. The message says why; they may be half changed."""


def learn(nets: Mapping[str, Net], drawing: Drawing) -> Receipt:
    """One step of every net on 24 variants of a drawing; how each saw it before and after.

    `nets` goes by `fnn` and `cnn`. Equal nets and drawings give equal results.
    """
    try:
        grey = decode_png(drawing.png)
        digit, variants = process_image(grey), augment(grey, drawing.seed)
        if digit is None or variants is None:
            raise CannotLearn("Nothing is drawn.")
        labels = np.full(len(variants), drawing.label)
        return {
            weights.RETRAINED[name]: _step(net, digit, variants, labels)
            for name, net in nets.items()
        }
    except (CannotLearn, MemoryError):
        raise
    except Exception as error:
        raise CannotLearn(f"{type(error).__name__}: {error}") from error


def _step(net: Net, digit: FloatArray, variants: FloatArray, labels: IntArray) -> dict[str, float]:
    before = net.probabilities(digit[np.newaxis])[0, labels[0]]
    loss = net.step(variants, labels)
    after = net.probabilities(digit[np.newaxis])[0, labels[0]]
    if not np.isfinite((loss, after)).all():
        raise CannotLearn("The step would have made weights infinite.")
    return {"before": round(float(before), 6), "after": round(float(after), 6)}


class Trainer:
    """Moves the retrained weights, one drawing after another."""

    def __init__(
        self,
        outbox: Outbox,
        originals: Mapping[str, weights.Arrays],
        nets: Mapping[str, Net],
        examiner: Examiner | None = None,
    ) -> None:
        """`originals` and `nets` go by `fnn` and `cnn`; what the nets hold is replaced.

        `examiner` measures these nets while there is nothing to learn.
        """
        self._examiner = examiner
        self.outbox, self.journal = outbox, outbox.journal
        self._originals, self.nets = originals, nets
        remote = outbox.store.remote
        self._lessons_a_commit = weights.LESSONS_HELD if remote else weights.LESSONS_A_COMMIT
        self.reload()

    def reload(self) -> None:
        """Take up the journal's newest version, whatever this process held before."""
        self.version = self.journal.current_version()
        objects = self.journal.objects(self.version) or {}
        for name, net in self.nets.items():
            state = dict(self._originals[name])
            for part in weights.PARTS[name]:
                if part in objects:
                    state |= weights.get(self.outbox, objects[part])
            net.load(state)
        self._stale = False

    def work(self) -> bool:
        """Do what is most urgent; False if idle.

        Learn a few labels, else measure a slice of the nets.
        """
        if self._stale:
            self.reload()
        drawings = self.journal.queued(self._lessons_a_commit)
        if not drawings:
            return self._examiner is not None and self._examiner.work(self.version)
        try:
            self._learn(drawings)
        except BaseException:
            self._stale = True  # the nets may hold what was not committed
            raise
        return True

    def _learn(self, drawings: Sequence[Drawing]) -> None:
        lessons: list[Lesson] = []
        for version, drawing in enumerate(drawings, start=self.version + 1):
            try:
                lessons.append(Lesson(drawing, version, learn(self.nets, drawing)))
            except CannotLearn as error:
                log.warning("Drawing %s is not learned. %s", drawing.id, error)
                self.journal.reject(drawing.id, str(error))
                self.reload()  # the failed step may have changed the nets by half
                return  # those before it are learned again, from the same weights
        self._publish(lessons)

    def _publish(self, lessons: Sequence[Lesson]) -> None:
        version = lessons[-1].version
        objects, contents = {}, {}
        for net, state in ((name, net.state()) for name, net in self.nets.items()):
            for part, arrays in weights.parts(net, state).items():
                objects[part], content = weights.named(version, part, arrays)
                contents[objects[part]] = content
        faults.reach("steps taken")
        held = self.outbox.publish(contents)
        faults.reach("weights stored")
        thinned = [n for n in self.journal.kept_versions() if not weights.kept(n, version)]
        self.journal.commit(lessons, objects, held, thinned)
        faults.reach("version committed")
        self.version = version


def both_nets(originals: Mapping[str, weights.Arrays]) -> dict[str, Net]:
    """Both nets with these weights. Imports TensorFlow, which takes some 4 s the first time."""
    from conv_net import ConvNet

    return {"fnn": TwoLayerNet(originals["fnn"]), "cnn": ConvNet(originals["cnn"])}


def warm_nets(originals: Mapping[str, weights.Arrays]) -> dict[str, Net]:
    """Both nets, compiled, so that the first visitor does not wait for it."""
    nets = both_nets(originals)
    grey = np.full((28, 28), 255, np.uint8)
    grey[10:18, 12:16] = 0
    learn(nets, Drawing(str(uuid.uuid4()), 0, encode_png(grey), {}, 0))
    return nets


def open_trainer(
    settings: Settings,
    outbox: Outbox,
    originals: Mapping[str, weights.Arrays],
    nets: Mapping[str, Net],
) -> Trainer:
    """A trainer of these nets at the journal's newest version, which also measures them."""
    examiner = open_examiner(settings, nets, outbox.journal, copy=lambda: both_nets(originals))
    return Trainer(outbox, originals, nets, examiner)
