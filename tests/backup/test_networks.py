"""Networks in a backup: whole or not at all, whatever is trained meanwhile; jobs are in none."""

import json
from pathlib import Path

import pytest

from inkling.backup.archive import MANIFEST, BadBackup
from inkling.backup.create import write_backup
from inkling.backup.restore import restore_backup
from inkling.history.verify import verify
from inkling.journal.jobs import jobs_of
from inkling.journal.networks import networks_of, publish_network, remove_network
from inkling.journal.schema import networks
from inkling.trainer.uploader import Uploader
from testing.jobs import add_network
from testing.places import ORIGINALS, Opener, Place
from tests.backup.test_create import meanwhile
from tests.backup.test_restore import check_refused, rewrite


@pytest.fixture
def here(open_at: Opener) -> Place:
    place = open_at()
    add_network(place.outbox, "mine")
    add_network(place.outbox, "yours")
    return place


def graph_of(place: Place, name: str) -> str:
    return networks_of(place.journal)[name].graph


def test_networks_come_back_and_jobs_do_not(full: Place, saved: Path, open_at: Opener) -> None:
    there = open_at()
    assert restore_backup(saved, there.journal, there.store).networks == 2
    assert networks_of(there.journal) == networks_of(full.journal)
    assert jobs_of(full.journal) and not jobs_of(there.journal)
    Uploader(there.outbox).sweep()
    assert verify(there.outbox, ORIGINALS, None).findings == []


@pytest.mark.parametrize("content", [None, b"", b"others"])
def test_a_network_that_cannot_be_read_is_passed_over_and_told(
    here: Place,
    open_at: Opener,
    tmp_path: Path,
    content: bytes | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = graph_of(here, "mine")
    here.store.delete(name) if content is None else here.store.put(name, content)
    (finding,) = verify(here.outbox, ORIGINALS, None).findings
    assert finding.problem.startswith("The network mine cannot be read.")
    assert finding.remedy == "Train or import the network anew, or remove it."
    there, path = open_at(), tmp_path / "backup.zip"
    assert write_backup(here.journal, here.store, path).networks == 1
    assert "The network mine is not backed up." in caplog.text
    restore_backup(path, there.journal, there.store)
    assert [*networks_of(there.journal)] == ["yours"]


def test_a_network_that_is_replaced_meanwhile_is_backed_up_as_it_is_then(
    here: Place, open_at: Opener, tmp_path: Path
) -> None:
    there, path = open_at(), tmp_path / "backup.zip"

    def replace() -> None:
        remove_network(here.outbox, "yours")
        description = networks_of(here.journal)["mine"].description
        publish_network(here.outbox, description, b"new weights", b"new graph")

    with meanwhile(here, replace) as done:
        write_backup(here.journal, here.store, path)
    assert done
    restore_backup(path, there.journal, there.store)
    assert [*networks_of(there.journal)] == ["mine"]
    assert there.store.get(graph_of(there, "mine")) == b"new graph"


def test_a_description_that_cannot_be_read_is_told_and_the_network_passed_over(
    here: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with here.journal.engine.begin() as connection:
        mine = networks.update().where(networks.c.name == "mine")
        connection.execute(mine.values(description={"name": "mine"}))
    (finding,) = verify(here.outbox, ORIGINALS, None).findings
    assert "The network mine cannot be read. The description" in finding.problem
    assert write_backup(here.journal, here.store, tmp_path / "backup.zip").networks == 1
    assert "The network mine is not backed up." in caplog.text


def test_a_backup_of_before_there_were_networks_is_restored(saved: Path, open_at: Opener) -> None:
    def age(members: dict[str, bytes]) -> None:
        for name in [name for name in members if name.startswith("networks")]:
            del members[name]
        told = json.loads(members[MANIFEST])
        told["members"] = {name: told["members"][name] for name in members if name != MANIFEST}
        del told["counts"]["networks"], told["columns"]["networks"]
        members[MANIFEST] = json.dumps(told).encode()

    rewrite(saved, age)
    there = open_at()
    assert restore_backup(saved, there.journal, there.store).networks == 0
    assert there.journal.current_version() == 24


def test_objects_that_networks_name_must_be_there(saved: Path, open_at: Opener) -> None:
    def forget(members: dict[str, bytes]) -> None:
        del members[next(name for name in members if name.startswith("networks/"))]
        told = json.loads(members[MANIFEST])
        told["members"] = {name: told["members"][name] for name in members if name != MANIFEST}
        members[MANIFEST] = json.dumps(told).encode()

    rewrite(saved, forget)
    check_refused(saved, open_at(), BadBackup, "the objects that its networks name")
