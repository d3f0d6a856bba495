"""What is told of a job in words, to visitors and in a terminal."""

from typing import Any

from inkling.journal.jobs import MNIST, OTHER, Job, JobState
from inkling.words import ENGLISH, Words, marked

SAMPLE_WORDS = {MNIST: "MNIST", OTHER: marked("the other sample")}
STATES = {
    JobState.WAITING: marked("waiting"),
    JobState.RUNNING: marked("running"),
    JobState.DONE: marked("done"),
    JobState.FAILED: marked("failed: %(reason)s"),
    JobState.CANCELLED: marked("cancelled"),
}


def words_of(job: Job, say: Words = ENGLISH) -> str:
    """Return where a job is, or what became of it."""
    if job.cancelled and not job.has_ended:
        return say.text("being cancelled")
    if job.state is JobState.FAILED:
        return say.text(STATES[job.state], reason=job.reason)
    if job.progress is None or job.state in (JobState.WAITING, JobState.CANCELLED):
        return say.text(STATES[job.state])
    told = [say.text(STATES[job.state]), _epochs(job.progress, say)]
    if job.progress["accuracy"] is not None:
        percent = say.number(100 * job.progress["accuracy"], 2)
        told.append(say.text("%(percent)s\u00a0%% right", percent=percent))
    if job.state is JobState.RUNNING and job.progress["seconds_left"]:
        time = duration(job.progress["seconds_left"], say)
        told.append(say.text("%(time)s left", time=time))
    return ", ".join(told)


def _epochs(progress: dict[str, Any], say: Words) -> str:
    epoch = say.number(progress["epoch"])
    return say.plural(
        "%(epoch)s of %(num)s epoch", "%(epoch)s of %(num)s epochs", progress["epochs"], epoch=epoch
    )


def duration(seconds: float, say: Words = ENGLISH) -> str:
    """Return a time in the unit that fits.

    >>> duration(12.3), duration(200), duration(9000)
    ('12 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return say.text("%(time)s s", time=say.number(seconds))
    if seconds < 6000:
        return say.text("%(time)s min", time=say.number(seconds / 60))
    return say.text("%(time)s h", time=say.number(seconds / 3600, 1))
