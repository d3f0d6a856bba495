"""What visitors and the operator change of drawings: asked for, done, and noted."""

import sqlalchemy as sql
from alembic import op

revision = "journal8"
down_revision = "journal7"


def upgrade() -> None:
    """Make the columns, the tables and the indexes."""
    op.add_column("drawings", sql.Column("secret_hash", sql.LargeBinary))
    op.add_column("drawings", sql.Column("wanted", sql.JSON(none_as_null=True)))
    changing = sql.text("wanted IS NOT NULL OR state = 'deleting'")
    op.create_index(
        "drawings_changing",
        "drawings",
        ["position"],
        sqlite_where=changing,
        postgresql_where=changing,
    )
    op.create_table("unwanted", sql.Column("name", sql.String(200), primary_key=True))
    op.create_table(
        "changes",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("drawing", sql.String(36), index=True),
        sql.Column("action", sql.String(8), nullable=False),
        sql.Column("by_visitor", sql.Boolean, nullable=False),
        sql.Column("before", sql.JSON(none_as_null=True)),
        sql.Column("after", sql.JSON(none_as_null=True)),
        sql.Column("undone", sql.Boolean, nullable=False),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
