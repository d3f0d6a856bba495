"""The database behind a URL: how SQLite and PostgreSQL are opened, and brought up to date."""

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from inkling.journal.schema import REVISION

SQLITE_TIMEOUT = 5  # seconds that a writer waits for its turn
MIGRATING = 0x1A4B0001  # the advisory lock of PostgreSQL under which one process migrates
POSTGRES = {
    "connect_timeout": 5,
    "application_name": "inkling",
    # A server that has vanished without a word is noticed within some ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}


class UnusableDatabase(RuntimeError):
    """The database cannot be used as it is. The message says why and what to do."""


def open_engine(url: str) -> Engine:
    """An engine whose connections lose nothing that was committed; nothing is asked yet.

    Parameters are hidden in messages: they hold what visitors drew.
    """
    if sql.make_url(url).get_backend_name() != "sqlite":
        # Small pools: a dozen processes share the few connections of a small plan.
        return sql.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=2,
            max_overflow=2,
            pool_timeout=5,
            hide_parameters=True,
            connect_args=POSTGRES,
        )
    engine = sql.create_engine(url, connect_args={"timeout": SQLITE_TIMEOUT}, hide_parameters=True)
    sql.event.listen(engine, "connect", _prepare_sqlite)
    sql.event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # BEGIN is said by `_begin`, not by the driver
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _use_wal(connection: Any) -> None:
    """Switch to a write-ahead log, which the first who opens a file does.

    Of all statements this one does not wait for its turn where others open the file as well.
    """
    deadline = time.monotonic() + SQLITE_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails as soon as two of them meet.
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def migrate(engine: Engine) -> None:
    """Bring the tables up to date, where they are not; one process does it, others wait.

    Raises UnusableDatabase for a damaged SQLite file and for tables of another Inkling, and
    changes nothing then.
    """
    try:
        with engine.execution_options(reading=True).connect() as connection:
            if _revision(connection) == REVISION:
                return
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(MIGRATING)))
            _upgrade(connection)
    except OperationalError:
        raise  # away or busy, not damaged
    except DatabaseError as error:
        if isinstance(error.orig, sqlite3.DatabaseError):
            raise UnusableDatabase(
                f"{engine.url.database} is no usable database ({error.orig}). Nothing was "
                "changed. Move it away and restore a backup: inkling restore FILE."
            ) from error
        raise


def _revision(connection: Connection) -> str | None:
    """Return the tables' revision, `none` where they are older than revisions; None without any."""
    tables = sql.inspect(connection).get_table_names()
    if "alembic_version" in tables:
        version = sql.text("SELECT version_num FROM alembic_version")
        return connection.execute(version).scalar_one_or_none()
    return "none" if "drawings" in tables else None


def _upgrade(connection: Connection) -> None:
    from alembic import command, config, script  # a tenth of a second that only a migration takes

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    found = _revision(connection)
    revisions = script.ScriptDirectory.from_config(settings).walk_revisions()
    known = {revision.revision for revision in revisions}
    if found and found not in known:
        raise UnusableDatabase(
            f"The journal's tables are of revision {found}, which this Inkling does not know: it "
            f"makes {REVISION}. Nothing was changed. Run the Inkling that made them, or move the "
            "journal away to begin a new one."
        )
    command.upgrade(settings, "head")


def in_utc(moment: datetime) -> datetime:
    """A moment of the journal with its zone, which SQLite leaves out."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
