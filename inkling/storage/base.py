"""What every object store can do: named bytes, written whole or not at all."""

import logging
from collections.abc import Iterator
from typing import Protocol

from inkling.errors import InklingError, InvalidInput, Unavailable
from inkling.files import PART

log = logging.getLogger(__name__)

ANEW = (
    "A trainer makes the newest weights anew from the journal when it starts; older ones only a "
    "backup has."
)
LONGEST_NAME = 255  # bytes; what every file system takes, and S3 with a prefix


class ObjectMissing(InklingError):
    """No object has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing.", ANEW)


class StoreUnavailable(Unavailable, OSError):
    """The store does not answer, or refuses. The message names the remedy, and no secret."""


class ObjectStore(Protocol):
    """What every store can do. Names are relative paths with '/', such as 'drawings/7/ab.png'.

    All raise InvalidInput for a name that `check_name` refuses, and OSError (behind a network:
    StoreUnavailable) where the store fails.
    """

    remote: bool  # behind a network, so that nobody may wait for it

    def put(self, name: str, content: bytes) -> None:
        """Store the content under the name; once this returns, no crash loses it."""

    def create(self, name: str, content: bytes) -> bool:
        """Store it as `put` does, where nothing has this name.

        Return False where something has it already, which stays as it is.
        """

    def get(self, name: str) -> bytes:
        """Return the content. Raises ObjectMissing where there is none."""

    def delete(self, name: str) -> None:
        """Remove the object; it is no error where there is none."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield all names with this prefix, sorted. Slow: for repairs, not while somebody waits."""


def check_name(name: str) -> None:
    """Raise InvalidInput for a name that not every store can hold."""
    plain = name.isprintable() and "\\" not in name and not name.endswith(PART)
    inside = not {"", ".", ".."} & set(name.split("/"))
    if not (plain and inside and len(name.encode()) <= LONGEST_NAME):
        raise InvalidInput(
            f"{name!r} is no object name.",
            f"Use a path below the store, of printable characters, {LONGEST_NAME} "
            f"bytes or less, that does not end in {PART}.",
        )


def store_once(store: ObjectStore, name: str, content: bytes) -> None:
    """Store an object that never changes, however often and by however many it is stored.

    Replace what lies there already and differs: it is damaged or foreign.
    """
    if store.create(name, content):
        return
    try:
        if store.get(name) == content:
            return
        log.warning("%s held something else than was stored there. It is stored anew.", name)
    except ObjectMissing:
        pass  # deleted since `create` saw it
    store.put(name, content)
