"""The learning loop: labelled drawings in order, one step per net, a version, a receipt.

One process runs it at a time, by a lock that dies with it. It may be killed anywhere: weights are
written under new names first, then rows and version change in one transaction; what was not
committed is done again from the same weights.
"""

import json
import logging
import os
import signal
import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

import weights
from bell import Bell
from functions import augment, decode_png, encode_png, process_image
from journal import Drawing, Journal, Lesson, open_journal
from lock import TrainerLock
from measuring.examiner import Examiner, open_examiner
from settings import Settings
from storage import ObjectStore, open_store
from two_layer_net import FloatArray, IntArray, TwoLayerNet

LESSONS_A_COMMIT = 8  # under load, this many lessons share one write of weights
DRAWINGS_A_TURN = 20  # that are filed before the trainer looks for new labels again
IDLE_SECONDS = 0.5  # between two looks at the journal when no bell rings
RETRY_SECONDS = 1.0  # after a failure of disk or database

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
        journal: Journal,
        store: ObjectStore,
        originals: Mapping[str, weights.Arrays],
        nets: Mapping[str, Net],
        examiner: Examiner | None = None,
    ) -> None:
        """`originals` and `nets` go by `fnn` and `cnn`; what the nets hold is replaced.

        `examiner` measures these nets while there is nothing to learn.
        """
        self._examiner = examiner
        self.journal, self.store = journal, store
        self._originals, self.nets = originals, nets
        self.reload()

    def reload(self) -> None:
        """Take up the journal's newest version, whatever this process held before."""
        self.version = self.journal.current_version()
        objects = self.journal.objects(self.version) or {}
        for name, net in self.nets.items():
            state = dict(self._originals[name])
            for part in weights.PARTS[name]:
                if part in objects:
                    state |= weights.get(self.store, objects[part])
            net.load(state)
        self._stale = False

    def work(self) -> bool:
        """Do what is most urgent; False if idle.

        Learn a few labels, else file a few drawings, else measure a slice of the nets.
        """
        if self._stale:
            self.reload()
        drawings = self.journal.queued(LESSONS_A_COMMIT)
        if not drawings:
            return self._file_drawings() or self._examine()
        try:
            self._learn(drawings)
        except BaseException:
            self._stale = True  # the nets may hold what was not committed
            raise
        return True

    def _learn(self, drawings: Sequence[Drawing]) -> None:
        lessons: list[Lesson] = []
        try:
            for version, drawing in enumerate(drawings, start=self.version + 1):
                lessons.append(Lesson(drawing, version, learn(self.nets, drawing)))
        except CannotLearn as error:
            self.reload()  # the failed step may have changed the nets by half
            if len(drawings) > 1:
                for one in drawings:
                    self._learn([one])
            else:
                log.warning("Drawing %s is not learned. %s", drawings[0].id, error)
                self.journal.reject(drawings[0].id, str(error))
        else:
            self._publish(lessons)

    def _publish(self, lessons: Sequence[Lesson]) -> None:
        version = lessons[-1].version
        parts = {
            part: arrays
            for name, net in self.nets.items()
            for part, arrays in weights.parts(name, net.state()).items()
        }
        with ThreadPoolExecutor() as pool:  # most of the time goes to waiting for the disk
            names = pool.map(lambda part: weights.put(self.store, version, *part), parts.items())
            objects = dict(zip(parts, names, strict=True))
        self.journal.commit(lessons, objects)
        self.version = version
        self.thin()

    def thin(self) -> None:
        """Remove the weights of old versions, so that few are kept for ever."""
        stored = self.journal.stored_versions()
        gone = [number for number in stored if not weights.kept(number, self.version)]
        if gone:
            self.journal.forget_objects(gone)  # first: a row must never name a missing object
            for number in gone:
                for name in stored[number].values():
                    self.store.delete(name)

    def sweep(self) -> None:
        """Remove weights that no version names: what a killed trainer left behind."""
        named = {
            name for objects in self.journal.stored_versions().values() for name in objects.values()
        }
        for name in list(self.store.names("weights/")):
            if name not in named:
                self.store.delete(name)

    def _file_drawings(self) -> bool:
        drawings = self.journal.unstored(DRAWINGS_A_TURN)
        for drawing in drawings:
            name = f"drawings/{drawing.label}/{drawing.id}"
            self.store.put(f"{name}.png", drawing.png)
            if drawing.strokes is not None:
                self.store.put(f"{name}.json", json.dumps(drawing.strokes).encode())
        if drawings:
            self.journal.mark_stored(drawing.id for drawing in drawings)
        return bool(drawings)

    def _examine(self) -> bool:
        return self._examiner is not None and self._examiner.work(self.version)


def run(settings: Settings, parent: int | None = None) -> None:
    """Be the trainer until SIGTERM or SIGINT comes, or `parent`, the server's process, is gone.

    While another process is the trainer, wait. A step in flight is finished.
    """
    stopping = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until it is ready, it may end at any moment

    def stopped() -> bool:
        return stopping.is_set() or (parent is not None and os.getppid() != parent)

    lock = TrainerLock(settings.trainer_lock)
    while not lock.acquire():
        if stopped():
            return
        stopping.wait(IDLE_SECONDS)
    bell = Bell(settings.bell)
    trainer = open_trainer(settings)
    trainer.sweep()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    log.info("The trainer is ready at version %d.", trainer.version)
    while not stopped():
        try:
            if not trainer.work():
                bell.wait(IDLE_SECONDS)
        except Exception:
            # Disk or database: nothing is lost, the journal still has every row. Try again.
            log.exception("Learning failed; trying again in %s s.", RETRY_SECONDS)
            stopping.wait(RETRY_SECONDS)
    log.info("The trainer stops at version %d.", trainer.version)


def open_trainer(settings: Settings) -> Trainer:
    """A trainer of both nets on the settings' journal and store."""
    from conv_net import ConvNet  # 4 s, once this process is to be the trainer

    originals = weights.originals(settings.models_folder)

    def make() -> dict[str, Net]:
        return {"fnn": TwoLayerNet(originals["fnn"]), "cnn": ConvNet(originals["cnn"])}

    nets = make()
    _warm_up(nets)
    journal = open_journal(settings)
    examiner = open_examiner(settings, nets, journal, copy=make)
    return Trainer(journal, open_store(settings), originals, nets, examiner)


def _warm_up(nets: Mapping[str, Net]) -> None:
    """Compile everything with a step on a dot, so that the first visitor does not wait for it."""
    grey = np.full((28, 28), 255, np.uint8)
    grey[10:18, 12:16] = 0
    learn(nets, Drawing(str(uuid.uuid4()), 0, encode_png(grey), {}, 0))
