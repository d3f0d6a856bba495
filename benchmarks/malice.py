"""`python -m benchmarks.malice`: what scripted malice costs, written into docs/learning.md.

`python -m benchmarks.malice DIGIT …` only lets the adaptive liar turn these digits, and notes it:
for several at a time. The data lie where tests look for them (DATA_DIR). An hour on one core.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks import steering
from benchmarks.learning_report import MODELS, put
from inkling.journal.writer import open_journal
from inkling.records import TRAINED, Drawing
from inkling.settings import load_settings
from inkling.storage.stores import open_store
from testing.liars import SCRIPTS, Label, Measured, among, learn, measure
from testing.places import BOTH, Place, both

SAID = {
    "wrong_labels": "300 drawings with random wrong labels",
    "sevens_as_ones": "three visitors in ten call their 7 a 1 (of 200)",
    "scribbles": "150 scribbles labelled as digits",
    "one_sure_drawing": "a clear drawing a hundred times, wrongly",
    "one_doubtful_drawing": "a doubtful drawing a hundred times, wrongly",
}


def rows() -> Iterator[str]:
    """The table, a line for each script."""
    yield (
        "| script | of the liars' labels learned | honest ones learned |"
        " MNIST worse by: FNN, CNN, answer | errors on the honest writers' others, the same |"
    )
    yield "|---|--:|--:|--:|--:|"
    nets = both()
    nets.start(BOTH)
    before = measure(nets)
    for script in SCRIPTS:
        rng = np.random.default_rng(7)
        labels = among(script(rng), rng)
        with tempfile.TemporaryDirectory() as folder:
            below = Path(folder)
            environ = {"INSTANCE_FOLDER": str(below / "instance"), "TMP_FOLDER": str(below)}
            settings = load_settings(environ)
            journal = open_journal(settings)
            place = Place(environ, settings, journal, open_store(settings))
            found = learn(place, nets, labels)
            journal.close()
        yield _row(script, labels, found, before, measure(nets))


def _row(
    script: Callable[[np.random.Generator], list[Label]],
    labels: Sequence[Label],
    found: Sequence[Drawing],
    before: Measured,
    after: Measured,
) -> str:
    trained, given = Counter[bool](), Counter[bool]()
    for label, row in zip(labels, found, strict=True):
        given[label.honest] += 1
        trained[label.honest] += row.state == TRAINED
    learned = [f"{trained[honest]} of {given[honest]}" for honest in (False, True)]
    worse = ", ".join(f"{100 * (before.mnist[m] - after.mnist[m]):.2f}" for m in MODELS)
    helped = ", ".join(
        f"{100 - 100 * before.unusual[m]:.1f} → {100 - 100 * after.unusual[m]:.1f}" for m in MODELS
    )
    cells = [SAID[script.__name__], *learned, worse, helped]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    steering.measure([*map(int, sys.argv[1:])] or range(10))
    if not sys.argv[1:]:
        put("steering", steering.rows())
        table = [*rows()]
        print("\n".join(table))
        put("malice", table)
