"""Which version a rollback went back to, and which lesson a rebuild left out."""

import sqlalchemy as sql
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("versions", sql.Column("target", sql.Integer))
