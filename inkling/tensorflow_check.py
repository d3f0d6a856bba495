"""Whether TensorFlow can be loaded here: it need not be installed, and takes much memory.

What serves, learns and looks back by the default rule does without it. Training originals and
networks takes it, and so does `LEARNING_RULE=sgd`.
"""

import importlib.util
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from inkling.errors import InklingError

NEEDED = 900_000_000  # bytes that a training and what runs beside it take
# What a container may take at most: control groups, version 2 and 1.
LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
NOT_INSTALLED = "TensorFlow is not installed.", "Install it: make training."


class NoTensorFlow(InklingError):
    """TensorFlow cannot be loaded on this machine. The message says what it takes."""


def check_tensorflow() -> None:
    """Raise NoTensorFlow where it is not installed, or would not fit into this machine's memory."""
    if importlib.util.find_spec("tensorflow") is None:
        raise NoTensorFlow(*NOT_INSTALLED)
    if (memory := most_memory()) < NEEDED:
        raise NoTensorFlow(
            f"TensorFlow takes {NEEDED / 1e6:.0f} MB of memory, this machine has "
            f"{memory / 1e6:.0f}.",
            "Take a machine or dyno of 1 GB or more (Heroku: --size=standard-2x).",
        )


@cache
def most_memory(limits: Iterable[Path] = LIMITS) -> int:
    """Return how many bytes this machine, or the container that it is, has."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in limits:
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):
            continue  # there is no such control group, or it sets no limit
    return min(found)
