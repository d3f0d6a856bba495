"""Advisory locks and NOTIFY of PostgreSQL, for processes on many machines."""

import logging
import math
import threading
import time
from typing import Any

import psycopg
import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from inkling.journal.database import JournalUnavailable, translated

LOCKS = 0x1A4B  # the first half of every advisory lock's key; the second is the lock's number
RETRY_SECONDS = 1.0  # before a notifier's lost connection is opened again
PAUSE = 0.05  # seconds between two notifications of a process
# A holder whose machine has vanished without a word is noticed within 4 s, and its lock is free;
# the last setting is for an answer that was on its way to it.
VANISHED = (
    "SET tcp_keepalives_idle = 2",
    "SET tcp_keepalives_interval = 1",
    "SET tcp_keepalives_count = 2",
    "SET tcp_user_timeout = 4000",
)
READY = 100  # added to a lock's number: the lock by which its holder tells that it is ready
HELD = sql.text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND classid = :locks AND objid = :number"
)

log = logging.getLogger("inkling.postgres")


def _own_connection(engine: Engine) -> Connection:
    """Return a connection that is nobody else's and is not in a transaction."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.detach()
    return connection


class AdvisoryLock:
    """A lock that one connection holds, and that dies with it. Locks go by number."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine, self._key = engine, {"locks": LOCKS, "number": number}
        self._ready = {"locks": LOCKS, "number": number + READY}
        self._connection: Connection | None = None
        self._mine = False

    def acquire(self) -> bool:
        """Take the lock if nobody holds it; return whether this process has it now.

        Raises JournalUnavailable where the database does not answer.
        """
        with translated():
            return self.is_mine() or self._acquire()

    def _acquire(self) -> bool:
        if self._connection is not None:  # from the last try; it may be lost since
            try:
                return self._try(self._connection)
            except SQLAlchemyError:
                self.release()
        self._connection = _own_connection(self._engine)
        for setting in VANISHED:
            self._connection.exec_driver_sql(setting)
        return self._try(self._connection)

    def _try(self, connection: Connection) -> bool:
        taken = sql.text("SELECT pg_try_advisory_lock(:locks, :number)")
        self._mine = bool(connection.execute(taken, self._key).scalar_one())
        return self._mine

    def is_mine(self) -> bool:
        """Whether this process still holds the lock: a lost connection has lost it."""
        if self._connection is None or not self._mine:
            return False
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            self.release()
        return self._mine

    def release(self) -> None:
        """Let the lock and its connection go."""
        self._mine = False
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def is_held(self) -> bool:
        """Whether any process holds the lock now. Raises as `acquire` does."""
        return self._is_held(self._key)

    def _is_held(self, key: dict[str, int]) -> bool:
        with translated(), self._engine.connect() as connection:
            return bool(connection.execute(HELD, key).scalar_one())

    def announce(self) -> None:
        """Tell others that this process, which holds the lock, is ready. Raises as `acquire`."""
        self._ask("SELECT pg_try_advisory_lock(:locks, :number)")

    def retract(self) -> None:
        """Take back what was announced; with a lost connection it is gone anyway."""
        try:
            self._ask("SELECT pg_advisory_unlock(:locks, :number)")
        except JournalUnavailable:
            self.release()

    def _ask(self, question: str) -> None:
        """Ask something about readiness on the lock's own connection, if it has one."""
        if self._connection is not None:
            with translated():
                self._connection.execute(sql.text(question), self._ready)

    def is_announced(self) -> bool:
        """Whether a process holds the lock and is ready. Raises as `acquire` does."""
        return self._is_held(self._ready)


class PostgresNotifier:
    """A channel of NOTIFY: every process that waits is woken. A lost notification is no harm."""

    hurried = 0.25

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine, self._channel = engine, channel
        self._listening: Connection | None = None
        self._ringing = threading.Lock()
        self._next, self._coming = -math.inf, False  # the next moment for it; whether it is set

    def notify(self) -> None:
        """Wake those who wait, at once or within PAUSE. Safe for several threads.

        A transaction that notifies takes a lock on the whole instance when it commits: of many in
        a row, the first and then one each PAUSE are enough. Without the database's answer, those
        who wait look by themselves later.
        """
        with self._ringing:
            left = self._next - time.monotonic()
            if left <= 0:
                self._next = time.monotonic() + PAUSE
            elif not self._coming:
                self._coming = True
                timer = threading.Timer(left, self._notify_later)
                timer.daemon = True  # who waits looks by himself where the process ends before
                timer.start()
        if left <= 0:
            self._notify()

    def _notify_later(self) -> None:
        with self._ringing:
            self._coming = False
            self._next = time.monotonic() + PAUSE
        self._notify()

    def _notify(self) -> None:
        try:
            with translated(), self._engine.begin() as connection:
                connection.execute(sql.select(sql.func.pg_notify(self._channel, "")))
        except JournalUnavailable as error:
            log.warning("Nobody could be woken. %s", error)

    def wait(self, seconds: float) -> bool:
        """Wait for a notification, `seconds` at the most; return whether one came."""
        try:
            if self._listening is None:
                self._listening = _own_connection(self._engine)
                self._listening.exec_driver_sql(f"LISTEN {self._channel}")
            driver: Any = self._listening.connection.dbapi_connection
            came = [*driver.notifies(timeout=seconds, stop_after=1)]
            came += driver.notifies(timeout=0)  # many notifications are one
            return bool(came)
        except (SQLAlchemyError, psycopg.Error) as error:
            log.warning("The channel %s is lost for a moment. %s", self._channel, error)
            self._stop_listening()
            time.sleep(min(seconds, RETRY_SECONDS))
            return False

    def close(self) -> None:
        """Stop listening. Only the thread that waits may call this: the connection is its own."""
        self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.invalidate()
            self._listening.close()
            self._listening = None
