"""The commands: `inkling …` once installed in .venv, `python -m inkling …` anywhere."""

import importlib
import keyword
import logging
import os
from typing import Any

import click

from inkling.errors import InklingError

# Nets this small lose more than they gain on several threads. NumPy is imported later.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# Command NAME is the object NAME of inkling/cli/NAME.py, which is imported when it is run. Its
# first line of help is repeated here, so that `inkling --help` answers at once; a test compares.
COMMANDS = {
    "account": "How often each model was right before it could learn the answer; "
    "whether learning helped.",
    "adapt": "Teach the originals some writers' drawings; tell what it did.",
    "anchors": "Draw the anchors and the probe anew: digits of the project's own stroke generator.",
    "backup": "Write all drawings, versions, weights and networks as they are now to FILE, a zip.",
    "card": "Write the model card, README.md, of MODELS_FOLDER.",
    "clean": "Write the pictures of an .npz to OUT without those whose labels are not believed.",
    "evaluate": "How good the four models and the app's answer are.",
    "export": "Write the labelled drawings of the journal as files, for `inkling train` and "
    "others.",
    "forget": "Delete the drawing ID everywhere, and what the nets learned from it.",
    "history": "The versions, newest first: what each learned, and how both nets saw it before and "
    "after.",
    "import": "Take a dataset into the journal: what `inkling export --format` writes, or others "
    "like it.",
    "jobs": "The trainings of networks that were asked for: where each is, and what became of it.",
    "migrate": "Bring the journal's tables up to date; safe to repeat.",
    "network": "Networks beside the page's four models: train, judge, ask, export, import.",
    "plot": "Draw training, samples, mistakes, variants or the nets, as SVG or PNG.",
    "predict": "What every network sees in pictures: the three likeliest digits.",
    "relearn": "Learn all labels once more, from the originals, by the rule of today.",
    "replay": "Rebuild the retrained nets from originals and journal, and compare them with the "
    "stored ones.",
    "restore": "Put a backup into the journal, which must be empty, and its object store.",
    "review": "Show the drawings that were rejected and those with a suspicious label, or judge "
    "some.",
    "rollback": "Serve the weights of an older version again, and learn on from there.",
    "sample": "Write the pictures in FOLDER and its folders as a training sample OUT, an .npz.",
    "search": "Search for better hyperparameters, judged on validation digits only.",
    "train": "Train an original from scratch and write its weights and history.",
    "trainer": "Learn from labels until stopped; a second one waits and takes over within seconds.",
    "verify": "Whether what is served is what the journal implies; safe beside a running server.",
}
OPTIONAL = {"matplotlib", "optuna"}  # of requirements-dev.txt: the server runs without them


class LazyGroup(click.Group):
    """A group whose `commands` are stand-ins: name and help, which is all that listing needs."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the words name, and import it in the place of its stand-in."""
        name, stand_in, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and stand_in else None, rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. What Inkling refuses, and what disks fail to do, is told in one line."""
        try:
            return super().invoke(ctx)
        except (BrokenPipeError, click.ClickException, click.exceptions.Exit, click.Abort):
            raise  # click ends these; a pipe breaks where `head` has read enough
        except (InklingError, OSError) as error:
            lines = str(error).splitlines() or [type(error).__name__]
            raise click.ClickException(lines[0]) from error


def load(name: str) -> click.Command:
    """Import a command. Raises ClickException where an optional library is missing."""
    own = f"{name}_" if keyword.iskeyword(name) else name
    try:
        module = importlib.import_module(f"inkling.cli.{own}")
    except ModuleNotFoundError as error:
        library = (error.name or "").split(".")[0]
        if library not in OPTIONAL:
            raise
        raise click.ClickException(
            f"{library.capitalize()} is not installed. "
            "Run: .venv/bin/pip install -r requirements-dev.txt"
        ) from error
    command: click.Command = getattr(module, own)
    return command


@click.group(
    cls=LazyGroup,
    commands=[click.Command(name, help=line) for name, line in COMMANDS.items()],
)
def inkling() -> None:
    """A model that learns from its users."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("absl").setLevel(logging.ERROR)  # TensorFlow's converter warns of itself


def main() -> None:
    """Run the command that the command line names."""
    inkling()


if __name__ == "__main__":
    main()
