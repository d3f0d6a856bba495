"""What the setting FAULT may say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inkling import failpoints
from inkling.errors import InvalidInput
from inkling.failpoints import failpoint


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.mark.parametrize(
    "text", ["steps taken", "steps taken:kill:", "steps taken:stop:/f", "elsewhere:kill:/f"]
)
def test_a_fault_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="Set it to place:kill:file or place:wait:file"):
        failpoints.arm(f"object put:wait:/f,{text}")


def test_nothing_happens_at_a_place_without_its_file(tmp_path: Path) -> None:
    failpoints.arm(f"object put:kill:{tmp_path / 'a'},object noted:kill:{tmp_path / 'b'}")
    for place in failpoints.PLACES:
        failpoint(place)
    assert not list(tmp_path.iterdir())
