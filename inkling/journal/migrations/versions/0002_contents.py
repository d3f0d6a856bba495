"""Weights may wait in the journal for an object store that is away."""

import sqlalchemy as sql
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Versions that are there already lie in the object store.
    for name, value in (("stored", sql.true()), ("kept", sql.true())):
        column = sql.Column(name, sql.Boolean, nullable=False, server_default=value)
        op.add_column("versions", column)
    with op.batch_alter_table("versions") as table:
        table.alter_column("stored", server_default=None)
        table.alter_column("kept", server_default=None)
    op.create_index("versions_by_stored", "versions", ["stored", "number"])
    op.create_table(
        "contents",
        sql.Column("name", sql.String(200), primary_key=True),
        sql.Column("content", sql.LargeBinary, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        # Weights do not get smaller by compressing: do not try.
        op.execute("ALTER TABLE contents ALTER COLUMN content SET STORAGE EXTERNAL")
