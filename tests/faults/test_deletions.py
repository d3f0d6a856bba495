"""Deletions while all goes on: a killed rebuild begins anew, many old ones at once harm nobody."""

import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sql

from inkling import checkpoints
from inkling.history.verify import verify
from inkling.journal.changes import hash_of
from inkling.journal.outbox import Outbox
from inkling.journal.schema import drawings
from inkling.journal.writer import open_journal
from inkling.learning.learner import build_learner
from inkling.settings import Settings, load_settings
from inkling.storage.stores import open_store
from inkling.trainer.change_runner import MODULE
from testing.grown import grow
from testing.live import Server, environment, wait_until
from testing.visitors import ask, picture

OLD, LABELS = 100, 100_000
SECRET = "a-secret-for-all-of-them"


def settings_of(folder: Path) -> Settings:
    return load_settings(environment(folder))


def teach(server: Server, number: int) -> str:
    """Label a drawing; return its id once it is learned."""
    fields = {"imageBase64": picture(number), "digit": number % 10, "secret": SECRET}
    status, said = ask(f"{server.url}/train", fields)
    assert (status, said["state"]) == (200, "trained"), said
    return str(said["drawing"])


def delete(server: Server, id: str) -> None:
    status, said = ask(f"{server.url}/drawings/{id}/delete", {"secret": SECRET})
    assert (status, said["state"]) == (200, "deleting"), said


def rebuilding(server: Server) -> list[psutil.Process]:
    """The processes that make the nets anew."""
    found = [p for t in server.trainers() for p in t.children() if MODULE in p.cmdline()]
    return [p for p in found if p.status() != psutil.STATUS_ZOMBIE]


def test_a_rebuild_that_is_killed_begins_anew(tmp_path: Path) -> None:
    once = tmp_path / "once"
    once.touch()
    server = Server(tmp_path, FAULT=f"nets rebuilt:kill:{once}")
    try:
        wait_until(lambda: "The trainer is ready" in server.log())
        ids = [teach(server, number) for number in range(6)]
        for id in (ids[1], ids[4]):
            delete(server, id)
        wait_until(lambda: not once.exists())
        for id in (ids[1], ids[4]):
            wait_until(lambda id=id: ask(f"{server.url}/drawings/{id}")[0] == 404)  # type: ignore[misc]
        teach(server, 7)
    finally:
        server.stop()
    settings = settings_of(tmp_path)
    outbox = Outbox(open_journal(settings), open_store(settings))
    originals = checkpoints.originals(settings.models_folder)
    report = verify(outbox, originals, lambda: build_learner(originals), with_drawings=True)
    assert report.findings == []
    assert [drawing.id for drawing in outbox.journal.lessons()][:4] == [
        id for n, id in enumerate(ids) if n not in (1, 4)
    ]
    stored = "".join(outbox.store.names("drawings/"))
    assert ids[0] in stored
    assert ids[1] not in stored


def with_secrets(settings: Settings) -> list[str]:
    """Have the hundred oldest lessons a secret; return their ids."""
    journal = open_journal(settings)
    with journal.write() as connection:
        oldest = sql.select(drawings.c.id).where(drawings.c.version.between(1, OLD))
        ids = [*connection.execute(oldest).scalars()]
        rows = drawings.update().where(drawings.c.id.in_(ids))
        connection.execute(rows.values(secret_hash=hash_of(SECRET)))
    journal.close()
    return ids


@pytest.mark.long
def test_a_hundred_old_deletions_in_a_minute_harm_nobody(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    grow(settings, LABELS)
    ids = with_secrets(settings)
    server = Server(tmp_path, RATE_LIMIT="none")
    try:
        wait_until(lambda: "The trainer is ready" in server.log())
        waits, begun = [], time.monotonic()
        for number, id in enumerate(ids):
            delete(server, id)
            since = time.monotonic()
            assert ask(f"{server.url}/predict", {"imageBase64": picture(number)})[0] == 200
            answered = time.monotonic()
            teach(server, number)  # its receipt comes, which waits two seconds at most
            waits.append((answered - since, time.monotonic() - answered))
            time.sleep(max(0, begun + 0.55 * number - time.monotonic()))
        assert time.monotonic() - begun < 75
        wait_until(lambda: bool(rebuilding(server)))
        (process,) = rebuilding(server)
        assert process.nice() > 0
        for number in range(20):  # while the nets are made anew
            teach(server, number)
        print(
            "predicted, learned:",
            *(sorted(column)[OLD // 2] for column in zip(*waits, strict=True)),
        )
        assert [p.pid for p in rebuilding(server)] == [process.pid]
        shown = {one["label"] for one in ask(f"{server.url}/progress/latest")[1]["drawings"]}
        assert shown
        told = ask(f"{server.url}/drawings/answers", {"drawings": ids})[1]
        assert told["answers"] == []
    finally:
        server.stop()
    assert rebuilding_left() == []
    journal = open_journal(settings)
    exported = journal.columns_of(["trained", "queued", "collected"], ["id"])
    assert not {row.id for row in exported} & {*ids}
    journal.close()


def rebuilding_left() -> list[int]:
    """Processes that make nets anew and have outlived their server."""
    mine = (p.info for p in psutil.process_iter(["pid", "cmdline", "ppid"]))
    return [one["pid"] for one in mine if MODULE in (one["cmdline"] or []) and one["ppid"] == 1]
