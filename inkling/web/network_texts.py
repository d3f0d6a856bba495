"""What programs are told of a network in sentences: its layers, its training, its accuracy."""

from collections.abc import Iterator
from datetime import UTC, datetime

from inkling.nets.architectures import Architecture
from inkling.nets.description import Description, Figures
from inkling.nets.registry import Model
from inkling.web.models_page import Measured

SETS = {"test": "test digits", "train": "training digits"}


def row(name: str, title: str) -> str:
    """Return a network's line in the list of all.

    >>> row("lenet", "LeNet")
    'LeNet url:/lenet'
    """
    return f"{title} url:/{name}"


def percent(accuracy: float) -> str:
    """Return an accuracy in [0, 1] in percent.

    >>> percent(0.9932)
    '99.32'
    """
    return f"{100 * accuracy:.2f}"


def moment(at: datetime) -> str:
    """Return a time as programs are told it, in UTC.

    >>> moment(datetime(2018, 11, 21, 17, 39, 8, tzinfo=UTC))
    '2018-11-21 17:39:08'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def about_model(model: Model, measured: Measured | None) -> str:
    """Return what one of the page's models is."""
    weights = (
        "Visitors of the page teach it: each label is a step."
        if model.retrained
        else "Its weights are as they were shipped."
    )
    score = "It was not measured here."
    if measured:
        found = measured.score
        score = (
            f"It reads {percent(found.accuracy)} % of {found.count:,} digits: {measured.digits}."
        )
    layers = f"A {model.network.description}: {model.network.layers}."
    return f"{model.full_title}. {layers} {weights} {score}"


def about_untrained(architecture: Architecture) -> str:
    """Return what a network is that nobody has trained yet."""
    title, key = architecture.title_of(()), architecture.key
    return f"{title}. {architecture.about} It is not trained yet: /{key}/train does that."


def about_network(description: Description) -> str:
    """Return what a network is, what it learned and how good it is."""
    size = f"It has {description.parameters:,} parameters."
    first = f"{description.title}. {description.about}".strip()
    return " ".join([first, size, *_training(description), *_accuracy(description)])


def _training(description: Description) -> Iterator[str]:
    """Yield how it was trained, as far as that was told."""
    told = description.training
    digits = f"{told['digits']:,} digits of " if isinstance(told.get("digits"), int) else ""
    pen = f" and {told['drawings']:,} pen drawings" if isinstance(told.get("drawings"), int) else ""
    if told.get("data"):
        yield f"It was trained on {digits}{told['data']}{pen}, until {moment(description.made)}."
    else:
        yield f"It came here on {moment(description.made)}."
    if "epochs" in told and "batch" in told:
        yield f"{told['epochs']} epochs at most, in batches of {told['batch']}."
    if told.get("validate_on_test"):
        yield "Meanwhile it was judged on the test digits."


def _accuracy(description: Description) -> Iterator[str]:
    found = [_figures(name, figures) for name, figures in description.figures.items()]
    if found:
        yield f"It reads {', '.join(found)}."
    else:
        yield "Its accuracy is not known."


def _figures(name: str, figures: Figures) -> str:
    digits = f"{figures.digits:,} {SETS.get(name, f'digits ({name})')}"
    return f"{percent(figures.accuracy)} % of {digits}"
