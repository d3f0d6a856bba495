"""One table of settings: name, default, type, help; read once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from inkling.errors import InvalidInput
from inkling.setting_checks import CHECKS
from inkling.tensorflow_check import NoTensorFlow, check_tensorflow

ROOT = Path(__file__).parent.parent
SEARCH_FILE = "search.sqlite"
# The login and password of networks where none is set; taken from this machine alone.
DEMONSTRATION = ("test_nn", "lenet")


class SettingError(InvalidInput):
    """A setting has a value that cannot be used. The message names it, the value and the remedy."""


def setting(
    default: Any,
    help: str,
    least: float | None = None,
    most: float | None = None,
    shortest: int = 0,
    secret: bool = False,
) -> Any:
    """Return a row of the table: the default and one line of help.

    `least` and `most` are the least and the largest number allowed, `shortest` the least length of
    a text. A secret one's value is shown nowhere.
    """
    metadata = {
        "help": help,
        "least": least,
        "most": most,
        "shortest": shortest,
        "secret": secret,
    }
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """Every setting, under its environment variable's name in lower case."""

    host: str = setting("127.0.0.1", "Address to serve on; 0.0.0.0 for every interface.")
    port: int = setting(5000, "Port to serve on.", least=0, most=65535)
    web_concurrency: int = setting(2, "Web worker processes.", least=1, most=1000)
    web_threads: int = setting(
        16, "Threads a web worker; one is held by each waiting label.", least=1, most=1000
    )
    trainer: str = setting(
        "embedded",
        "'embedded': the server keeps a trainer as its child, which learns while no worker does; "
        "'separate': it does not.",
    )
    learning_rule: str = setting(
        "memory2",
        "What a label teaches: 'memory2': a step beside earlier drawings and anchors; 'sgd': the "
        "plain step on its variants (docs/learning.md).",
    )
    screen: str = setting(
        "yes", "'no': whatever is labelled is learned; neither screen nor gate refuses a label."
    )
    instance_folder: Path = setting(
        ROOT / "instance", "Where the embedded journal and object store lie."
    )
    models_folder: Path = setting(ROOT / "models", "Where the originals and serving graph lie.")
    tmp_folder: Path = setting(ROOT / "tmp", "Files on their way; safe to empty when stopped.")
    database_url: str = setting(
        "",
        "The journal's database, as postgres://…; empty: SQLite in INSTANCE_FOLDER.",
        secret=True,
    )
    s3_bucket: str = setting(
        "",
        "The bucket that is the object store, with AWS_* as boto3 reads them; empty: a folder in "
        "INSTANCE_FOLDER.",
    )
    s3_endpoint_url: str = setting("", "Another S3 server than Amazon's, as https://….")
    s3_prefix: str = setting("", "The folder in the bucket that all objects lie in.")
    bucketeer_bucket_name: str = setting("", "The bucket where S3_BUCKET is empty (Heroku).")
    bucketeer_aws_access_key_id: str = setting("", "That bucket's key.", secret=True)
    bucketeer_aws_secret_access_key: str = setting("", "That key's secret.", secret=True)
    bucketeer_aws_region: str = setting("", "That bucket's region.")
    receipt_wait: float = setting(
        2.0, "Seconds that POST /train waits for its receipt.", least=0, most=60
    )
    max_image_bytes: int = setting(6_000_000, "Largest picture, in bytes.", least=1, most=10**9)
    max_image_pixels: int = setting(
        12_500_000,
        "Largest picture, in pixels: a photograph of most phones.",
        least=1,
        most=10**9,
    )
    rate_limit: str = setting(
        "",
        "Requests a client may make to each endpoint, as '20/second; 600/hour'; 'none': any; "
        "empty: more than a person makes. Programs on this machine are never limited.",
    )
    disk_reserve: int = setting(
        200_000_000,
        "Free bytes on the disk of INSTANCE_FOLDER below which labels are refused, where journal "
        "or objects lie there; 0: never.",
        least=0,
        most=10**18,
    )
    redis_url: str = setting(
        "", "Where requests are counted, for all processes together; empty: in each.", secret=True
    )
    redis_tls_verify: str = setting(
        "yes", "'no' for a rediss:// server with a certificate of its own making, as Heroku's."
    )
    trusted_proxies: int = setting(
        0,
        "Proxies in front that add X-Forwarded-For and -Proto; only so many are believed.",
        least=0,
        most=100,
    )
    cors_origins: str = setting(
        "", "Other sites whose pages may ask and label, comma-separated; '*' for any; empty: none."
    )
    admin_password: str = setting(
        "",
        "The password of /admin/, 16 characters or more; empty: there is no /admin/.",
        shortest=16,
        secret=True,
    )
    api_login: str = setting(
        "",
        "Who may ask the networks over HTTP (/list_nn, /lenet/…), with API_PASSWORD; empty: "
        "`test_nn` with `lenet`, from this machine alone.",
    )
    api_password: str = setting(
        "", "The password of API_LOGIN, 8 characters or more.", shortest=8, secret=True
    )
    test_mnist: str = setting(
        "",
        "An mnist.npz, or a folder with MNIST's IDX files, that the trainer measures the retrained "
        "nets on when idle; empty: none.",
    )
    test_drawings: str = setting(
        "", "A stroke file whose validation writers it measures them on too; empty: none."
    )
    mnist_file: str = setting(
        "",
        "The mnist.npz, or the folder with MNIST's IDX files, that networks are trained on; empty: "
        "Keras downloads it once.",
    )
    sample_file: str = setting(
        "",
        "The training sample that `other` names, as `inkling sample` makes it; empty: none.",
    )
    answers: str = setting(
        "yes", "'no': a site that only collects. Nothing is answered, and no net learns."
    )
    dataset_license: str = setting(
        "", "What exported datasets may be used for, as 'CC-BY-4.0'; it stands in their data cards."
    )
    show_drawings: str = setting(
        "yes",
        "'yes': the Progress page shows the latest drawings to everybody, and the consent says so; "
        "'no': neither. From 'no' to 'yes', drawings given meanwhile are shown too.",
    )
    fault: str = setting("", "Tests only: where a process kills itself or waits (failpoints.py).")

    @property
    def max_drawing_bytes(self) -> int:
        """The most bytes of a body where drawings are posted.

        Base64 takes 4 bytes for 3, a form's percent-encoding a little more; strokes come on top.
        """
        return self.max_image_bytes * 3 // 2 + 1_000_000

    @property
    def max_request_bytes(self) -> int:
        """The most bytes of any request's body: programs may post 16 MB to a network."""
        return max(16 * 2**20, self.max_drawing_bytes)

    @property
    def journal_url(self) -> str:
        """The SQLAlchemy URL of the journal."""
        return self._database("journal.sqlite")

    @property
    def search_url(self) -> str:
        """The SQLAlchemy URL of the searches for hyperparameters."""
        return self._database(SEARCH_FILE)

    def _database(self, file: str) -> str:
        """Return DATABASE_URL with its driver named, else a SQLite file in the instance folder."""
        if not self.database_url:
            return f"sqlite:///{self.instance_folder / file}"
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", self.database_url)

    @property
    def bucket(self) -> str:
        """The bucket that is the object store; empty: a folder is."""
        return self.s3_bucket or self.bucketeer_bucket_name

    @property
    def objects_folder(self) -> Path:
        """The folder that serves as the object store."""
        return self.instance_folder / "objects"


CHOICES = {
    "trainer": ("embedded", "separate"),
    "learning_rule": ("memory2", "sgd"),
    "screen": ("yes", "no"),
    "redis_tls_verify": ("yes", "no"),
    "show_drawings": ("yes", "no"),
    "answers": ("yes", "no"),
}


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that the environment gives, with defaults elsewhere.

    An empty variable counts as one that is not set. Raises SettingError for a value that does not
    fit its type, is out of the range allowed, too short, none of the choices, or that nothing could
    be done with; or is set where it needs another one that is not.
    """
    values = {}
    for row in fields(Settings):
        text = environ.get(row.name.upper(), "").strip()
        if text:
            values[row.name] = _cast(row, text)
    _check_pair(values, "api_login", "api_password")
    if values.get("learning_rule") == "sgd":
        _check_sgd()
    return Settings(**values)


def _check_sgd() -> None:
    """Raise SettingError where the plain rule cannot be followed, which moves convolutions."""
    try:
        check_tensorflow()
    except NoTensorFlow as error:
        raise SettingError(
            f"LEARNING_RULE is 'sgd', which takes TensorFlow. {error.message}",
            f"{error.remedy} Or leave LEARNING_RULE out.",
        ) from error


def _check_pair(values: Mapping[str, Any], *names: str) -> None:
    """Raise SettingError where one of two settings is set and the other is not."""
    found = [name.upper() for name in names if name in values]
    missing = [name.upper() for name in names if name not in values]
    if found and missing:
        raise SettingError(f"{found[0]} is set, {missing[0]} is not.", "Set both, or neither.")


def _cast(row: Field[Any], text: str) -> Any:
    kind: Any = type(row.default)
    words = {int: "a whole number", float: "a number"}
    try:
        value: Any = Path(text).absolute() if issubclass(kind, Path) else kind(text)
    except ValueError as error:
        raise _error(row, text, words[kind]) from error
    least, most = row.metadata["least"], row.metadata["most"]
    if least is not None and not least <= value <= most:
        raise _error(row, text, f"{words[kind]} from {least} to {most}")
    if len(text) < row.metadata["shortest"]:
        raise _error(row, text, f"{row.metadata['shortest']} characters or more")
    if row.name in CHOICES and value not in CHOICES[row.name]:
        raise _error(row, text, " or ".join(map(repr, CHOICES[row.name])))
    wanted, fits = CHECKS.get(row.name, ("", None))
    if fits and not fits(text):
        raise _error(row, text, wanted)
    return value


def _error(row: Field[Any], text: str, wanted: str) -> SettingError:
    hidden = row.metadata["secret"] or "@" in text  # an address may have a key in it
    value = "not usable" if hidden else repr(text)
    return SettingError(
        f"{row.name.upper()} is {value}.",
        f"Set it to {wanted}.",
    )


def settings_table() -> str:
    """Return the table for docs/settings.md, in Markdown."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for row in fields(Settings):
        default = row.default
        if isinstance(default, Path):
            default = default.relative_to(ROOT)
        shown = f"`{default}`" if default != "" else "–"
        rows.append(f"| `{row.name.upper()}` | {shown} | {row.metadata['help']} |")
    return "\n".join(rows)
