"""What networks can be trained as a whole: their layers, and how their sources train them.

Beside the nets that learn from visitors (`registry.py`). `keras_models.py` builds them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Layers = Any  # the module keras.layers, which takes seconds to import


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. `rate`: Adam's; 1e-3 is its authors' choice, and Keras's."""

    epochs: int
    batch: int
    rate: float = 1e-3
    validation_share: float = 0.0  # the last of the training digits, which are then only watched
    validate_on_test: bool = False
    patience: int | None = None  # epochs without a lower validation loss; None: never stop early

    @property
    def is_watched(self) -> bool:
        """Whether there are digits that each epoch is judged on."""
        return self.validate_on_test or self.validation_share > 0


@dataclass(frozen=True)
class Architecture:
    """A kind of network.

    layers: makes its Keras layers, all but the input, of the module `keras.layers` and the units
    of the hidden layers. hidden: those units where none are given. scale: what a digit in [0, 1]
    is multiplied by before the first layer.
    """

    key: str
    title: str
    about: str
    recipe: Recipe
    layers: Callable[[Layers, Sequence[int]], list[Any]]
    hidden: tuple[int, ...] = ()
    scale: float = 1.0

    def title_of(self, hidden: Sequence[int]) -> str:
        """Return the name for people of one with these hidden layers."""
        units = "-".join(map(str, hidden or self.hidden))
        return f"{self.title} {units}".strip()


def _lenet(layers: Layers, hidden: Sequence[int]) -> list[Any]:
    return [
        layers.Conv2D(75, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Conv2D(100, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(500, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]


def _bn_cnn(layers: Layers, hidden: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    for filters in (64, 128):
        found += [
            layers.Conv2D(filters, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Dropout(0.1),
        ]
    return [*found, layers.Flatten(), layers.Dense(10, activation="softmax")]


def _dense(layers: Layers, hidden: Sequence[int]) -> list[Any]:
    units = [layers.Dense(count, activation="relu") for count in hidden]
    return [layers.Flatten(), *units, layers.Dense(10, activation="softmax")]


ARCHITECTURES = {
    found.key: found
    for found in (
        Architecture(
            key="lenet",
            title="LeNet",
            about="Two rounds of 5×5 convolution (75, then 100), ReLU and max-pooling by 2, then "
            "500 units and ten digits; dropout between.",
            recipe=Recipe(epochs=10, batch=200),
            layers=_lenet,
        ),
        Architecture(
            key="bn-cnn",
            title="BN-CNN",
            about="Two rounds of 3×3 convolution (64, then 128), batch normalisation, ReLU and "
            "max-pooling by 2, then ten digits; dropout between. It sees 0 to 255.",
            recipe=Recipe(epochs=25, batch=1024, validate_on_test=True),
            layers=_bn_cnn,
            scale=255.0,
        ),
        Architecture(
            key="dense",
            title="Dense",
            about="Hidden layers of units that each see all of the layer before, ReLU, then ten "
            "digits.",
            recipe=Recipe(epochs=20, batch=200),
            layers=_dense,
            hidden=(128,),
        ),
    )
}
# By hidden layers, where a source trains them in another way.
DENSE_RECIPES: dict[tuple[int, ...], Recipe] = {
    (128,): Recipe(epochs=10, batch=100, validation_share=0.2)
}
# Where digits are varied, and pen drawings are learned too.
VARIED_RECIPE = Recipe(epochs=40, batch=256)
VARIED_RECIPES = {"bn-cnn": Recipe(epochs=40, batch=512)}


def recipe_of(architecture: Architecture, hidden: Sequence[int] = ()) -> Recipe:
    """Return how the source trains one with these hidden layers."""
    if architecture.key == "dense":
        return DENSE_RECIPES.get(tuple(hidden or architecture.hidden), architecture.recipe)
    return architecture.recipe
