"""`inkling replay`: the retrained nets, rebuilt."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inkling.cli.failures import told_in_one_line
from inkling.cli.options import FOLDER
from inkling.cli.progress import Progress
from inkling.settings import Settings, load_settings

if TYPE_CHECKING:
    from inkling import checkpoints
    from inkling.journal.outbox import Outbox


@click.command()
@click.option("--to", "version", type=click.IntRange(0), help="A version. Default: the newest.")
@click.option("--out", type=FOLDER, help="Where fnn.npz and cnn.npz go. Default: nowhere.")
def replay(version: int | None, out: Path | None) -> None:
    """Rebuild the retrained nets from originals and journal, and compare them with the stored ones.

    The drawings are learned once more, in order, by both nets. The FNN must come out the same bit
    for bit, the CNN within 1e-6. Nothing that is served changes; `inkling evaluate --weights
    FOLDER` measures what --out wrote.
    """
    from inkling import checkpoints
    from inkling.history.replay import replay as rebuild
    from inkling.journal.outbox import Outbox
    from inkling.journal.writer import open_journal
    from inkling.learning.learner import build_learner
    from inkling.storage.stores import open_store

    settings = load_settings()
    _refuse_originals(settings, out)
    with told_in_one_line():
        originals = checkpoints.originals(settings.models_folder)
        journal = open_journal(settings)
        version = _known(journal.current_version(), version)
        learning, lessons = Progress("Replaying"), 0

        def progress(done: int, of: int) -> None:
            nonlocal lessons
            lessons = done
            learning.now_and_then(done, of)

        states = rebuild(journal, originals, build_learner(originals), version, progress)
        if out:
            _write(out, states)
        click.echo(f"Replayed {lessons} {'lesson' if lessons == 1 else 'lessons'}.")
        _compare(Outbox(journal, open_store(settings)), version, states)
        journal.close()


def _known(newest: int, version: int | None) -> int:
    if version is not None and version > newest:
        raise ValueError(f"Version {version} is unknown: the newest is {newest}. Name another.")
    return newest if version is None else version


def _refuse_originals(settings: Settings, out: Path | None) -> None:
    if out and out.resolve() == settings.models_folder.resolve():
        raise ValueError(f"{out} holds the originals, which must stay. Name another folder.")


def _write(folder: Path, states: Mapping[str, "checkpoints.Arrays"]) -> None:
    from inkling import checkpoints

    folder.mkdir(parents=True, exist_ok=True)
    for net, state in states.items():
        (folder / f"{net}.npz").write_bytes(checkpoints.pack(checkpoints.parts(net, state)[net]))
    click.echo(f"Wrote {' and '.join(f'{net}.npz' for net in states)} to {folder}.")


def _compare(outbox: "Outbox", version: int, states: Mapping[str, "checkpoints.Arrays"]) -> None:
    """Say how the nets compare with what is stored for their version."""
    from inkling import checkpoints
    from inkling.history.replay import difference
    from inkling.storage.base import ObjectMissing

    if outbox.journal.objects(version) is None:
        click.echo(f"No weights are stored of version {version}: there is nothing to compare with.")
        return
    try:
        stored = outbox.load(version, states, optimizer=True)
    except (ObjectMissing, checkpoints.BadWeights) as error:
        raise ValueError(f"The stored weights cannot be read: {error}") from error
    for net, state in states.items():
        found = difference(net, state, stored[net])
        how = "as stored, bit for bit" if found.equal else f"largest difference {found.largest:.3g}"
        click.echo(f"{net.upper()}: {how}{'' if found.fits else ', which is too much'}.")
