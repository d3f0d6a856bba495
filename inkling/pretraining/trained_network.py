"""From labelled digits to a network that can be served: split, trained, judged, described."""

from collections.abc import Callable
from typing import Any

from inkling import checkpoints
from inkling.data.samples import Digits, TrainingSample
from inkling.errors import InvalidInput
from inkling.nets import keras_models
from inkling.nets.description import Description, Figures, ServableNetwork
from inkling.pretraining.network_training import (
    CURVES,
    Checkpoint,
    EpochDigits,
    Plan,
    Report,
    Training,
)


def split(sample: TrainingSample, plan: Plan) -> tuple[Digits, Digits | None]:
    """Return the digits that are learned, and those that are only watched, if the recipe wants any.

    As Keras does it: the last of the training digits. Raises InvalidInput where there are too few.
    """
    recipe, train = plan.recipe, sample.train
    if recipe.validate_on_test:
        if sample.test is None or not len(sample.test):
            raise InvalidInput(
                f"{sample.name} has no test digits.", "Give --validation-split instead."
            )
        return train, sample.test
    count = len(train) - int(len(train) * recipe.validation_share)
    if not 0 < count <= len(train) or (recipe.validation_share and count == len(train)):
        problem = f"{sample.name} has {len(train)} training digits, too few to split."
        raise InvalidInput(problem, "Give more, or another --validation-split.")
    if not recipe.validation_share:
        return train, None
    learned = Digits(train.digits[:count], train.labels[:count])
    return learned, Digits(train.digits[count:], train.labels[count:])


def train_network(
    name: str,
    plan: Plan,
    sample: TrainingSample,
    checkpoint: Checkpoint,
    report: Report,
    varied: EpochDigits | None = None,
    told: Callable[[], dict[str, Any]] = dict,
    watched: Digits | None = None,
) -> ServableNetwork:
    """Train a network from scratch, or go on from the checkpoint; judge and describe it.

    varied: an epoch's digits, where they are not always the sample's; told: what is to be told of
    them; watched: other digits to watch than the recipe takes from the sample.

    Raises InvalidInput where the digits cannot be used, and whatever `report` raises.
    """
    learned, of_sample = split(sample, plan)
    watched = of_sample if watched is None else watched
    training = Training(plan, watched, checkpoint)
    training.run(varied or (lambda epoch: learned), report)
    figures = {"train": sample.train} | ({"test": sample.test} if sample.test else {})
    facts = {"data": sample.name, "digits": len(learned), **plan.to_json(), **told()}
    curves = {curve: getattr(training.history, curve) for curve in CURVES}
    description = Description(
        name=name,
        title=plan.architecture.title_of(plan.hidden),
        about=plan.architecture.about,
        architecture=plan.architecture.key,
        config=keras_models.config_of(training.model),
        parameters=int(training.model.count_params()),
        scale=plan.architecture.scale,
        training=facts | {"seconds": round(training.history.seconds, 1)},
        history={curve: [round(v, 6) for v in values] for curve, values in curves.items()},
        figures={split: _figures(training, found) for split, found in figures.items()},
    )
    arrays = keras_models.arrays_of(training.model)
    graph = keras_models.serving_graph(training.model)
    return ServableNetwork(description, checkpoints.pack(arrays), graph)


def _figures(training: Training, found: Digits) -> Figures:
    loss, accuracy = training.judge(found)
    return Figures(len(found), round(loss, 6), round(accuracy, 6))
