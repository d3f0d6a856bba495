"""The errors that are told to people: one base class, and what its kinds have in common."""


class InklingError(Exception):
    """Tells what is wrong and what to do about it.

    Command line and web show it as it reads; any other exception but OSError is a bug, or is
    caught where it is expected. A room defines its own kinds:

        InklingError
        ├── InvalidInput                what a person or a program gave cannot be used as it is
        │   ├── SettingError            settings
        │   ├── BadWeights              checkpoints
        │   ├── BadInput                web.bad_input, with a status of HTTP
        │   ├── NotTrainable            web.network_answers
        │   ├── BadBackup               backup.archive
        │   ├── NotEmpty                journal.dump
        │   ├── WrongSecret             journal.changes
        │   ├── DamagedNetwork          journal.networks
        │   ├── NoSuchJob               journal.jobs
        │   └── BadSample               trainer.job_sample
        ├── Unavailable                 what does not answer now; the same may work later
        │   ├── JournalUnavailable      journal.database
        │   ├── StoreUnavailable        storage.base, an OSError too
        │   ├── Overtaken               journal.outbox
        │   ├── Busy                    serving.past_versions
        │   └── Overloaded              web.concurrency
        ├── UnusableDatabase            journal.database
        ├── RowConflict                 journal.database
        ├── VersionConflict             records
        ├── MissingLesson               journal.lineage
        ├── ObjectMissing               storage.base
        ├── NotStored                   serving.past_versions
        ├── AlreadyTraining             journal.jobs
        ├── LostJob                     journal.jobs
        ├── CannotTrain                 nets.retraining
        ├── NoSuchNetwork               serving.networks
        ├── CannotLearn                 learning.replay_buffer
        │   └── Refused                 learning.replay_buffer
        ├── CannotReplay                history.replay
        ├── OtherRule                   trainer.trainer
        ├── UnknownRule                 learning.learner
        ├── NoTensorFlow                tensorflow_check
        └── CannotBackUp                backup.create

    >>> str(InklingError("The file is empty.", "Name another."))
    'The file is empty. Name another.'
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        """Take what is wrong and what to do, each a sentence or more."""
        super().__init__(f"{message} {remedy}".strip())
        self.message, self.remedy = message, remedy


class InvalidInput(InklingError):
    """An option, a file, a setting or a request that cannot be used as it is."""


class Unavailable(InklingError):
    """Something that does not answer now. Nothing was changed; the same may work later."""
