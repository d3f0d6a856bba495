"""Files of a good network with something changed in them, and that they are refused."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import pytest

from inkling.errors import InvalidInput
from inkling.formats.importing import import_network, network_of
from inkling.formats.keras_file import read_h5, read_keras
from inkling.formats.limits import MOST_BYTES
from inkling.nets.description import check_name

READERS = {".keras": read_keras, ".h5": read_h5}
Edit = Callable[[dict[str, Any]], None]  # of the config
Change = Callable[[h5py.File], None]


def refused(path: Path, name: str = "mine", scale: float | None = None) -> str:
    """Why it cannot be imported: read in this process, where `import_network` takes another."""
    with pytest.raises(InvalidInput) as error:
        if path.suffix in READERS and path.stat().st_size <= MOST_BYTES:
            check_name(name)
            network_of(READERS[path.suffix](path), path, name, scale)
        else:
            import_network(path, name, scale)
    assert error.value.remedy
    return error.value.message


def edited(plain: Path, out: Path, edit: Edit) -> Path:
    """The network with another config, as .keras."""
    with zipfile.ZipFile(plain / "net.keras") as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "config.json":
                config = json.loads(content)
                edit(config)
                content = json.dumps(config).encode()
            new.writestr(name, content)
    return out


def changed(plain: Path, out: Path, change: Change) -> Path:
    """The network with other things in its HDF5 file, as .keras."""
    with zipfile.ZipFile(plain / "net.keras") as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".h5"):
                file = io.BytesIO(content)
                with h5py.File(file, "r+") as found:
                    change(found)
                content = file.getvalue()
            new.writestr(name, content)
    return out
