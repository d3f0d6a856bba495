"""What is told of a job in words, to visitors and in a terminal."""

from typing import Any

from inkling.journal.jobs import MNIST, OTHER, Job, JobState

SAMPLE_WORDS = {MNIST: "MNIST", OTHER: "the other sample"}


def words_of(job: Job) -> str:
    """Return where a job is, or what became of it."""
    if job.cancelled and not job.has_ended:
        return "being cancelled"
    if job.state is JobState.FAILED:
        return f"failed: {job.reason}"
    if job.progress is None or job.state in (JobState.WAITING, JobState.CANCELLED):
        return str(job.state)
    told = [str(job.state), _epochs(job.progress)]
    if job.progress["accuracy"] is not None:
        told.append(f"{100 * job.progress['accuracy']:.2f}\N{NO-BREAK SPACE}% right")
    if job.state is JobState.RUNNING and job.progress["seconds_left"]:
        told.append(f"{duration(job.progress['seconds_left'])} left")
    return ", ".join(told)


def _epochs(progress: dict[str, Any]) -> str:
    return f"{progress['epoch']} of {progress['epochs']} epochs"


def duration(seconds: float) -> str:
    """Return a time in the unit that fits.

    >>> duration(12.3), duration(200), duration(9000)
    ('12 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
