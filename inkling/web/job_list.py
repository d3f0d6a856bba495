"""Jobs as a page shows them: what is trained on what, how far it is, what became of it."""

from dataclasses import dataclass

from inkling.journal.job_words import SAMPLE_WORDS, words_of
from inkling.journal.jobs import Job, JobState, jobs_of
from inkling.journal.reader import JournalReader
from inkling.web.languages import SAY

SHOWN = 10  # the newest


@dataclass(frozen=True)
class JobLine:
    """A job with its words."""

    job: Job

    @property
    def state(self) -> JobState:
        """Where it is; its class on the page."""
        return self.job.state

    @property
    def sample(self) -> str:
        """What it is trained on."""
        return SAY.text(SAMPLE_WORDS[self.job.sample])

    @property
    def words(self) -> str:
        """What became of it, or where it is."""
        return words_of(self.job, SAY)

    @property
    def share(self) -> float | None:
        """How much of a running job is done, in [0, 100]; None where that is not known."""
        if self.job.state is not JobState.RUNNING or not self.job.progress:
            return None
        epoch, epochs = (int(self.job.progress[name]) for name in ("epoch", "epochs"))
        return 100 * epoch / max(1, epochs)


def job_lines(journal: JournalReader) -> list[JobLine]:
    """Return the newest jobs, newest first."""
    return [*map(JobLine, jobs_of(journal, SHOWN))]
