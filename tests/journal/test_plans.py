"""How databases find the lessons of a large site: by an index, without sorting all rows again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from inkling.journal.rows import PAGE
from inkling.journal.schema import drawings
from inkling.journal.writer import Journal
from inkling.records import REJECTED, TRAINED
from testing.places import KINDS, open_place

ROWS = 3_000


@pytest.fixture(params=KINDS)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """A journal of many lessons, a tenth of which was rolled back."""
    with open_place(request.param, tmp_path, request) as place:
        with place.journal.engine.begin() as connection:
            connection.execute(drawings.insert(), [row(number) for number in range(1, ROWS)])
        place.journal.run_alone("ANALYZE")
        yield place.journal


def row(number: int) -> dict[str, Any]:
    undone = number % 10 == 0
    return {
        "id": f"{number:036}",
        "label": number % 10,
        "png": b"png" * 500,
        "digit": bytes(784),
        "predictions": {},
        "predicted_version": 0,
        "said": {},
        "believers": 0,
        "state": REJECTED if undone else TRAINED,
        "version": None if undone else number,
        "created_at": datetime.now(UTC),
    }


@contextmanager
def planned(journal: Journal) -> Iterator[list[str]]:
    """How the database would do what is asked of it in the block, a text for each question."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    plans: list[str] = []
    sql.event.listen(journal.engine, "before_cursor_execute", note)
    yield plans
    sql.event.remove(journal.engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if journal.is_sqlite else "EXPLAIN "
    with journal.read() as connection:
        for statement, values in asked:
            rows = connection.exec_driver_sql(explain + statement, values)
            plans.append("\n".join(str(row[-1]) for row in rows))


def test_a_page_of_lessons_is_found_without_sorting(journal: Journal) -> None:
    with planned(journal) as plans:
        found = [d.version for d in journal.lessons(newest=ROWS - 1, after=7)]
    assert found == [number for number in range(8, ROWS) if number % 10]
    assert len(plans) == -(-len(found) // PAGE)
    for plan in plans:
        assert "INDEX" in plan.upper()
        assert "TEMP B-TREE" not in plan  # what SQLite sorts in
        assert "Sort" not in plan  # as PostgreSQL calls it
