"""One table of settings: name, default, type, help; read once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent


class SettingError(ValueError):
    """A setting has a value that cannot be used. The message names it, the value and the remedy."""


def setting(default: Any, help: str, least: float | None = None) -> Any:
    """A row of the table: the default, one line of help, and for numbers the least allowed."""
    return field(default=default, metadata={"help": help, "least": least})


@dataclass(frozen=True)
class Settings:
    """Every setting, under its environment variable's name in lower case."""

    host: str = setting("127.0.0.1", "Address to serve on; 0.0.0.0 for every interface.")
    port: int = setting(5000, "Port to serve on.", least=0)
    web_concurrency: int = setting(2, "Web worker processes.", least=1)
    web_threads: int = setting(16, "Threads a web worker; one is held by each waiting label.", 1)
    trainer: str = setting(
        "embedded", "'embedded': the server keeps a trainer as its child; 'separate': it does not."
    )
    instance_folder: Path = setting(
        ROOT / "instance", "Where the embedded journal and object store lie."
    )
    models_folder: Path = setting(ROOT / "models", "Where the originals and serving graph lie.")
    tmp_folder: Path = setting(ROOT / "tmp", "Files on their way; safe to empty when stopped.")
    database_url: str = setting("", "The journal's database; empty: SQLite in INSTANCE_FOLDER.")
    receipt_wait: float = setting(2.0, "Seconds that POST /train waits for its receipt.", least=0)
    max_image_bytes: int = setting(6_000_000, "Largest picture, in bytes.", least=1)
    max_image_pixels: int = setting(16_000_000, "Largest picture, in pixels.", least=1)
    rate_limit: str = setting(
        "", "Requests a client may make to each endpoint, as '20/second; 600/hour'; empty: any."
    )
    cors_origins: str = setting(
        "", "Other sites whose pages may call the API, comma-separated; '*' for any; empty: none."
    )

    test_mnist: str = setting(
        "", "An mnist.npz that the trainer measures the retrained nets on when idle; empty: none."
    )
    test_drawings: str = setting(
        "", "A stroke file whose held-out writers it measures them on too; empty: none."
    )

    @property
    def journal_url(self) -> str:
        """The SQLAlchemy URL of the journal."""
        return self._database("journal.sqlite")

    @property
    def search_url(self) -> str:
        """The SQLAlchemy URL of the searches for hyperparameters."""
        return self._database("search.sqlite")

    def _database(self, file: str) -> str:
        """DATABASE_URL with its driver named, else a SQLite file in the instance folder."""
        if not self.database_url:
            return f"sqlite:///{self.instance_folder / file}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)

    @property
    def objects_folder(self) -> Path:
        """The folder that serves as the object store."""
        return self.instance_folder / "objects"

    @property
    def bell(self) -> Path:
        """The named pipe that wakes the trainer."""
        return self.instance_folder / "trainer.bell"

    @property
    def trainer_lock(self) -> Path:
        """The file whose lock makes a process the trainer."""
        return self.instance_folder / "trainer.lock"


CHOICES = {"trainer": ("embedded", "separate")}


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings that the environment gives, defaults elsewhere.

    An empty variable counts as one that is not set. Raises SettingError for a value that does not
    fit its type, is below the least allowed, or is none of the choices.
    """
    values = {}
    for row in fields(Settings):
        text = environ.get(row.name.upper(), "").strip()
        if text:
            values[row.name] = _cast(row.name, text, type(row.default), row.metadata["least"])
    return Settings(**values)


def _cast(name: str, text: str, kind: Any, least: float | None) -> Any:
    words = {int: "a whole number", float: "a number"}
    try:
        value: Any = Path(text).absolute() if issubclass(kind, Path) else kind(text)
    except ValueError as error:
        raise _error(name, text, words[kind]) from error
    if least is not None and not value >= least:
        raise _error(name, text, f"{words[kind]} of at least {least}")
    if name in CHOICES and value not in CHOICES[name]:
        raise _error(name, text, " or ".join(map(repr, CHOICES[name])))
    return value


def _error(name: str, text: str, wanted: str) -> SettingError:
    return SettingError(f"{name.upper()} is {text!r}. Set it to {wanted}.")


def settings_table() -> str:
    """The table for the README, in Markdown."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for row in fields(Settings):
        default = row.default
        if isinstance(default, Path):
            default = default.relative_to(ROOT)
        shown = f"`{default}`" if default != "" else "–"
        rows.append(f"| `{row.name.upper()}` | {shown} | {row.metadata['help']} |")
    return "\n".join(rows)
