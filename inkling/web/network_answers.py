"""What programs are answered of networks: all that there are, one's state, what it sees."""

from datetime import datetime
from typing import Any

from functions import FloatArray
from inkling.errors import InvalidInput
from inkling.journal.job_words import SAMPLE_WORDS
from inkling.journal.jobs import (
    MNIST,
    OTHER,
    SAMPLES,
    AlreadyTraining,
    Job,
    JobState,
    ask_training,
    newest_job,
)
from inkling.nets.architectures import ARCHITECTURES
from inkling.nets.description import Description
from inkling.nets.registry import MODELS
from inkling.nets.retraining import CannotTrain, retraining_of
from inkling.records import TRAININGS
from inkling.serving.networks import NoSuchNetwork
from inkling.storage.base import ObjectMissing
from inkling.web import network_texts as texts
from inkling.web.app import current_app
from inkling.web.bad_input import BadInput

RUNNING = {JobState.WAITING: "queued", JobState.RUNNING: "training"}
PROGRESS = ("epoch", "epochs", "loss", "seconds_left")
CANNOT_LOAD = "The weights of {} cannot be read. Train or import it anew."

Answer = dict[str, Any]


class NotTrainable(InvalidInput):
    """A network that no request trains."""


def titles() -> dict[str, str]:
    """Return all networks: their names for people by those in addresses.

    First those of a source, trained or not; then the ones of other names; then the page's four.
    """
    found = {key: architecture.title_of(()) for key, architecture in ARCHITECTURES.items()}
    found |= {name: one.title for name, one in current_app.networks.descriptions().items()}
    return found | {key: model.full_title for key, model in MODELS.items()}


def check_known(name: str) -> None:
    """Raise BadInput (404) for a name that no network has."""
    if name not in MODELS and name not in ARCHITECTURES and _description(name) is None:
        remedy = f"Choose from: {', '.join(titles())}."
        raise BadInput(f"There is no network {name[:40]!r}.", remedy, status=404)


def about(name: str) -> str:
    """Return what a network is, in sentences."""
    if name in MODELS:
        return texts.about_model(MODELS[name], current_app.models_page.measured(name))
    description = _description(name)
    if description is None:
        return texts.about_untrained(ARCHITECTURES[name])
    return texts.about_network(description)


def status(name: str) -> Answer:
    """Return how good a network is since when, and how its training is going, if it is."""
    if name in MODELS:
        measured = current_app.models_page.measured(name)
        return _state(measured.score.accuracy, measured.at) if measured else _state(None, None)
    job = newest_job(current_app.journal, name)
    # After the job: where that has ended, what it made is there.
    current_app.networks.refresh()
    description = _description(name)
    found = _state(None, None)
    if description:
        found = _state(description.accuracy, description.made)
    return found | (_progress(job, description) if job else {})


def _state(accuracy: float | None, at: datetime | None) -> Answer:
    return {
        "accuracy": None if accuracy is None else texts.percent(accuracy),
        "datetime": None if at is None else texts.moment(at),
    }


def _progress(job: Job, description: Description | None) -> Answer:
    """Return where the last training is: nothing where it has ended well."""
    if job.state in RUNNING:
        told = job.progress or {}
        known = {name: told[name] for name in PROGRESS if told.get(name) is not None}
        return {"state": RUNNING[job.state]} | known
    is_past = description and job.ended_at and description.made > job.ended_at
    if job.state is JobState.FAILED and not is_past:
        return {"state": "failed", "error": job.reason or "The training failed."}
    return {}


def train(name: str, sample: object) -> str:
    """Ask for a training on a sample, and return what was asked for, in a sentence.

    Raises BadInput (400) for what is no sample's name, (409) for one that is not here, or where it
    trains already, (503) where no process can train.
    """
    if sample not in SAMPLES:
        problem = f"The training sample is {str(sample)[:20]!r}."
        raise BadInput(problem, f"Ask with training_sample={' or '.join(SAMPLES)}.")
    if sample == OTHER and not current_app.settings.sample_file:
        raise BadInput(
            "There is no other training sample here.",
            f"Make one (inkling sample) and name it in SAMPLE_FILE, or ask for {MNIST}.",
            status=409,
        )
    if (why := current_app.journal.noticed(TRAININGS)) is not None:
        raise BadInput("No network can be trained here.", why, status=503)
    try:
        ask_training(current_app.journal, name, str(sample))
    except AlreadyTraining as error:
        problem = f"The network {name} is being trained already."
        raise BadInput(problem, f"Look at /{name}/train/status.", status=409) from error
    return (
        f"{titles()[name]} will be trained on {SAMPLE_WORDS[sample]}, in the background; "
        f"/{name}/train/status tells how far it is."
    )


def check_trainable(name: str) -> None:
    """Raise NotTrainable for a network that no request trains."""
    if name in MODELS:
        taught = "visitors of the page teach it" if MODELS[name].retrained else "it stays as it is"
        raise NotTrainable(f"{titles()[name]} is not trained so: {taught}.", _trainable())
    try:
        retraining_of(name, _description(name))
    except (CannotTrain, InvalidInput) as error:
        raise NotTrainable(error.message, _trainable()) from error


def _trainable() -> str:
    return f"Train one of: {', '.join(ARCHITECTURES)}."


def sees(name: str, digit: FloatArray) -> tuple[FloatArray, bool]:
    """Return probabilities (10,) that a network gives to a digit (28, 28), and whether it is one.

    While it trains, its former weights answer. Raises BadInput (500) where its weights are damaged,
    (404) where it was removed meanwhile, OSError where the store does not answer.
    """
    if name in MODELS:
        found = current_app.recognizer.predict(digit)
        return found.probabilities[name], found.is_digit
    try:
        said = current_app.networks.probabilities(name, digit)
    except NoSuchNetwork as error:
        raise BadInput(error.message, error.remedy, status=404) from error
    except (ObjectMissing, InvalidInput) as error:
        current_app.logger.error("%s cannot be loaded. %s", name, error)
        raise BadInput(CANNOT_LOAD.format(name), status=500) from error
    return said, current_app.recognizer.is_digit(digit)


def check_trained(name: str) -> None:
    """Raise BadInput (409) for a network that has no weights yet."""
    if name not in MODELS and _description(name) is None:
        problem = f"The network {name} is not trained yet."
        raise BadInput(problem, f"Ask for /{name}/train first.", status=409)


def _description(name: str) -> Description | None:
    return current_app.networks.find(name)
