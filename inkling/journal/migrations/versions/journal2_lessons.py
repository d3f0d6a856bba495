"""An index of the drawings by state and version: a page of lessons is read without sorting all."""

from alembic import op

revision = "journal2"
down_revision = "journal1"


def upgrade() -> None:
    """Make the index."""
    op.create_index("drawings_by_lesson", "drawings", ["state", "version"])
