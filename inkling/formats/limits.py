"""What is read from a network's file, and how much of anything it may have."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from inkling.errors import InvalidInput
from inkling.nets.description import Description

MOST_BYTES = 256_000_000  # of a file
MOST_CONFIG = 2_000_000  # bytes of a config
MOST_PARAMETERS = 20_000_000
MOST_LAYERS = 200
MOST_VALUES = 4_000_000  # that a layer makes of one digit
MOST_WORK = 2_000_000_000  # multiplications a digit: some 0.2 s


class NetworkFile(NamedTuple):
    """A network as a file tells it; nothing of it is checked yet but that it can be read.

    shape: what the first layer takes, without the number of digits. rows: the layers' kinds, names
    and options. weights: their arrays, layer by layer. description: in a file of ours.
    """

    shape: tuple[Any, ...]
    rows: Sequence[tuple[str, str, Mapping[str, Any]]]
    weights: Sequence[Sequence[NDArray[Any]]]
    description: Description | None = None


def check_size(path: Path) -> None:
    """Raise InvalidInput for a file that is too large, OSError for one that cannot be read."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise InvalidInput(
            f"{path} has {size:,} bytes; {MOST_BYTES:,} are the most.", "Name a smaller network."
        )
