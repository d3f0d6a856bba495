"""Whether a person accepted a drawing: it is learned whatever screen and gate say."""

import sqlalchemy as sql
from alembic import op

revision = "journal3"
down_revision = "journal2"


def upgrade() -> None:
    """Add the column; nothing was accepted before."""
    column = sql.Column("accepted", sql.Boolean, nullable=False, server_default=sql.false())
    op.add_column("drawings", column)
