"""Networks trained as a whole: gone on with to the same weights, watched, stopped, described."""

from dataclasses import replace

import numpy as np
import pytest

from inkling import checkpoints
from inkling.data.samples import Digits, TrainingSample
from inkling.errors import InvalidInput
from inkling.nets.architectures import ARCHITECTURES, Recipe, recipe_of
from inkling.nets.keras_models import build, model_of, set_arrays
from inkling.nets.litert import ServedNetwork
from inkling.pretraining.network_training import History, Nowhere, Plan, Progress, Training
from inkling.pretraining.trained_network import split, train_network

COUNT = 120
PARAMETERS = {"lenet": 995_060, "bn-cnn": 107_274, "dense": 101_770}


def digits(seed: int, count: int = COUNT) -> Digits:
    """Ten blobs that are told apart by their place."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    found = rng.integers(0, 60, (count, 28, 28)).astype(np.uint8)
    for digit, label in zip(found, labels, strict=True):
        digit[2 * label : 2 * label + 6, 4:24] = 255
    return Digits(found, labels)


SAMPLE = TrainingSample("blobs", digits(0), digits(1, 40))


class Memory:
    """A checkpoint that lasts as long as this object."""

    def __init__(self) -> None:
        self.content: bytes | None = None
        self.saved = 0

    def load(self) -> bytes | None:
        """Return what was saved last."""
        return self.content

    def save(self, content: bytes, history: History) -> None:
        """Keep it."""
        self.content, self.saved = content, self.saved + 1


class Killed(Exception):
    """What ends a training in between."""


def plan_of(key: str, **changes: object) -> Plan:
    recipe = replace(Recipe(epochs=4, batch=32), **changes)  # type: ignore[arg-type]
    return Plan(ARCHITECTURES[key], recipe, seed=3)


@pytest.mark.parametrize("key", ARCHITECTURES)
def test_architectures_have_the_parameters_of_their_sources(key: str) -> None:
    assert build(ARCHITECTURES[key]).count_params() == PARAMETERS[key]


def test_any_hidden_layers_may_be_asked_for() -> None:
    model = build(ARCHITECTURES["dense"], (10, 7))
    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [10, 7, 10]


def test_recipes_are_those_of_the_sources() -> None:
    dense = ARCHITECTURES["dense"]
    assert recipe_of(dense) == Recipe(epochs=10, batch=100, validation_share=0.2)
    assert recipe_of(dense, (800,)) == Recipe(epochs=20, batch=200)
    assert recipe_of(ARCHITECTURES["bn-cnn"]) == Recipe(25, 1024, validate_on_test=True)


@pytest.mark.parametrize("key", ["dense", pytest.param("bn-cnn", marks=pytest.mark.long)])
def test_a_killed_training_goes_on_to_the_very_same_weights(key: str) -> None:
    plan = plan_of(key, validate_on_test=True, patience=3)
    whole = train_network("one", plan, SAMPLE, Nowhere(), lambda progress: None)
    kept = Memory()

    def until_the_third_epoch(progress: Progress) -> None:
        if progress.epoch == 2 and progress.batch == 2:
            raise Killed

    with pytest.raises(Killed):
        train_network("one", plan, SAMPLE, kept, until_the_third_epoch)
    assert kept.saved == 2
    told: list[Progress] = []
    again = train_network("one", plan, SAMPLE, kept, told.append)
    assert kept.saved == 4
    assert told[0].epoch == 2
    assert again.weights == whole.weights
    assert again.description.history == whole.description.history
    assert again.description.figures == whole.description.figures


def test_a_checkpoint_of_another_network_is_refused() -> None:
    kept = Memory()
    train_network("one", plan_of("dense", epochs=1), SAMPLE, kept, lambda progress: None)
    other = Plan(ARCHITECTURES["dense"], Recipe(1, 32), (5,))
    with pytest.raises(InvalidInput, match="of another training"):
        Training(other, None, kept)


def test_one_whose_loss_is_no_number_is_refused() -> None:
    training = Training(plan_of("dense", epochs=1), SAMPLE.test, Nowhere())
    training.model.set_weights([np.full(w.shape, np.nan) for w in training.model.get_weights()])
    with pytest.raises(InvalidInput, match="The loss became nan when it was judged"):
        training.judge(SAMPLE.train)


def test_what_is_trained_is_described_and_served_alike() -> None:
    plan = plan_of("dense", epochs=6, validation_share=0.25)
    told: list[Progress] = []
    found = train_network("blobs", plan, SAMPLE, Nowhere(), told.append)
    description = found.description
    assert (description.title, description.parameters) == ("Dense 128", 101_770)
    assert {len(curve) for curve in description.history.values()} == {6}
    assert description.training["digits"] == 90
    assert description.figures["test"].digits == 40
    assert description.accuracy == description.figures["test"].accuracy > 0.9
    assert [(p.epoch, p.batch) for p in told[:4]] == [(0, 1), (0, 2), (0, 3), (1, 0)]
    served = ServedNetwork(found.graph)
    seen = SAMPLE.train.digits[:9].astype(np.float32) / 255
    model = model_of(description.config)
    set_arrays(model, checkpoints.unpack(found.weights))
    said = served.probabilities(seen)
    np.testing.assert_allclose(said, model(seen[..., np.newaxis]), atol=1e-6)
    np.testing.assert_allclose(served.probabilities(seen[:1]), said[:1], atol=1e-6)


def test_without_progress_it_stops_early_and_keeps_the_best_weights() -> None:
    plan = plan_of("dense", epochs=30, rate=0.05, validate_on_test=True, patience=2)
    training = Training(plan, SAMPLE.test, Nowhere())
    training.run(lambda epoch: SAMPLE.train, lambda progress: None)
    losses = training.history.val_loss
    assert len(losses) < 30
    assert len(losses) - 1 - training.history.best_epoch == 2
    assert SAMPLE.test is not None
    assert training.judge(SAMPLE.test)[0] == pytest.approx(min(losses), abs=1e-6)


def test_the_last_digits_are_watched() -> None:
    learned, watched = split(SAMPLE, plan_of("dense", validation_share=0.25))
    assert watched is not None
    assert (len(learned), len(watched)) == (90, 30)
    assert np.array_equal(watched.labels, SAMPLE.train.labels[90:])


@pytest.mark.parametrize(
    ("sample", "changes", "problem"),
    [
        (TrainingSample("few", digits(0)), {"validate_on_test": True}, "few has no test digits"),
        (TrainingSample("one", digits(0, 1)), {"validation_share": 0.5}, "too few to split"),
        (TrainingSample("none", digits(0, 0)), {}, "too few"),
    ],
)
def test_a_sample_that_cannot_be_split_is_refused(
    sample: TrainingSample, changes: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        split(sample, plan_of("dense", **changes))
