"""Networks that are trained as a whole, and the jobs that train them."""

import sqlalchemy as sql
from alembic import op

revision = "journal5"
down_revision = "journal4"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "networks",
        sql.Column("name", sql.String(40), primary_key=True),
        sql.Column("description", sql.JSON, nullable=False),
        sql.Column("weights", sql.String(200), nullable=False),
        sql.Column("graph", sql.String(200), nullable=False),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "jobs",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("network", sql.String(40), nullable=False),
        sql.Column("unfinished", sql.String(40), unique=True),
        sql.Column("sample", sql.String(40), nullable=False),
        sql.Column("state", sql.String(9), nullable=False),
        sql.Column("cancelled", sql.Boolean, nullable=False),
        sql.Column("attempt", sql.Integer, nullable=False),
        sql.Column("progress", sql.JSON),
        sql.Column("checkpoint", sql.String(200)),
        sql.Column("reason", sql.Text),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
        sql.Column("ended_at", sql.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )
