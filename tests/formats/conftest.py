"""What the tests of formats share."""

from pathlib import Path

import pytest

from tests.formats.foreign import make


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a network that can be imported: net.keras, net.h5."""
    folder = tmp_path_factory.mktemp("plain")
    for end in ("keras", "h5"):
        make("functional").save(folder / f"net.{end}")
    return folder
