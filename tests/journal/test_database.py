"""Databases: opened safely, by many at once, brought up to date; a damaged one is left alone."""

import json
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
from sqlalchemy.engine import Engine

from inkling.journal.database import UnusableDatabase, migrate, open_engine
from inkling.journal.schema import REVISION, metadata
from inkling.journal.writer import Journal
from inkling.records import TRAINED, Drawing
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
def engine(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def test_migrations_make_the_tables_that_the_code_knows(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_code_asks_for_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "inkling" / "journal" / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


def test_a_second_migration_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(ROW)
    migrate(engine)
    with engine.connect() as connection:
        assert connection.execute(sql.text("SELECT count(*) FROM versions")).scalar() == 1


def make_the_first_tables(engine: Engine) -> None:
    """Tables as the first Inkling made them, with a drawing that was learned."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "inkling" / "journal" / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("DROP TABLE alembic_version")
        connection.execute(FIRST_DRAWING, {"predictions": json.dumps(PREDICTIONS)})
        connection.execute(FIRST_VERSION)


PREDICTIONS = {
    "fnn": [0.9] + [0.0] * 9,
    "cnn": [0.0] * 9 + [0.8],
    "fnn_retrained": [0.1, 0.4] + [0.0] * 8,
    "cnn_retrained": [0.1, 0.0, 0.6] + [0.0] * 7,
}
FIRST_DRAWING = sql.text(
    "INSERT INTO drawings (id, label, png, strokes, predictions, predicted_version, state, "
    "version, receipt, created_at, stored) VALUES ('a', 3, 'png', 'null', :predictions, 6, "
    "'trained', 7, '{}', '2026-01-01 00:00:00', true)"
)
FIRST_VERSION = sql.text(
    "INSERT INTO versions (number, drawing, objects, created_at) "
    """VALUES (7, 'a', '{"fnn"\\: "x"}', '2026-01-01 00:00:00')"""
)


def test_a_journal_from_before_revisions_keeps_what_it_has(engine: Engine, url: str) -> None:
    make_the_first_tables(engine)
    journal = Journal(url)
    assert journal.kept_versions() == {7: {"fnn": "x"}}
    with journal.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        stored = connection.execute(sql.text("SELECT stored FROM versions")).scalar()
        assert bool(stored)  # in the object store, as ever
    drawing = journal.find("a")
    assert drawing is not None
    assert (drawing.label, drawing.version, drawing.state) == (3, 7, TRAINED)
    said = (drawing.said_fnn, drawing.said_cnn, drawing.said_fnn_retrained)
    assert (*said, drawing.said_cnn_retrained, drawing.said_answer) == (0, 9, 1, 2, 2)
    later = journal.add(Drawing("b", 3, b"png", {}, 0))
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM drawings WHERE id = 'b'")
    position = journal.find(journal.add(Drawing("c", 3, b"png", {}, 0)).id)
    assert later.id == "b"
    assert position is not None
    assert position.position == 3  # a position is never given twice
    journal.close()


def test_tables_of_a_newer_inkling_are_refused_and_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabase, match=r"revision 9999.*Run the newer Inkling"):
        migrate(engine)
    with engine.connect() as connection:
        version = sql.text("SELECT version_num FROM alembic_version")
        assert connection.execute(version).scalar() == "9999"


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


def test_a_message_of_the_database_never_tells_what_visitors_drew(engine: Engine) -> None:
    nowhere = sql.text("INSERT INTO nowhere VALUES (:png)")
    with pytest.raises(sql.exc.SQLAlchemyError) as caught, engine.begin() as connection:
        connection.execute(nowhere, {"png": "a secret"})
    assert "a secret" not in str(caught.value)


# --- SQLite alone ---


def test_sqlite_is_set_to_lose_nothing(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    with journal.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    journal.close()


def test_many_may_switch_a_new_file_to_its_log_at_once(tmp_path: Path) -> None:
    for number in range(30):  # without waiting, one in thirty fails
        engines = [open_engine(f"sqlite:///{tmp_path / f'{number}.sqlite'}") for _ in range(8)]
        start = threading.Barrier(8)

        def connect(engine: Engine, start: threading.Barrier = start) -> str:
            start.wait()
            with engine.connect() as connection:
                mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            engine.dispose()
            return str(mode)

        with ThreadPoolExecutor(8) as pool:
            assert [*pool.map(connect, engines)] == ["wal"] * 8


@pytest.mark.parametrize("content", [b"no database" * 300, b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_file_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "journal.sqlite"
    file.write_bytes(content)
    with pytest.raises(UnusableDatabase, match=r"journal\.sqlite is no usable database.*restore"):
        Journal(f"sqlite:///{file}")
    assert file.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["journal.sqlite"]
