"""Whole Inklings of real processes that tests disturb, and what must be true of them afterwards."""

import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import sqlalchemy as sql

from inkling import checkpoints
from inkling.journal.database import JournalUnavailable
from inkling.journal.outbox import Outbox, Unstored
from inkling.journal.schema import versions
from inkling.journal.writer import Journal
from inkling.learning.learner import Learner
from inkling.records import COLLECTED, QUEUED, REJECTED, TRAINED, Drawing
from inkling.settings import ROOT, load_settings
from inkling.storage.base import ObjectStore
from inkling.storage.folder import FolderStore
from inkling.storage.s3 import Credentials, S3Store
from testing.ceph import Ceph
from testing.faulty_s3 import FaultyS3
from testing.live import Server, Worker, wait_until
from testing.postgres import Cluster, new_database
from testing.s3_server import KEY, SECRET
from testing.visitors import Visitors, ask
from two_layer_net import TwoLayerNet

EMPTY: Mapping[str, str] = {}
QUICK = {"RECEIPT_WAIT": "0.3"}  # for visitors whose trainer is dead


class Deployment:
    """A server, dedicated trainers where there are any, their journal and their object store."""

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        workers: int = 0,
        cluster: Cluster | None = None,
        s3: FaultyS3 | Ceph | None = None,
    ) -> None:
        self.folder, self.environ, self.cluster, self.s3 = folder, dict(environ), cluster, s3
        self.server = Server(folder, **self.environ)
        self.workers = [self.add_worker(n) for n in range(workers)]
        folders = {"INSTANCE_FOLDER": str(folder / "instance")}
        self.journal = Journal(load_settings(folders | self.environ).journal_url)
        self.store = self._open_store()
        self.outbox = Outbox(self.journal, self.store)
        self.visitors = Visitors(self.server.url)
        originals = checkpoints.originals(ROOT / "models")
        self._undisturbed = Learner({"fnn": TwoLayerNet(originals["fnn"])}, originals)
        self._replayed = 0

    def add_worker(self, n: int, **environ: str) -> Worker:
        """Start a dedicated trainer, as on another machine: web workers do not see its files."""
        own = {"TMP_FOLDER": str(self.folder / f"worker-{n}-tmp")}
        return Worker(self.folder, f"worker-{n}", **self.environ | own | environ)

    def _open_store(self) -> ObjectStore:
        """The store as it is, behind the proxy that misbehaves."""
        if self.s3:
            upstream = f"http://{self.s3.upstream}"
            return S3Store(self.s3.bucket, "", upstream, Credentials(KEY, SECRET, "us-east-1"))
        return FolderStore(self.folder / "instance" / "objects", self.folder / "tmp")

    def log(self) -> str:
        """What all of its processes said."""
        return self.server.log() + "".join(worker.log() for worker in self.workers)

    def trainers(self) -> list[psutil.Process]:
        """Every process that learns or waits to."""
        alone = [psutil.Process(w.process.pid) for w in self.workers if w.process.poll() is None]
        return alone + (self.server.trainers() if self.server.process.poll() is None else [])

    def wait_for_trainer(self) -> None:
        """Wait until a trainer learns."""
        wait_until(lambda: "The trainer is ready" in self.log())

    def kill(self, what: str, but: int = 0) -> None:
        """SIGKILL to a process of this kind, never to the one with the number `but`."""
        found = {
            "web server": lambda: [psutil.Process(self.server.process.pid)],
            "web worker": self.server.workers,
            "trainer": self.trainers,
            "database": self.backends,
        }[what]
        wait_until(lambda: any(p.pid != but for p in found()))
        process = next(p for p in found() if p.pid != but)
        process.kill()
        process.wait(30)

    def backends(self) -> list[psutil.Process]:
        """PostgreSQL's processes that serve this deployment."""
        assert self.cluster
        found = psutil.Process(self.cluster.postmaster).children()
        return [p for p in found if "inkling" in " ".join(p.cmdline())]

    def mend(self) -> None:
        """Start again what has ended, as every host does."""
        if self.server.process.poll() is not None:
            wait_until(lambda: not is_listened_to(self.server.port))  # orphans go by themselves
            self.server.start()
        for worker in self.workers:
            if worker.process.poll() is not None:
                worker.start()

    def labelling(self, count: int, clients: int = 3) -> AbstractContextManager[None]:
        """So many labels arrive meanwhile; at the block's end each of them was answered."""
        return self.visitors.labelling(count, clients, self.mend)

    def is_well(self) -> bool:
        """Whether all is learned, stored and served; starts again what has ended."""
        self.mend()
        try:
            if self.journal.counts()[QUEUED] or self.outbox.counts() != Unstored(0, 0):
                return False
            status, said = ask(f"{self.server.url}/readyz")
            newest = self.journal.current_version()
            if self.journal.newest_stored() != newest:
                return False
        except (OSError, ValueError, JournalUnavailable):
            return False
        return status == 200 and said["version"] == newest

    def check(self) -> None:
        """Rows answered = rows stored = rows trained once; the weights are what they imply."""
        wait_until(self.is_well, 120)
        every = [*self.journal.labelled((QUEUED, TRAINED, REJECTED, COLLECTED))]
        lessons = [*self.journal.lessons()]
        assert {d.id: d.label for d in every} == self.visitors.answered
        assert {d.state for d in every} <= {TRAINED}
        assert [d.version for d in lessons] == list(range(1, len(every) + 1))
        assert self._versions() == [(d.version, d.id) for d in lessons]
        self._check_receipts(lessons)
        self._check_weights(lessons)
        self._check_store(lessons)
        self._replayed = len(lessons)
        assert self.visitors.predict()["models"]

    def _versions(self) -> list[tuple[int, str]]:
        query = sql.select(versions.c.number, versions.c.drawing).order_by(versions.c.number)
        with self.journal.read() as connection:
            return [(number, drawing) for number, drawing in connection.execute(query)]

    def _check_receipts(self, lessons: list[Drawing]) -> None:
        found = {d.id: (d.version, d.receipt) for d in lessons}
        said = self.visitors.receipts.items()
        assert {id: (s["version"], s["receipt"]) for id, s in said}.items() <= found.items()

    def _check_weights(self, lessons: list[Drawing]) -> None:
        """The FNN is, bit for bit, what a run over the same rows gives that nothing disturbed."""
        for drawing in lessons[self._replayed :]:
            self._undisturbed.learn(drawing)
        expected = checkpoints.parts("fnn", self._undisturbed["fnn"].state())["fnn"]
        objects = self.journal.objects(len(lessons)) or {}
        kept = checkpoints.get(self.outbox, objects["fnn"])
        assert kept.keys() == expected.keys()
        assert all(kept[name].tobytes() == expected[name].tobytes() for name in expected)

    def _check_store(self, lessons: list[Drawing]) -> None:
        """The object store has every drawing, and the weights that the journal names."""
        for drawing in lessons[self._replayed :]:
            assert self.store.get(f"drawings/{drawing.label}/{drawing.id}.png") == drawing.png
        for name in (self.journal.objects(len(lessons)) or {}).values():
            checkpoints.get(self.store, name)

    def stop(self) -> None:
        self.journal.close()
        parts: list[Server | Worker] = [*self.workers, self.server]
        for part in parts:
            if part.process.poll() is None:
                part.process.send_signal(signal.SIGCONT)
                part.stop()


def is_listened_to(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:  # refused, or reset by a server that is just being killed
        return False


def everything(deployment: Deployment) -> None:
    """SIGKILL to the server with all of its children at once, as when the power fails."""
    os.killpg(deployment.server.process.pid, signal.SIGKILL)
    deployment.server.process.wait()


@contextmanager
def embedded(
    folder: Path, environ: Mapping[str, str] = EMPTY, workers: int = 0
) -> Iterator[Deployment]:
    """The default: one server with its trainer, SQLite and a folder."""
    deployment = Deployment(folder, environ, workers)
    try:
        yield deployment
    finally:
        deployment.stop()


@contextmanager
def apart(
    folder: Path,
    cluster: Cluster,
    s3: FaultyS3 | Ceph | None,
    environ: Mapping[str, str] = EMPTY,
    workers: int = 1,
) -> Iterator[Deployment]:
    """A web process and dedicated trainers on PostgreSQL and, if given, S3."""
    chosen = {"DATABASE_URL": new_database(cluster.url), "TRAINER": "separate"}
    chosen |= (s3.environ if s3 else {}) | dict(environ)
    deployment = Deployment(folder, chosen, workers, cluster, s3)
    try:
        yield deployment
    finally:
        deployment.stop()
