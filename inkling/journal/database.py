"""The database behind a URL: how SQLite and PostgreSQL are opened, and brought up to date."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from inkling.errors import InklingError, Unavailable
from inkling.files import create_private
from inkling.journal.schema import REVISION
from inkling.settings import SettingError

log = logging.getLogger("inkling.journal")

REMEDY = "Check the database and its disk, then try again."
SQLITE_TIMEOUT = 5  # seconds that a writer waits for its turn
MIGRATING = 0x1A4B0001  # the advisory lock of PostgreSQL under which one process migrates
POSTGRES = {
    "client_encoding": "UTF8",  # else a database in SQL_ASCII answers in bytes
    "connect_timeout": 5,
    "application_name": "inkling",
    # A server that has vanished without a word is noticed within some ten seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}


class UnusableDatabase(InklingError):
    """The database cannot be used as it is. The message says why and what to do."""


class JournalUnavailable(Unavailable):
    """The database does not answer, or refuses. Nothing was changed."""


class RowConflict(InklingError):
    """A row cannot be written, because another of its kind has what only one may have."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise what the database does not do as RowConflict and JournalUnavailable.

    The message is the first line of what the database says: the next ones may show a row.
    """
    try:
        yield
    except IntegrityError as error:
        raise RowConflict(f"A row of the journal is not as it must be: {_said(error)}.") from error
    except SQLAlchemyError as error:
        raise JournalUnavailable(f"The journal does not answer: {_said(error)}.", REMEDY) from error


def _said(error: SQLAlchemyError) -> str:
    """Return what the database said; of SQLAlchemy's own errors the kind: they may hold data."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return f"{type(error.orig).__name__}: {error.orig}".partition("\n")[0]
    return type(error).__name__


class Database:
    """What is behind a database URL. Threads may share it."""

    def __init__(self, url: str) -> None:
        """Open the database; ask it nothing yet."""
        self.engine = open_engine(url)
        self._reading = self.engine.execution_options(reading=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite, else it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a transaction that changes nothing. Raises JournalUnavailable."""
        with translated(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that is committed when its block ends without an error.

        Raises JournalUnavailable, and RowConflict where a row is there already.
        """
        with translated(), self.engine.begin() as connection:
            yield connection

    def damage(self) -> str | None:
        """Return what SQLite finds wrong with its file; PostgreSQL looks after its own."""
        if not self.is_sqlite:
            return None
        try:
            with self.read() as connection:
                said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalars().all()
        except JournalUnavailable as error:
            return error.message
        return None if said == ["ok"] else " ".join(said[0].split())

    def run_alone(self, statement: str) -> None:
        """Run a statement that no transaction may surround. Raises JournalUnavailable."""
        with translated():
            if self.is_sqlite:
                with closing(self.engine.raw_connection()) as raw:
                    raw.cursor().execute(statement)
            else:
                autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
                with autocommit.connect() as connection:
                    connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_engine(url: str) -> Engine:
    """Return an engine whose connections lose nothing that was committed; ask nothing yet.

    Parameters are hidden in messages: they hold what visitors drew. Raises SettingError for a URL
    that is none.
    """
    try:
        backend = sql.make_url(url).get_backend_name()
    except ArgumentError:  # whose words would show the secret
        raise SettingError("DATABASE_URL is not usable.", "Set it to postgres://….") from None
    if backend != "sqlite":
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
    sql.event.listen(engine, "do_connect", _make_file)
    sql.event.listen(engine, "connect", _prepare_sqlite)
    sql.event.listen(engine, "begin", _begin)
    return engine


def _make_file(dialect: Any, record: Any, words: list[Any], options: Any) -> None:
    """Make the file for this user alone; SQLite gives its log the same rights."""
    if words and not str(words[0]).startswith((":memory:", "file:")):
        create_private(Path(words[0]))


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # BEGIN is said by `_begin`, not by the driver
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _use_wal(connection: Any) -> None:
    """Switch to a write-ahead log, as the first who opens a file does.

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


def migrate(database: Database) -> None:
    """Bring the tables up to date where they are not; one process does it, others wait.

    Raises UnusableDatabase for a damaged SQLite file, for tables of another Inkling and for a
    database that knows no Unicode, and changes nothing then.
    """
    try:
        with database.read() as connection:
            if not database.is_sqlite:
                _check_encoding(connection)
            if _revision(connection) == REVISION:
                return
        with database.write() as connection:
            if not database.is_sqlite:
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(MIGRATING)))
            _upgrade(connection)
    except JournalUnavailable as error:
        reason = getattr(error.__cause__, "orig", None)
        away = isinstance(reason, sqlite3.OperationalError)  # or busy; not damaged
        if isinstance(reason, sqlite3.DatabaseError) and not away:
            raise UnusableDatabase(
                f"{database.engine.url.database} is no usable database ({reason}). Nothing was "
                "changed.",
                "Move it away and restore a backup: inkling restore FILE.",
            ) from error
        raise


def _check_encoding(connection: Connection) -> None:
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise UnusableDatabase(
            f"The database's encoding is {encoding}.",
            "Make another one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
        )


def _revision(connection: Connection) -> str | None:
    """Return the tables' revision, `none` where they are older than revisions; None without any."""
    tables = sql.inspect(connection).get_table_names()
    if "alembic_version" in tables:
        version = sql.text("SELECT version_num FROM alembic_version")
        return connection.execute(version).scalar_one_or_none()
    return "none" if "drawings" in tables else None


def _upgrade(connection: Connection) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # one line of ours says it all
    from alembic import command, config, script  # a tenth of a second that only a migration takes

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    found = _revision(connection)
    revisions = script.ScriptDirectory.from_config(settings).walk_revisions()
    known = {revision.revision for revision in revisions}
    if found and found not in known:
        raise UnusableDatabase(
            f"The journal's tables are of revision {found}, which this Inkling does "
            f"not know: it makes {REVISION}. Nothing was changed.",
            "Run the Inkling that made them, or move the journal away to begin a new one.",
        )
    command.upgrade(settings, "head")
    log.info("The journal's tables are of revision %s now.", REVISION)


def in_utc(moment: datetime) -> datetime:
    """Return a moment of the journal with its zone, which SQLite leaves out."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
