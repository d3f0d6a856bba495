"""Places in the code where a test may stop a process, by SIGKILL or a pause.

FAULT names a place, what happens there and a file: `label committed:kill:/tmp/once`. It happens
while the file is there; a kill removes the file first and so comes once, a pause ends when the file
is gone. `<file>.reached` appears when the place was reached.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

PLACES = (
    "label inserted",  # by a web worker, not committed yet
    "label committed",  # but not answered
    "steps taken",  # by the trainer, in memory
    "weights stored",  # but no version names them yet
    "version inserted",  # not committed yet
    "version committed",  # but nobody was told
    "object put",  # by the courier, but the journal does not know
    "object noted",  # all is done
)


@dataclass(frozen=True)
class Fault:
    """What FAULT says."""

    place: str
    action: str
    file: Path


_armed: Fault | None = None


def arm(text: str) -> None:
    """Take up what the setting FAULT says; empty: nothing ever happens.

    Raises ValueError for a place or an action that there is not.
    """
    global _armed
    place, _, rest = text.partition(":")
    action, _, file = rest.partition(":")
    if text and (place not in PLACES or action not in ("kill", "wait") or not file):
        raise ValueError(f"FAULT is {text!r}. Set it to place:kill:file or place:wait:file.")
    _armed = Fault(place, action, Path(file)) if text else None


def reach(place: str) -> None:
    """The process is at this place: nothing, unless a test asked for a fault here."""
    if _armed is None or _armed.place != place or not _armed.file.exists():
        return
    _armed.file.with_name(_armed.file.name + ".reached").touch()
    if _armed.action == "kill":
        _armed.file.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
    while _armed.file.exists():
        time.sleep(0.01)
