"""The first tables: drawings, versions, contents, evaluations, notices."""

import sqlalchemy as sql
from alembic import op

revision = "journal1"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_drawings()
    _make_versions()
    if op.get_bind().dialect.name == "postgresql":
        # Weights do not get smaller by compressing: do not try.
        op.execute("ALTER TABLE contents ALTER COLUMN content SET STORAGE EXTERNAL")


def _make_drawings() -> None:
    op.create_table(
        "drawings",
        sql.Column("position", sql.Integer, primary_key=True, autoincrement=True),
        sql.Column("id", sql.String(36), nullable=False, unique=True),
        sql.Column("label", sql.SmallInteger, nullable=False),
        sql.Column("png", sql.LargeBinary, nullable=False),
        sql.Column("digit", sql.LargeBinary, nullable=False),
        sql.Column("strokes", sql.JSON),
        sql.Column("predictions", sql.JSON, nullable=False),
        sql.Column("predicted_version", sql.Integer, nullable=False),
        sql.Column("said", sql.JSON, nullable=False),
        sql.Column("answer", sql.SmallInteger),
        sql.Column("believers", sql.SmallInteger, nullable=False),
        sql.Column("state", sql.String(9), nullable=False),
        sql.Column("rejection", sql.JSON),
        sql.Column("version", sql.Integer, unique=True),
        sql.Column("receipt", sql.JSON),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
        sql.Column("stored", sql.Boolean, nullable=False),
        sql.CheckConstraint("label BETWEEN -1 AND 9", name="label_is_a_digit_or_none"),
        sqlite_autoincrement=True,
    )
    op.create_index("drawings_by_state", "drawings", ["state", "position"])
    op.create_index("drawings_by_stored", "drawings", ["stored", "position"])


def _make_versions() -> None:
    """Make versions, and what goes with them."""
    op.create_table(
        "versions",
        sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("kind", sql.String(8), nullable=False),
        sql.Column("drawing", sql.String(36), unique=True),
        sql.Column("target", sql.Integer),
        sql.Column("objects", sql.JSON),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
        sql.Column("stored", sql.Boolean, nullable=False),
        sql.Column("kept", sql.Boolean, nullable=False),
    )
    op.create_index("versions_by_stored", "versions", ["stored", "number"])
    op.create_table(
        "contents",
        sql.Column("name", sql.String(200), primary_key=True),
        sql.Column("content", sql.LargeBinary, nullable=False),
    )
    op.create_table(
        "evaluations",
        sql.Column("version", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("scores", sql.JSON, nullable=False),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "notices",
        sql.Column("name", sql.String(40), primary_key=True),
        sql.Column("text", sql.Text, nullable=False),
        sql.Column("created_at", sql.DateTime(timezone=True), nullable=False),
    )
