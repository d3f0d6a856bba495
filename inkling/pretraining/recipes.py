"""How each net is trained from scratch, by default or as a file tells."""

import json
from dataclasses import replace
from pathlib import Path

from inkling.errors import InvalidInput
from inkling.pretraining.fit import Recipe
from inkling.pretraining.learners import TEACHER, UNLIKE_DIGITS

# What `docs/models.md` tells the reasons of.
RECIPES = {
    "fnn": Recipe(
        epochs=200,
        batch_size=256,
        learning_rate=5e-3,
        averaging=0.9995,
        warping=0.5,
        renderings=3,
    ),
    "cnn": Recipe(
        epochs=70,
        batch_size=512,
        learning_rate=4e-3,
        averaging=0.999,
        warping=1.0,
        renderings=5,
        dropout=(0.0, 0.05, 0.25),
    ),
    UNLIKE_DIGITS: Recipe(
        epochs=20,
        batch_size=256,
        learning_rate=4e-3,
        averaging=0.999,
        warping=1.0,
        renderings=2,
        dropout=(0.0, 0.0, 0.2),
    ),
    TEACHER: Recipe(
        epochs=15,
        batch_size=256,
        learning_rate=2e-3,
        averaging=0.999,
        warping=1.0,
        renderings=3,
    ),
}


def recipe_of(net: str, file: Path | None = None, epochs: int | None = None) -> Recipe:
    """Return the net's recipe, or the one in a JSON file; with other epochs where they are given.

    Raises InvalidInput for a file that holds no recipe.
    """
    recipe = RECIPES[net]
    if file:
        try:
            values = json.loads(file.read_text())
            recipe = Recipe(**values | {"dropout": tuple(values.get("dropout", recipe.dropout))})
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(
                f"{file} holds no recipe ({error}).", "`inkling search` writes one."
            ) from error
    return replace(recipe, epochs=epochs) if epochs else recipe
