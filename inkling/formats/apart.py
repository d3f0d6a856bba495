"""Keras's files, read in a process of their own, with little time, memory and environment.

HDF5 is parsed by a C library, and what is damaged in a file, by accident or on purpose, can make it
go round for ever or crash. So the process that asks hands out a path and reads back what
`npz.write_plain` wrote: arrays and JSON.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from inkling.errors import InvalidInput
from inkling.formats.limits import MOST_BYTES, NetworkFile
from inkling.formats.npz import read_plain, write_plain
from inkling.settings import ROOT

SECONDS = 30  # of work; the largest network that is taken needs some two
MEMORY = 4_000_000_000  # bytes of addresses: the file, its arrays, and both once more
REFUSED = 3  # exit code: the last line of standard output says why
REMEDY = "Save the network anew: model.save('name.keras')."


def read_apart(path: Path, seconds: int = SECONDS) -> NetworkFile:
    """Return the network in a `.keras` or `.h5` file.

    Raises InvalidInput for a file of another kind, and for one that cannot be read within so many
    seconds of work, OSError for one that cannot be opened.
    """
    path.open("rb").close()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "network.npz"
        command = [sys.executable, "-m", "inkling.formats.apart", str(path.resolve()), str(out)]
        environ = {"OPENBLAS_NUM_THREADS": "1", "PATH": os.defpath}
        done = subprocess.run(
            [*command, str(seconds)], cwd=ROOT, env=environ, capture_output=True, text=True
        )
        if done.returncode == REFUSED:
            message, remedy = json.loads(done.stdout.splitlines()[-1])
            raise InvalidInput(message, remedy)
        if done.returncode:
            # By a signal, where it crashed or took too long; else by what went wrong in Python.
            reason = (done.stderr.splitlines() or [""])[-1] if done.returncode > 0 else "damaged"
            raise InvalidInput(f"{path} cannot be read ({reason[:200]}).", REMEDY)
        return read_plain(out)


def main(path: Path, out: Path, seconds: int) -> None:
    """Read a file and write what is in it; end with REFUSED and the reason where it cannot be."""
    for limit, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, MOST_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))
    from inkling.formats.keras_file import read_h5, read_keras

    try:
        found = read_keras(path) if path.suffix == ".keras" else read_h5(path)
        write_plain(found, out)
    except InvalidInput as error:
        print(json.dumps([error.message, error.remedy]))
        sys.exit(REFUSED)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
