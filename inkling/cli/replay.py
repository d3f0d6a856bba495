"""`inkling replay`: the retrained nets, rebuilt."""

from collections.abc import Mapping
from pathlib import Path

import click

from inkling import checkpoints
from inkling.cli.options import FOLDER
from inkling.cli.progress import Progress
from inkling.cli.session import Session
from inkling.errors import InvalidInput
from inkling.files import write_whole
from inkling.history.replay import difference
from inkling.history.replay import replay as rebuild
from inkling.journal.outbox import Outbox
from inkling.settings import Settings
from inkling.storage.base import ObjectMissing


@click.command()
@click.option("--to", "version", type=click.IntRange(0), help="A version. Default: the newest.")
@click.option("--out", type=FOLDER, help="Where fnn.npz and cnn.npz go. Default: nowhere.")
def replay(version: int | None, out: Path | None) -> None:
    """Rebuild the retrained nets from originals and journal, and compare them with the stored ones.

    The drawings are learned once more, in order, by both nets. The FNN must come out the same bit
    for bit, the CNN within 1e-6. Nothing that is served changes; `inkling evaluate --weights
    FOLDER` measures what --out wrote.
    """
    learning, lessons = Progress("Replaying"), 0

    def progress(done: int, of: int) -> None:
        nonlocal lessons
        lessons = done
        learning.now_and_then(done, of)

    with Session() as session:
        _refuse_originals(session.settings, out)
        originals = session.originals
        version = _known(session.journal.current_version(), version)
        states = rebuild(session.journal, originals, session.build_learner(), version, progress)
        if out:
            _write(out, states)
        click.echo(f"Replayed {lessons} {'lesson' if lessons == 1 else 'lessons'}.")
        _compare(session.outbox, version, states)


def _known(newest: int, version: int | None) -> int:
    if version is not None and version > newest:
        raise InvalidInput(
            f"Version {version} is unknown: the newest is {newest}.", "Name another."
        )
    return newest if version is None else version


def _refuse_originals(settings: Settings, out: Path | None) -> None:
    if out and out.resolve() == settings.models_folder.resolve():
        raise InvalidInput(f"{out} holds the originals, which must stay.", "Name another folder.")


def _write(folder: Path, states: Mapping[str, checkpoints.Arrays]) -> None:
    for net, state in states.items():
        write_whole(folder / f"{net}.npz", checkpoints.pack(checkpoints.parts(net, state)[net]))
    click.echo(f"Wrote {' and '.join(f'{net}.npz' for net in states)} to {folder}.")


def _compare(outbox: Outbox, version: int, states: Mapping[str, checkpoints.Arrays]) -> None:
    """Say how the nets compare with what is stored for their version."""
    if outbox.journal.objects(version) is None:
        click.echo(f"No weights are stored of version {version}: there is nothing to compare with.")
        return
    try:
        stored = outbox.load(version, states, optimizer=True)
    except (ObjectMissing, checkpoints.BadWeights) as error:
        raise InvalidInput(f"The stored weights cannot be read: {error}") from error
    for net, state in states.items():
        found = difference(net, state, stored[net])
        how = "as stored, bit for bit" if found.equal else f"largest difference {found.largest:.3g}"
        click.echo(f"{net.upper()}: {how}{'' if found.fits else ', which is too much'}.")
