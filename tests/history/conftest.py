"""A place of each kind on which things are learned and undone, and what must come of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from inkling.checkpoints import Arrays, get, parts
from inkling.history.verify import verify
from inkling.records import Drawing
from inkling.storage.folder import FolderStore
from testing.places import ORIGINALS, Place, fnn, labelled, open_place
from testing.postgres import needs_postgres
from tests.journal.test_outbox import Remote

PLACES = ["SQLite, folder", pytest.param("PostgreSQL, remote", marks=needs_postgres)]


@pytest.fixture(params=PLACES)
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Empty: SQLite and a folder, or PostgreSQL and a store behind a network."""
    database, _, store = request.param.partition(", ")
    with open_place(database, tmp_path, request) as found:
        if store == "remote":
            found.store = Remote(found.settings)
        yield found


def teach(place: Place, count: int, first: int = 0, together: bool = False) -> list[Drawing]:
    """So many labels, each learned and filed before the next, or all of them together."""
    drawings = []
    for number in range(first, first + count):
        drawings.append(place.journal.add(labelled(number)))
        if not together:
            place.learn()
            place.deliver()
    place.learn()
    place.deliver()
    return drawings


def newest_fnn(place: Place) -> Arrays:
    """The FNN's weights of the newest version."""
    version = place.journal.current_version()
    objects = place.journal.objects(version)
    assert objects is not None, f"Version {version} has no weights."
    return get(place.outbox, objects["fnn"])


def fold(drawings: list[Drawing]) -> Arrays:
    """The FNN's weights of a run that saw these drawings and no others."""
    nets = fnn()
    for drawing in drawings:
        nets.learn(drawing)
    return parts("fnn", nets["fnn"].state())["fnn"]


def equal(one: Arrays, other: Arrays) -> bool:
    """To the last bit."""
    assert one.keys() == other.keys()
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


def problems(place: Place) -> list[str]:
    """What `verify` finds, the objects compared too."""
    report = verify(place.outbox, ORIGINALS, fnn, with_drawings=True)
    return [finding.problem for finding in report.findings]


def left_of(place: Place, drawing: Drawing) -> list[str]:
    """Objects of the store that are this drawing's, or weights that no version names."""
    assert isinstance(place.store, FolderStore)
    named = {n for v in place.journal.kept_versions().values() for n in v.values()}
    strays = [n for n in place.store.names("weights/") if n not in named]
    return [*strays, *(n for n in place.store.names("drawings/") if drawing.id in n)]
