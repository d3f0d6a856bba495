"""Trainings that are killed with all else, frozen, taken over by another machine."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from inkling import checkpoints
from inkling.journal.jobs import Job, JobState, ask_training
from inkling.journal.networks import networks_of, read_object
from testing.deployments import QUICK, Deployment, apart, embedded, everything
from testing.faulty_s3 import FaultyS3
from testing.jobs import add_network, equal, job, undisturbed, waiting_faults, write_digits
from testing.live import Worker, wait_until
from testing.postgres import Cluster, needs_postgres

pytestmark = pytest.mark.proof

PLACE = "checkpoint noted"


def prepared(folder: Path) -> dict[str, str]:
    """A sample, and a file that makes a training stand still after an epoch while it is there."""
    write_digits(folder / "digits.npz")
    file = waiting_faults(folder, [PLACE])[PLACE]
    file.touch()
    return QUICK | {"SAMPLE_FILE": str(folder / "digits.npz"), "FAULT": f"{PLACE}:wait:{file}"}


def asked(deployment: Deployment, name: str) -> int:
    add_network(deployment.outbox, name)
    return ask_training(deployment.journal, name, "other")


def standing_still(deployment: Deployment, id: int) -> Job:
    """The job, once its training has done an epoch."""
    wait_until(lambda: job(deployment.journal, id).checkpoint is not None)
    return job(deployment.journal, id)


def go_on(folder: Path) -> None:
    waiting_faults(folder, [PLACE])[PLACE].unlink()


def trained(deployment: Deployment, name: str) -> checkpoints.Arrays:
    row = networks_of(deployment.journal)[name]
    return checkpoints.unpack(read_object(deployment.store, row.weights))


def check_done(deployment: Deployment, ids: Mapping[str, int], sample: Path) -> None:
    """Each ends at the very weights of a training that nothing disturbed, with nothing left."""
    for name, id in ids.items():
        wait_until(lambda: job(deployment.journal, id).has_ended, 240)  # noqa: B023
        assert job(deployment.journal, id).state is JobState.DONE, job(deployment.journal, id)
        assert equal(trained(deployment, name), undisturbed(sample, name))
    wait_until(lambda: [*deployment.store.names("jobs/")] == [])


def test_labels_are_learned_meanwhile_and_a_power_cut_costs_an_epoch_at_most(
    tmp_path: Path,
) -> None:
    with embedded(tmp_path, prepared(tmp_path)) as deployment:
        ids = {name: asked(deployment, name) for name in ("first", "second")}
        before = standing_still(deployment, ids["first"])
        with deployment.labelling(6):
            pass
        deployment.check()
        assert job(deployment.journal, ids["first"]).checkpoint == before.checkpoint
        assert job(deployment.journal, ids["second"]).state is JobState.WAITING
        everything(deployment)
        go_on(tmp_path)
        deployment.mend()
        check_done(deployment, ids, tmp_path / "digits.npz")
        assert f"Job {ids['first']} goes on after epoch 1." in deployment.log()
        assert job(deployment.journal, ids["first"]).attempt == 2


@needs_postgres
@pytest.mark.long
def test_another_machine_goes_on_though_the_store_is_away_at_first(
    tmp_path: Path, cluster: Cluster, s3: FaultyS3
) -> None:
    environ = prepared(tmp_path)
    with apart(tmp_path, cluster, s3, environ) as deployment:
        ids = {"mine": asked(deployment, "mine")}
        standing_still(deployment, ids["mine"])
        (here,) = deployment.workers
        for process in psutil.Process(here.process.pid).children():
            process.kill()
        here.process.kill()
        here.process.wait()
        deployment.workers.clear()  # it does not come back
        go_on(tmp_path)
        s3.mode = "refused"
        (tmp_path / "elsewhere").mkdir()
        there = Worker(tmp_path / "elsewhere", **deployment.environ)
        deployment.workers.append(there)
        wait_until(lambda: "The training waits" in there.log())
        s3.mode = "ok"
        check_done(deployment, ids, tmp_path / "digits.npz")
        assert f"Job {ids['mine']} goes on after epoch 1." in there.log()


@pytest.mark.long
def test_a_training_that_was_frozen_while_another_went_on_changes_nothing(tmp_path: Path) -> None:
    with embedded(tmp_path, prepared(tmp_path)) as deployment:
        ids = {"mine": asked(deployment, "mine")}
        standing_still(deployment, ids["mine"])
        (trainer,) = deployment.trainers()
        (left,) = trainer.children()
        left.suspend()
        trainer.kill()
        go_on(tmp_path)
        check_done(deployment, ids, tmp_path / "digits.npz")
        row = networks_of(deployment.journal)["mine"]
        left.resume()
        wait_until(lambda: not left.is_running() or left.status() == psutil.STATUS_ZOMBIE)
        assert networks_of(deployment.journal)["mine"] == row
        assert [*deployment.store.names("jobs/")] == []


@pytest.mark.long
def test_a_trainer_that_is_stopped_ends_its_training_at_once(tmp_path: Path) -> None:
    environ = prepared(tmp_path)
    with embedded(tmp_path, environ | {"TRAINER": "separate"}) as deployment:
        worker = deployment.add_worker(1)
        deployment.workers.append(worker)
        id = asked(deployment, "mine")
        standing_still(deployment, id)
        wait_until(lambda: "The trainer is ready" in worker.log())
        (child,) = psutil.Process(worker.process.pid).children()
        os.kill(worker.process.pid, signal.SIGTERM)
        assert worker.process.wait(60) == 0
        assert not child.is_running()
        assert job(deployment.journal, id).state is JobState.RUNNING


LONG = {"test_labels_are_learned_meanwhile_and_a_power_cut_costs_an_epoch_at_most"}
