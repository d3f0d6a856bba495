"""`inkling sample`: a training sample of one's own pictures."""

from collections import Counter
from pathlib import Path

import click
import numpy as np

from inkling.cli.options import NEW_FILE
from inkling.cli.progress import Progress
from inkling.data.sample_folder import Collected, choose_test, collect, files_of
from inkling.data.samples import write_sample
from inkling.errors import InvalidInput


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=NEW_FILE)
@click.option(
    "--test-share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="Keep this share of each digit's pictures for the test: x_test and y_test.",
)
def sample(folder: Path, out: Path, test_share: float | None) -> None:
    """Write the pictures in FOLDER and its folders as a training sample OUT, an .npz.

    Each shows one digit, dark on light ground, in any format that the page takes. Its label is its
    folder's name where that is a digit (7/x.png), else the first character of its own
    (7_81491.jpg). What cannot be used is told, with the reason; where nothing can, nothing is
    written. OUT has the arrays of Keras's mnist.npz: x_train and y_train, uint8, 28×28, 255 ink.
    Equal pictures give equal bytes.
    """
    files = files_of(folder)
    if not files:
        raise InvalidInput(f"{folder} holds no files.", "Name another folder.")
    found = collect(files, done=Progress("Looking").counter(len(files)))
    _tell_skipped(folder, found)
    if not len(found.labels):
        raise InvalidInput(
            f"No picture in {folder} can be used.", "Give each its digit, on light ground."
        )
    chosen = choose_test(found.digits, found.labels, test_share or 0)
    if chosen.all() or (test_share and not chosen.any()):
        raise InvalidInput(
            f"Of {len(chosen)} pictures, --test-share {test_share:g} leaves no train or no test.",
            "Give more pictures, or another share.",
        )
    write_sample(
        out,
        (found.digits[~chosen], found.labels[~chosen]),
        (found.digits[chosen], found.labels[chosen]) if test_share else None,
    )
    _tell_counts(found, chosen.sum() if test_share else None)
    click.echo(f"Wrote {out}.")


def _tell_skipped(folder: Path, found: Collected) -> None:
    for path, why, detail in found.skipped:
        more = f" ({detail})" if detail else ""
        name = click.format_filename(path.relative_to(folder))
        click.echo(f"Skipped {name}: {why}{more}")
    if found.skipped:
        reasons = Counter(skipped.why for skipped in found.skipped).most_common()
        counts = ", ".join(f"{count:,} {why}" for why, count in reasons)
        click.echo(f"{len(found.skipped):,} skipped: {counts}")


def _tell_counts(found: Collected, tested: int | None) -> None:
    click.echo("Digit " + "".join(f"{digit:>8}" for digit in range(10)))
    counts = np.bincount(found.labels, minlength=10)
    click.echo("Count " + "".join(f"{count:>8,}" for count in counts))
    test = "" if tested is None else f", {tested:,} of them for the test"
    click.echo(f"{len(found.labels):,} pictures{test}.")
