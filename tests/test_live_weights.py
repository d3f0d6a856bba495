"""The newest weights in a file: as they were written, or none."""

from pathlib import Path

import numpy as np
import pytest

from inkling.live_weights import FILE, LiveVersion, LiveWeights
from testing.places import BOTH

MADE = LiveVersion(7, "a")


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    live = LiveWeights(tmp_path / "new")
    assert live.version() is None
    assert live.read() is None
    turned = {"cnn": BOTH["cnn"] | {"dense_kernel": np.asfortranarray(BOTH["cnn"]["dense_kernel"])}}
    live.write(MADE, BOTH | turned)
    assert live.version() == MADE
    found = live.read()
    assert found is not None
    assert found[0] == MADE
    assert found[1].keys() == BOTH.keys()
    for net, arrays in BOTH.items():
        assert found[1][net].keys() == arrays.keys()
        for name, array in arrays.items():
            assert found[1][net][name].dtype == np.float32
            np.testing.assert_array_equal(found[1][net][name], array)
    live.write(LiveVersion(8, "b"), {"fnn": BOTH["fnn"]})
    assert live.version() == LiveVersion(8, "b")
    live.remove()
    live.remove()
    assert live.read() is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b"[]\n",
        b'{"version": 7}\n',
        b"\x93\n",
        b'{"version": "x", "drawing": "a", "arrays": []}\n',
    ],
)
def test_what_is_damaged_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert LiveWeights(tmp_path).version() is None
    assert LiveWeights(tmp_path).read() is None


@pytest.mark.parametrize("kept", [100, 1_000, 4_000_000])
def test_a_file_that_ends_too_early_is_as_good_as_none(tmp_path: Path, kept: int) -> None:
    live = LiveWeights(tmp_path)
    live.write(MADE, BOTH)
    content = (tmp_path / FILE).read_bytes()
    for rest in (b"", bytes(len(content) - kept)):  # cut off, or never written to the disk
        (tmp_path / FILE).write_bytes(content[:kept] + rest)
        assert live.read() is None
