"""Indexes of the few versions that have weights, and of the few that are no plain lesson."""

import sqlalchemy as sql
from alembic import op

revision = "journal6"
down_revision = "journal5"


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "versions_kept",
        "versions",
        ["number"],
        sqlite_where=sql.text("kept = 1"),
        postgresql_where=sql.text("kept"),
    )
    undone = sql.text("kind != 'lesson' OR drawing IS NULL")
    op.create_index(
        "versions_undone", "versions", ["number"], sqlite_where=undone, postgresql_where=undone
    )
