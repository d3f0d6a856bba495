"""Places in the code where a test may stop a process, by SIGKILL or a pause.

FAULT names a place, what happens there and a file: `label committed:kill:/tmp/once`; several are
parted by commas. It happens while the file is there; a kill removes the file first and so comes
once, a pause ends when the file is gone. `<file>.reached` then holds the process's number.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from inkling.errors import InvalidInput

PLACES = (
    "label inserted",  # by a web worker, not committed yet
    "label committed",  # but not answered
    "steps taken",  # by the trainer, in memory
    "version inserted",  # not committed yet
    "version committed",  # but nobody was told
    "weights stored",  # but no version names them yet
    "weights named",  # in the row of their version
    "object put",  # by the uploader, but the journal does not know
    "object noted",  # all is done
)
FORGETTING = (  # by `inkling forget`
    "nets rebuilt",  # in memory
    "row deleted",  # committed, with its version; the store still has objects
    "objects deleted",  # of the drawing; those of weights are left
)
TRAINING = (  # by the process that trains a network
    "epoch trained",  # in memory
    "checkpoint stored",  # but the job does not name it yet
    "checkpoint noted",
    "network stored",  # its objects, but no row names them yet
    "job ended",  # committed, with the network; the checkpoint is still there
)


@dataclass(frozen=True)
class Fault:
    """What FAULT says."""

    place: str
    action: str
    file: Path


_armed: list[Fault] = []


def arm(text: str) -> None:
    """Take up what the setting FAULT says; where it is empty, nothing ever happens.

    Raises InvalidInput for a place or an action that there is not.
    """
    _armed[:] = faults(text)


def faults(text: str) -> list[Fault]:
    """Return what a text asks for. Raises InvalidInput as `arm` does."""
    return [_read(part) for part in text.split(",") if part]


def _read(text: str) -> Fault:
    place, _, rest = text.partition(":")
    action, _, file = rest.partition(":")
    if place not in (*PLACES, *FORGETTING, *TRAINING) or action not in ("kill", "wait") or not file:
        raise InvalidInput(f"FAULT is {text!r}.", "Set it to place:kill:file or place:wait:file.")
    return Fault(place, action, Path(file))


def failpoint(place: str) -> None:
    """Let the fault happen that a test asked for at this place; without one, do nothing."""
    for fault in _armed:
        if fault.place == place and fault.file.exists():
            _happen(fault)


def _happen(fault: Fault) -> None:
    fault.file.with_name(fault.file.name + ".reached").write_text(str(os.getpid()))
    if fault.action == "kill":
        fault.file.unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
    while fault.file.exists():
        time.sleep(0.01)
