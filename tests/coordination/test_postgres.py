"""Locks and bells through PostgreSQL, between connections that are lost and processes that die."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sql
from sqlalchemy.engine import Engine

from inkling.coordination import postgres
from inkling.coordination.postgres import AdvisoryLock, PostgresNotifier
from inkling.journal.database import JournalUnavailable, open_engine
from inkling.settings import ROOT
from testing.live import free_port, wait_until
from testing.postgres import needs_postgres, new_database

pytestmark = needs_postgres
KILL = sql.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def url(postgres_server: str) -> str:
    return new_database(postgres_server).replace("postgres://", "postgresql+psycopg://")


@pytest.fixture
def open_another(url: str) -> Iterator[Callable[[], Engine]]:
    """Opens engines on one database, as so many processes would."""
    engines: list[Engine] = []

    def open_one() -> Engine:
        engines.append(open_engine(url))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.dispose()


@pytest.fixture
def engine(open_another: Callable[[], Engine]) -> Engine:
    return open_another()


def cut_all_connections(open_another: Callable[[], Engine]) -> None:
    """What a restart of the server does to every other connection."""
    with open_another().begin() as connection:
        connection.execute(KILL)


# --- the lock ---


def test_one_holds_the_lock_and_others_are_told(open_another: Callable[[], Engine]) -> None:
    one, other = AdvisoryLock(open_another(), 1), AdvisoryLock(open_another(), 1)
    assert not one.is_held()
    assert one.acquire()
    assert one.acquire()  # it has it already
    assert not other.acquire()
    assert (one.is_mine(), other.is_mine()) == (True, False)
    assert one.is_held()
    assert other.is_held()
    one.release()
    wait_until(other.acquire)
    assert not one.is_mine()


def test_locks_of_other_numbers_are_other_locks(open_another: Callable[[], Engine]) -> None:
    assert AdvisoryLock(open_another(), 1).acquire()
    assert not AdvisoryLock(open_another(), 2).is_held()
    assert AdvisoryLock(open_another(), 2).acquire()


def test_locks_of_other_databases_are_other_locks(postgres_server: str) -> None:
    locks = []
    for _ in range(2):
        url = new_database(postgres_server).replace("postgres://", "postgresql+psycopg://")
        locks.append(AdvisoryLock(open_engine(url), 1))
    first, second = locks
    assert first.acquire()
    assert not second.is_held()
    assert second.acquire()
    for lock in locks:
        lock.release()


def test_who_loses_the_connection_loses_the_lock_and_notices(
    open_another: Callable[[], Engine],
) -> None:
    one, other = AdvisoryLock(open_another(), 1), AdvisoryLock(open_another(), 1)
    assert one.acquire()
    cut_all_connections(open_another)
    assert not one.is_mine()
    wait_until(other.acquire)
    assert not one.acquire()
    cut_all_connections(open_another)
    wait_until(one.acquire)


HOLDER = """
import sys
from inkling.journal.database import open_engine
from inkling.coordination import postgres
from inkling.coordination.postgres import AdvisoryLock
lock = AdvisoryLock(open_engine(sys.argv[1]), 1)
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def test_a_lock_is_free_as_soon_as_its_holder_was_killed(engine: Engine, url: str) -> None:
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        lock = AdvisoryLock(engine, 1)
        assert not lock.acquire()
        holder.kill()
    wait_until(lock.acquire)


def test_who_is_ready_says_so_and_no_longer_than_it_holds_the_lock(
    open_another: Callable[[], Engine],
) -> None:
    one, other = AdvisoryLock(open_another(), 1), AdvisoryLock(open_another(), 1)
    one.announce()  # without the lock it is worth nothing
    assert not other.is_announced()
    assert one.acquire()
    assert not other.is_announced()
    one.announce()
    assert other.is_announced()
    one.retract()
    assert not other.is_announced()
    assert one.is_mine()
    one.announce()
    cut_all_connections(open_another)
    wait_until(lambda: not other.is_announced())
    one.retract()
    assert not one.is_mine()


def test_the_server_notices_within_five_seconds_that_a_machine_has_vanished(
    engine: Engine,
) -> None:
    lock = AdvisoryLock(engine, 1)
    assert lock.acquire()
    assert lock._connection

    def seconds(name: str) -> float:
        query = sql.text("SELECT setting::float FROM pg_settings WHERE name = :name")
        assert lock._connection
        return float(lock._connection.execute(query, {"name": name}).scalar_one())

    tries = seconds("tcp_keepalives_interval") * seconds("tcp_keepalives_count")
    assert seconds("tcp_keepalives_idle") + tries < 5
    assert 0 < seconds("tcp_user_timeout") < 5000  # milliseconds, for what is not acknowledged
    lock.release()


def test_without_a_server_the_lock_says_so() -> None:
    lock = AdvisoryLock(open_engine(f"postgresql+psycopg://a@127.0.0.1:{free_port()}/b"), 1)
    for ask in (lock.acquire, lock.is_held):
        with pytest.raises(JournalUnavailable):
            ask()
    assert not lock.is_mine()


# --- the bell ---


def listening(engine: Engine) -> PostgresNotifier:
    bell = PostgresNotifier(engine, "inkling_test")
    assert not bell.wait(0)  # the first wait listens; what rings from now on is not missed
    return bell


def test_a_ring_wakes_every_listener_on_its_channel_once(
    open_another: Callable[[], Engine],
) -> None:
    bells = [listening(open_another()) for _ in range(3)]
    stranger = PostgresNotifier(open_another(), "inkling_other")
    assert not stranger.wait(0)
    for _ in range(20):
        PostgresNotifier(open_another(), "inkling_test").notify()
    for bell in bells:
        assert bell.wait(30)
        wait_until(lambda: not bell.wait(0.01))  # noqa: B023 - and no more, in the end
    assert not stranger.wait(0)


def test_a_ring_comes_through_while_one_waits(open_another: Callable[[], Engine]) -> None:
    bell, rang = listening(open_another()), threading.Event()

    def wait() -> None:
        if bell.wait(60):
            rang.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    PostgresNotifier(open_another(), "inkling_test").notify()
    assert rang.wait(30)
    waiting.join()


def test_of_many_rings_in_a_row_few_are_sent_and_the_last_is_heard(
    engine: Engine, open_another: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PAUSE", 1.0)
    sent: list[str] = []

    def note(*what: object) -> None:
        if "pg_notify" in str(what[2]):
            sent.append(str(what[2]))

    sql.event.listen(engine, "before_cursor_execute", note)
    bell, listener = PostgresNotifier(engine, "inkling_test"), listening(open_another())
    for _ in range(100):
        bell.notify()
    assert len(sent) == 1
    assert listener.wait(5)
    wait_until(lambda: len(sent) == 2)
    assert listener.wait(5)
    threading.Event().wait(1.5)
    assert len(sent) == 2
    bell.notify()
    assert len(sent) == 3


def test_a_bell_that_lost_its_connection_listens_again(
    open_another: Callable[[], Engine], caplog: pytest.LogCaptureFixture
) -> None:
    bell = listening(open_another())
    cut_all_connections(open_another)
    assert not bell.wait(0.01)
    assert "The channel inkling_test is lost for a moment." in caplog.text
    assert not bell.wait(0)
    PostgresNotifier(open_another(), "inkling_test").notify()
    assert bell.wait(30)


def test_without_a_server_a_ring_is_lost_and_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = open_engine(f"postgresql+psycopg://a:secret@127.0.0.1:{free_port()}/b")
    PostgresNotifier(engine, "inkling_test").notify()
    assert not PostgresNotifier(engine, "inkling_test").wait(0)
    assert "Nobody could be woken." in caplog.text
    assert "secret" not in caplog.text


def test_a_closed_bell_listens_no_more(open_another: Callable[[], Engine]) -> None:
    bell = listening(open_another())
    bell.close()
    bell.close()
    with open_another().connect() as connection:
        count = sql.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        wait_until(lambda: connection.execute(count).scalar() == 1)
