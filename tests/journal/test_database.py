"""Databases: opened safely, by many at once, brought up to date; a damaged one is left alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sql
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from inkling.journal.database import (
    Database,
    JournalUnavailable,
    UnusableDatabase,
    migrate,
    translated,
)
from inkling.journal.schema import REVISION, metadata
from inkling.journal.writer import Journal
from inkling.records import Drawing
from inkling.settings import ROOT
from testing.postgres import needs_postgres, new_database

ROW = sql.text(
    "INSERT INTO versions (number, kind, drawing, objects, created_at, stored, kept) "
    "VALUES (1, 'lesson', 'a', '{}', '2026-01-01 00:00:00', false, true)"
)


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=needs_postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'journal.sqlite'}"
    database = new_database(request.getfixturevalue("postgres_server"))
    return database.replace("postgres://", "postgresql+psycopg://")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


def test_migrations_make_the_tables_that_the_code_knows(database: Database) -> None:
    migrate(database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_code_asks_for_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "inkling" / "journal" / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_second_migration_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.write() as connection:
        connection.execute(ROW)
    migrate(database)
    with database.read() as connection:
        assert connection.execute(sql.text("SELECT count(*) FROM versions")).scalar() == 1


def test_a_journal_of_the_first_revision_is_brought_up_to_date_and_keeps_its_rows(
    database: Database,
) -> None:
    older = Config()
    older.set_main_option("script_location", str(ROOT / "inkling" / "journal" / "migrations"))
    with database.write() as connection:
        older.attributes["connection"] = connection
        command.upgrade(older, "journal1")
        connection.execute(ROW)
    migrate(database)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sql.text("SELECT count(*) FROM versions")).scalar() == 1


def test_a_position_is_never_given_twice(url: str) -> None:
    journal = Journal(url)
    journal.add(Drawing("a", 3, b"png", bytes(784)))
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM drawings WHERE id = 'a'")
    found = journal.find(journal.add(Drawing("b", 3, b"png", bytes(784))).id)
    assert found is not None
    assert found.position == 2
    journal.close()


@pytest.mark.parametrize("revision", [None, "0004", "9999"])
def test_tables_of_another_inkling_are_told_in_one_line_and_left_alone(
    database: Database, revision: str | None
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE drawings (id VARCHAR(36))")
        connection.exec_driver_sql("INSERT INTO drawings VALUES ('a')")
        if revision:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            row = sql.text("INSERT INTO alembic_version VALUES (:revision)")
            connection.execute(row, {"revision": revision})
    wanted = f"revision {revision or 'none'}, which this Inkling does not know.*Nothing was changed"
    with pytest.raises(UnusableDatabase, match=wanted) as caught:
        migrate(database)
    assert "\n" not in str(caught.value)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT id FROM drawings").scalars().all() == ["a"]
        tables = {*sql.inspect(connection).get_table_names()}
    assert tables == {"drawings"} | ({"alembic_version"} if revision else set())


def test_many_may_open_a_new_database_at_once(url: str) -> None:
    start = threading.Barrier(8)

    def open_and_count() -> int:
        start.wait()
        journal = Journal(url)
        counted = sum(journal.counts().values())
        journal.close()
        return counted

    with ThreadPoolExecutor(8) as pool:
        opened = [pool.submit(open_and_count) for _ in range(8)]
        assert [future.result() for future in opened] == [0] * 8


def test_a_message_of_the_database_never_tells_what_visitors_drew(database: Database) -> None:
    nowhere = sql.text("INSERT INTO nowhere VALUES (:png)")
    with pytest.raises(JournalUnavailable) as caught, database.write() as connection:
        connection.execute(nowhere, {"png": "a secret"})
    assert "a secret" not in str(caught.value)


def test_an_error_of_the_library_itself_tells_only_its_kind() -> None:
    error = sql.exc.StatementError("a secret is no label", "INSERT", {}, None)
    with pytest.raises(JournalUnavailable) as caught, translated():
        raise error
    assert caught.value.message == "The journal does not answer: StatementError."


# --- SQLite alone ---


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    with journal.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    journal.close()


def test_many_may_switch_a_new_file_to_its_log_at_once(tmp_path: Path) -> None:
    for number in range(30):  # without waiting, one in thirty fails
        files = [Database(f"sqlite:///{tmp_path / f'{number}.sqlite'}") for _ in range(8)]
        start = threading.Barrier(8)

        def connect(database: Database, start: threading.Barrier = start) -> str:
            start.wait()
            with database.read() as connection:
                mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            database.close()
            return str(mode)

        with ThreadPoolExecutor(8) as pool:
            assert [*pool.map(connect, files)] == ["wal"] * 8


@pytest.mark.parametrize("content", [b"no database" * 300, b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "journal.sqlite"
    file.write_bytes(content)
    with pytest.raises(UnusableDatabase, match=r"journal\.sqlite is no usable database.*restore"):
        Journal(f"sqlite:///{file}")
    assert file.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite"]


@needs_postgres
def test_a_database_that_knows_no_unicode_is_refused_in_words(postgres_server: str) -> None:
    url = new_database(postgres_server, "SQL_ASCII").replace("postgres://", "postgresql+psycopg://")
    with pytest.raises(UnusableDatabase, match=r"encoding is SQL_ASCII. Make another one: CREATE"):
        Journal(url)
