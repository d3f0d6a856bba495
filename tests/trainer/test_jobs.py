"""Jobs run by a trainer's thread in real processes: killed, cancelled, failed."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from inkling import checkpoints
from inkling.cli.main import inkling
from inkling.coordination.coordination import open_coordination
from inkling.errors import InvalidInput
from inkling.failpoints import TRAINING
from inkling.journal.jobs import (
    AlreadyTraining,
    JobState,
    LostJob,
    ask_training,
    cancel,
    end_job,
    note_checkpoint,
    oldest_job,
    take_up,
)
from inkling.journal.networks import networks_of, read_object
from inkling.nets.description import Description
from inkling.nets.retraining import CannotTrain, retraining_of
from inkling.records import TRAININGS
from inkling.serving.networks import Networks
from inkling.tensorflow_check import NoTensorFlow
from inkling.trainer import job_runner
from inkling.trainer.training_process import work
from testing.jobs import (
    EPOCHS,
    add_network,
    equal,
    job,
    runner,
    undisturbed,
    waiting_faults,
    write_digits,
)
from testing.live import wait_until
from testing.places import KINDS, Place, open_place


@pytest.fixture(params=["SQLite"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """An empty place with a sample and a network `tiny`, in the environment of child processes."""
    with open_place(request.param, tmp_path, request) as found:
        write_digits(tmp_path / "digits.npz")
        for name, value in found.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SAMPLE_FILE", str(tmp_path / "digits.npz"))
        add_network(found.outbox, "tiny")
        yield found


def arm(monkeypatch: pytest.MonkeyPatch, files: dict[str, Path], action: str) -> None:
    for file in files.values():
        file.touch()
    monkeypatch.setenv(
        "FAULT", ",".join(f"{place}:{action}:{file}" for place, file in files.items())
    )


def weights_of(place: Place, name: str) -> checkpoints.Arrays:
    row = networks_of(place.journal)[name]
    return checkpoints.unpack(read_object(place.store, row.weights))


def is_over(place: Place, id: int) -> bool:
    return job(place.journal, id).has_ended


@pytest.mark.long
def test_a_killed_training_ends_at_the_very_same_weights(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    arm(monkeypatch, waiting_faults(tmp_path, TRAINING, "kill"), "kill")
    networks = Networks(place.settings.models_folder, place.outbox)
    networks.refresh()
    id = ask_training(place.journal, "tiny", "other")
    with runner(place.settings):
        wait_until(lambda: is_over(place, id))
        wait_until(lambda: [*place.store.names("jobs/")] == [])
    ended = job(place.journal, id)
    assert (ended.state, ended.reason) == (JobState.DONE, None)
    assert ended.progress and ended.progress["epoch"] == ended.progress["epochs"] == EPOCHS
    assert ended.attempt == len(TRAINING)  # killed at each but the last, where all is done
    assert "goes on after epoch" in capfd.readouterr().err
    assert equal(weights_of(place, "tiny"), undisturbed(tmp_path / "digits.npz", "tiny"))
    assert len([*place.store.names("networks/")]) == 2
    networks.refresh()
    assert networks.describe("tiny").figures["test"].accuracy > 0.5
    assert networks.probabilities("tiny", np.zeros((28, 28), np.float32)).shape == (10,)


@pytest.mark.long
def test_jobs_run_one_after_another_and_one_that_runs_is_cancelled(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = waiting_faults(tmp_path, ["checkpoint noted"])
    arm(monkeypatch, files, "wait")
    add_network(place.outbox, "second")
    before = networks_of(place.journal)
    first = ask_training(place.journal, "tiny", "other")
    second = ask_training(place.journal, "second", "other")
    with pytest.raises(AlreadyTraining, match="tiny is being trained already"):
        ask_training(place.journal, "tiny", "other")
    with runner(place.settings):
        wait_until(lambda: job(place.journal, first).checkpoint is not None)
        assert [*place.store.names("jobs/")]
        assert job(place.journal, second).state is JobState.WAITING
        said = CliRunner().invoke(inkling, ["jobs", "--cancel", str(first)]).output
        assert "tiny on other: being cancelled" in said
        files["checkpoint noted"].unlink()
        wait_until(lambda: is_over(place, second))
        wait_until(lambda: [*place.store.names("jobs/")] == [])
    assert job(place.journal, first).state is JobState.CANCELLED
    assert job(place.journal, second).state is JobState.DONE
    after = networks_of(place.journal)
    assert after["tiny"] == before["tiny"]
    assert after["second"].weights != before["second"].weights


def test_a_job_that_waits_is_cancelled_at_once(place: Place) -> None:
    id = ask_training(place.journal, "tiny", "other")
    assert cancel(place.journal, id).state is JobState.CANCELLED
    assert oldest_job(place.journal) is None
    for words in (["jobs", "--cancel", str(id)], ["jobs", "--cancel", "99"]):
        refused = CliRunner().invoke(inkling, words)
        assert refused.exit_code == 1
        assert refused.output.startswith(("Error: Job 1 has ended", "Error: There is no job 99."))
    assert '"state": "cancelled"' in CliRunner().invoke(inkling, ["jobs", "--json"]).output


@pytest.mark.parametrize("place", KINDS, indirect=True)
def test_who_was_left_behind_changes_nothing(place: Place) -> None:
    ask_training(place.journal, "tiny", "other")
    first, second = take_up(place.journal), take_up(place.journal)
    assert first and second and (first.attempt, second.attempt) == (1, 2)
    with pytest.raises(LostJob):
        note_checkpoint(place.journal, first, "jobs/1/1-0a1b.npz")
    note_checkpoint(place.journal, second, "jobs/1/2-0a1b.npz")
    found = oldest_job(place.journal)
    assert found and found.checkpoint == "jobs/1/2-0a1b.npz"


@pytest.mark.parametrize("kind", ["text", "cut", "gone"])
def test_a_broken_sample_ends_as_a_failed_job_with_its_reason(
    place: Place, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "digits.npz"
    file.write_bytes(file.read_bytes()[:-3000] if kind == "cut" else b"no digits")
    settings = replace(place.settings, sample_file=str(file))
    if kind == "gone":
        file.unlink()
    before = networks_of(place.journal)
    id = ask_training(place.journal, "tiny", "other")
    work(settings)
    failed = job(place.journal, id)
    assert failed.state is JobState.FAILED
    assert failed.reason and failed.reason.startswith("digits.npz cannot be read")
    assert str(tmp_path) not in failed.reason  # everybody may read it
    assert networks_of(place.journal) == before
    assert ask_training(place.journal, "tiny", "other") > id


def test_a_sample_too_small_and_one_that_is_not_there_fail_in_words(
    place: Place, tmp_path: Path
) -> None:
    id = ask_training(place.journal, "tiny", "other")
    work(place.settings)  # without SAMPLE_FILE
    assert "There is no other sample." in (job(place.journal, id).reason or "")
    id = ask_training(place.journal, "tiny", "letters")
    work(place.settings)
    assert "no sample 'letters'" in (job(place.journal, id).reason or "")
    id = ask_training(place.journal, "unknown", "other")
    work(place.settings)
    assert "There is no network 'unknown'." in (job(place.journal, id).reason or "")


def test_a_process_that_ends_by_itself_time_and_again_fails_its_job(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "MODULE", "inkling.no_such_module")
    monkeypatch.setattr(job_runner, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(job_runner, "FIRST_PAUSE", 0.0)
    id = ask_training(place.journal, "tiny", "other")
    with runner(place.settings):
        wait_until(lambda: is_over(place, id))
    assert job(place.journal, id).state is JobState.FAILED
    assert "ended 5 times without an epoch" in (job(place.journal, id).reason or "")


def test_an_embedded_trainer_leaves_jobs_to_a_worker(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_runner, "MODULE", "inkling.no_such_module")
    monkeypatch.setattr(job_runner, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(job_runner, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(job_runner, "WORKER_SECONDS_HERE", 0.1)
    id = ask_training(place.journal, "tiny", "other")
    coordination = open_coordination(place.settings)
    assert coordination.worker.acquire()
    with runner(place.settings, embedded=True):
        time.sleep(0.5)  # fifty looks
        assert not coordination.jobs.is_held()
        assert job(place.journal, id).state is JobState.WAITING
        coordination.worker.release()  # now the job is its own, and fails
        wait_until(lambda: is_over(place, id))


def test_checkpoints_are_deleted_when_their_job_has_ended(place: Place) -> None:
    others = ["jobs/77/1-0a1b.npz", "networks/old/0a.npz"]
    running = ask_training(place.journal, "tiny", "other")
    job = take_up(place.journal)
    assert job
    end_job(place.journal, job, JobState.CANCELLED)
    for name in (f"jobs/{running}/3-0a1b.npz", *others):  # stored, and never named
        place.store.put(name, b"")
    before = {*place.store.names()}
    with runner(place.settings):
        wait_until(lambda: {*place.store.names()} != before)
    assert before - {*place.store.names()} == {f"jobs/{running}/3-0a1b.npz"}


def test_its_process_ends_with_its_parent(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = waiting_faults(tmp_path, ["checkpoint noted"])
    arm(monkeypatch, files, "wait")
    id = ask_training(place.journal, "tiny", "other")
    words = "import subprocess, sys, os; print(subprocess.Popen([sys.executable, '-m', "
    words += f"{job_runner.MODULE!r}, str(os.getpid())]).pid, flush=True); input()"
    parent = subprocess.Popen(
        [sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    wait_until(lambda: job(place.journal, id).checkpoint is not None)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not Path(f"/proc/{child}").exists())


def test_how_a_network_is_trained_again() -> None:
    described = Description("mine", "", "", "dense", {}, 1, training={"hidden": [3], "seed": 2})
    with pytest.raises(InvalidInput, match="cannot be read"):
        retraining_of("mine", described)
    described.training.update({"epochs": 4, "batch": 9, "patience": 2, "data": "MNIST"})
    found = retraining_of("mine", described)
    assert (found.hidden, found.seed, found.recipe.epochs, found.recipe.batch) == ((3,), 2, 4, 9)
    assert retraining_of("lenet", described).recipe.epochs == 10
    assert retraining_of("bn-cnn", None).recipe.validate_on_test
    imported = Description("x", "", "", "imported", {}, 1)
    for name, given in (("x", imported), ("x", None)):
        with pytest.raises(CannotTrain):
            retraining_of(name, given)


def test_where_nothing_can_be_trained_jobs_wait_and_everybody_hears_why(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise NoTensorFlow("It is not there.", "Install it.")

    id = ask_training(place.journal, "tiny", "other")
    with monkeypatch.context() as patch:
        patch.setattr(job_runner, "check_tensorflow", refuse)
        with runner(place.settings):
            wait_until(lambda: place.journal.noticed(TRAININGS) == "It is not there. Install it.")
            wait_until(lambda: "Jobs wait. It is not there." in caplog.text)
            threading.Event().wait(2.2)  # in which it looks twice more
            assert caplog.text.count("Jobs wait.") == 1
            assert job(place.journal, id).state == JobState.WAITING
            cancel(place.journal, id)
            wait_until(lambda: job(place.journal, id).state == JobState.CANCELLED)
    with runner(place.settings):
        wait_until(lambda: place.journal.noticed(TRAININGS) is None)
