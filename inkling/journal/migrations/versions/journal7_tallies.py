"""Counts of the drawings by state, which the database keeps with every change of a row."""

import sqlalchemy as sql
from alembic import op

revision = "journal7"
down_revision = "journal6"

CHANGED = "OLD.state <> NEW.state OR OLD.label <> NEW.label OR OLD.position <> NEW.position"
ADDED = """
    INSERT INTO tallies (state, no_digit, slot, count, positions)
    VALUES (NEW.state, NEW.label = -1, {slot}, 1, NEW.position)
    ON CONFLICT (state, no_digit, slot) DO UPDATE
    SET count = tallies.count + 1, positions = tallies.positions + excluded.positions;"""
# What is taken off may have been added in another slot: a slot may fall below zero, the sum not.
TAKEN = """
    INSERT INTO tallies (state, no_digit, slot, count, positions)
    VALUES (OLD.state, OLD.label = -1, {slot}, -1, -OLD.position)
    ON CONFLICT (state, no_digit, slot) DO UPDATE
    SET count = tallies.count - 1, positions = tallies.positions + excluded.positions;"""


def upgrade() -> None:
    """Make the table with what is there, and the triggers that keep it."""
    op.create_table(
        "tallies",
        sql.Column("state", sql.String(9), primary_key=True),
        sql.Column("no_digit", sql.Boolean, primary_key=True),
        sql.Column("slot", sql.SmallInteger, primary_key=True, autoincrement=False),
        sql.Column("count", sql.BigInteger, nullable=False),
        sql.Column("positions", sql.BigInteger, nullable=False),
    )
    op.execute(
        "INSERT INTO tallies SELECT state, label = -1, 0, count(*), sum(position) FROM drawings "
        "GROUP BY 1, 2"
    )
    if op.get_bind().dialect.name == "postgresql":
        _make_postgres_trigger()
    else:
        _make_sqlite_triggers()


def _make_sqlite_triggers() -> None:
    added, taken = ADDED.format(slot=0), TAKEN.format(slot=0)
    for name, event, when, what in (
        ("added", "INSERT", "", added),
        ("deleted", "DELETE", "", taken),
        ("changed", "UPDATE OF state, label, position", f"WHEN {CHANGED}", taken + added),
    ):
        op.execute(
            f"CREATE TRIGGER drawings_{name} AFTER {event} ON drawings FOR EACH ROW {when} "
            f"BEGIN {what} END"
        )


def _make_postgres_trigger() -> None:
    """Make a trigger that changes a tally's row among 16: one would make all sessions wait.

    Of two states the one that comes first in the alphabet is changed first, so that two sessions
    never wait for each other.
    """
    added, taken = (what.format(slot="pg_backend_pid() % 16") for what in (ADDED, TAKEN))
    op.execute(
        f"""
        CREATE FUNCTION tally_drawings() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN {added}
            ELSIF TG_OP = 'DELETE' THEN {taken}
            ELSIF NEW.state < OLD.state THEN {added} {taken}
            ELSIF {CHANGED} THEN {taken} {added}
            END IF;
            RETURN NULL;
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER drawings_tallied AFTER INSERT OR DELETE OR "
        "UPDATE OF state, label, position ON drawings "
        "FOR EACH ROW EXECUTE FUNCTION tally_drawings()"
    )
