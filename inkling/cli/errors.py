"""What ends a command with one line on standard error instead of a traceback."""

from sqlalchemy.exc import SQLAlchemyError

from inkling.journal.database import UnusableDatabase

# Bad input and settings, then the failures of disk, store and database.
TOLD_IN_ONE_LINE = (ValueError, OSError, SQLAlchemyError, UnusableDatabase)
