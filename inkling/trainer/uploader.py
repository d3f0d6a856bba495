"""The uploader: carries what the journal holds to the object store, in order, and tries again.

A thread of the trainer's process, so that learning never waits for the store. Everything that it
does may be done twice: a drawing or a set of weights is put under a name that nothing else has.
"""

import logging
import threading

from inkling.failpoints import failpoint
from inkling.journal.database import JournalUnavailable
from inkling.journal.outbox import Outbox, drawing_objects
from inkling.records import Drawing
from inkling.storage import keys
from inkling.storage.base import ObjectMissing, store_once
from inkling.trainer.trainer import LESSONS_A_COMMIT

DRAWINGS_A_TURN = 20  # before it looks for newer weights again
IDLE_SECONDS = 1.0  # between two looks into the outbox when nobody says that something is there
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # between two tries while the store is away
STOP_SECONDS = 3.0  # that a put in flight is waited for

log = logging.getLogger("inkling.uploader")


class Uploader:
    """Delivers an outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._woken, self._stopping = threading.Event(), threading.Event()
        # A daemon: a store that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)

    def start(self) -> None:
        """Deliver from now on, in a thread."""
        self._thread.start()

    def wake(self) -> None:
        """Tell the uploader that something new is in the outbox."""
        self._woken.set()

    def stop(self) -> None:
        """Finish the put in flight, if it does not take long, and end the thread."""
        self._stopping.set()
        self._woken.set()
        if self._thread.is_alive():  # not where what comes before its start has failed
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            try:
                busy = self.deliver()
            except (OSError, JournalUnavailable) as error:
                if not pause:
                    log.warning("Not stored yet, kept in the journal. %s", error)
                pause = min(2 * pause or FIRST_PAUSE, LONGEST_PAUSE)
                self._stopping.wait(pause)
            except Exception:
                log.exception("The uploader stumbled; it tries again.")
                self._stopping.wait(LONGEST_PAUSE)
            else:
                if pause:
                    log.info("The object store takes objects again.")
                pause = 0.0
                if not busy:
                    self._woken.wait(IDLE_SECONDS)
                    self._woken.clear()

    def deliver(self) -> bool:
        """Delete what is unwanted, carry the weights, then a few drawings; delete what was thinned.

        In this order: a drawing may have got back the label that it had.

        Return False where there was nothing to do. Raises OSError or JournalUnavailable when store
        or journal fail; what was carried before stays noted.
        """
        unwanted = self._outbox.delete_unwanted()
        carried = self._carry_weights()
        drawings = self._outbox.drawings(DRAWINGS_A_TURN)
        for drawing in drawings:
            self._carry(drawing)
        if carried:
            self._outbox.journal.compact()
        return self._delete_thinned() or unwanted or carried or bool(drawings)

    def _carry_weights(self) -> bool:
        carried = False
        for version, objects in self._outbox.versions().items():
            try:
                for name in objects.values():
                    store_once(self._outbox.store, name, self._outbox.get(name))
            except ObjectMissing:
                continue  # a newer version took its place meanwhile
            failpoint("object put")
            self._outbox.mark_version(version)
            failpoint("object noted")
            carried = True
        return carried

    def _carry(self, drawing: Drawing) -> None:
        for name, content in drawing_objects(drawing).items():
            store_once(self._outbox.store, name, content)
        failpoint("object put")
        if not self._outbox.mark_drawing(drawing):
            for name in drawing_objects(drawing):
                self._outbox.store.delete(name)
        failpoint("object noted")

    def _delete_thinned(self) -> bool:
        thinned = self._outbox.thinned()
        for version, objects in thinned.items():
            for name in objects.values():
                self._outbox.store.delete(name)
            self._outbox.mark_deleted(version)
        return bool(thinned)

    def sweep(self) -> None:
        """Delete weights that no version names: what a killed trainer left in a folder.

        Call it only before anything is learned: a step's weights are stored before their version is
        named. Where the store has weights that are far newer than the journal, or the journal is
        empty, it is another than the one that they belong to, and nothing is deleted.
        """
        found = [*self._outbox.store.names(keys.WEIGHTS)]
        with self._outbox.journal.alone():  # whoever was storing weights has named them now
            named = self._outbox.journal.kept_objects()
        strays = [name for name in found if name not in named]
        newest = max((keys.version_of(name) for name in strays), default=0)
        current = self._outbox.journal.current_version()
        empty = not any(self._outbox.journal.counts().values())
        if newest > current + LESSONS_A_COMMIT or (strays and empty):
            log.error(
                "The object store has weights of version %d, the journal ends at %d. Nothing is "
                "deleted. Restore the journal, or give it another folder or S3_PREFIX.",
                newest,
                current,
            )
            return
        for name in strays:
            self._outbox.store.delete(name)
