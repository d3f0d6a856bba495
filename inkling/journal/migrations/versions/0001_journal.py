"""The first tables: drawings, versions, evaluations."""

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "drawings",
        sql.Column("position", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("id", sql.String(36), nullable=False, unique=True),
        sql.Column("label", sql.SmallInteger, nullable=False),
        sql.Column("png", sql.LargeBinary, nullable=False),
        sql.Column("strokes", sql.JSON),
        sql.Column("predictions", sql.JSON, nullable=False),
        sql.Column("predicted_version", sql.Integer, nullable=False),
        sql.Column("state", sql.String(9), nullable=False),
        sql.Column("reason", sql.Text),
        sql.Column("version", sql.Integer, unique=True),
        sql.Column("receipt", sql.JSON),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
        sql.Column("stored", sql.Boolean, nullable=False),
        sql.CheckConstraint("label BETWEEN 0 AND 9", name="label_is_a_digit"),
        sqlite_autoincrement=True,
    )
    op.create_index("drawings_by_state", "drawings", ["state", "position"])
    op.create_index("drawings_by_stored", "drawings", ["stored", "position"])
    op.create_table(
        "versions",
        sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("drawing", sql.String(36), nullable=False, unique=True),
        sql.Column("objects", sql.JSON),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "evaluations",
        sql.Column("version", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("scores", sql.JSON, nullable=False),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    )
