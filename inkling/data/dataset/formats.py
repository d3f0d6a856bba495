"""The formats by their names, and how a dataset is written in one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inkling.data.dataset import digits, ndjson, pictures
from inkling.data.dataset.card import data_card
from inkling.data.dataset.rows import Counts
from inkling.files import write_whole
from inkling.journal.reader import JournalReader


@dataclass(frozen=True)
class Format:
    """A format. held: what a drawing is in it. ending: of its file; empty: it is a folder."""

    write: Callable[[JournalReader, Path], Counts]
    held: str
    ending: str = ""


SEEN = "Here each is what the nets see: 28×28 bytes, cropped and centred as in MNIST, 255 the ink."
FORMATS = {
    "ndjson": Format(
        ndjson.write,
        "Here each is its pen strokes, with times, as Quick, Draw! has them.",
        ".ndjson",
    ),
    "npz": Format(digits.write_npz, SEEN, ".npz"),
    "idx": Format(digits.write_idx, SEEN),
    "csv": Format(digits.write_csv, SEEN, ".csv"),
    "imagefolder": Format(pictures.write, "Here each is its picture, dark ink on white, as a PNG."),
}


def write_dataset(journal: JournalReader, name: str, out: Path, licence: str) -> Counts:
    """Write the journal's drawings in a format to a file or folder, and a data card beside them.

    The card is README.md in a folder, and `<name>.card.md` beside a file. Raises InvalidInput where
    nothing can be written there, OSError, JournalUnavailable.
    """
    format = FORMATS[name]
    counts = format.write(journal, out)
    card = out.with_name(f"{out.name.removesuffix('.gz').removesuffix(format.ending)}.card.md")
    if not format.ending:
        card = out / "README.md"
    write_whole(card, data_card(counts, name, format.held, licence), lasting=False)
    return counts
