"""By which rule the weights of a version learned."""

import sqlalchemy as sql
from alembic import op

revision = "journal4"
down_revision = "journal3"


def upgrade() -> None:
    """Add the column; there was one rule before."""
    column = sql.Column("rule", sql.String(8), nullable=False, server_default="memory")
    op.add_column("versions", column)
