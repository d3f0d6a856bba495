"""How many labels a second the trainer learns, with screen, gate, weights written and committed."""

import tempfile
import time
from collections.abc import Callable

from inkling import checkpoints
from inkling.data.rendering import render_strokes
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.records import QUEUED, TRAINED, Drawing
from inkling.settings import load_settings
from inkling.storage.stores import open_store
from inkling.trainer.trainer import open_trainer, warm_nets
from testing.pen import STROKES

LABELS = 400  # all of them are queued at once
FIRST = 80  # not timed: from then on there are earlier drawings enough


def labels_a_second(said: Callable[[str], None] = lambda line: None) -> float:
    """Of a trainer with a folder on this disk and SQLite, the median over pieces of 40 labels."""
    with tempfile.TemporaryDirectory() as folder:
        places = {"INSTANCE_FOLDER": f"{folder}/instance", "TMP_FOLDER": f"{folder}/parts"}
        settings = load_settings(places)
        journal = open_journal(settings)
        for n in range(LABELS):
            paper = render_strokes(STROKES[n % 10], width=8 + n % 23, size=100 + n % 181)
            journal.add(Drawing.of(n % 10, paper))
        originals = checkpoints.originals(settings.models_folder)
        outbox = Outbox(journal, open_store(settings))
        trainer = open_trainer(settings, outbox, originals, warm_nets(originals))
        moments = {0: time.perf_counter()}
        while journal.counts()[QUEUED]:
            trainer.work()
            moments[trainer.version] = time.perf_counter()
        trainer.close()
        if journal.counts()[TRAINED] != LABELS:
            raise RuntimeError(f"Not all of {LABELS} labels were learned: {journal.counts()}")
        journal.close()
    starts = range(FIRST, LABELS - 39, 40)
    rates = sorted(40 / (moments[n + 40] - moments[n]) for n in starts)
    said(f"{rates[0]:.1f} to {rates[-1]:.1f}")
    return rates[len(rates) // 2]


if __name__ == "__main__":
    print(f"{labels_a_second(print):.1f} labels a second")
