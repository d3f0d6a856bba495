"""Every setting with a wrong value, as the server starts and as commands do: one line, a remedy."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkling.cli.main import inkling
from inkling.settings import ROOT, Settings, load_settings
from testing.live import environment, free_port

# Values that nothing could be done with, and the last words of their remedy.
WRONG = {
    "HOST": [("two words", "every interface.")],
    "PORT": [("http", "a whole number."), ("65536", "a whole number from 0 to 65535.")],
    "WEB_CONCURRENCY": [("0", "from 1 to 1000."), ("9" * 30, "from 1 to 1000.")],
    "WEB_THREADS": [("many", "a whole number.")],
    "TRAINER": [("none", "'embedded' or 'separate'.")],
    "LEARNING_RULE": [("first", "'memory2' or 'sgd'.")],
    "SCREEN": [("maybe", "'yes' or 'no'.")],
    "INSTANCE_FOLDER": [(__file__, "a folder."), (f"{__file__}/below", "a folder.")],
    "MODELS_FOLDER": [(__file__, "a folder.")],
    "TMP_FOLDER": [(__file__, "a folder.")],
    "DATABASE_URL": [
        ("mysql://u:geheim@h/x", "HOST:PORT/NAME."),
        ("postgres://u:geheim@h:port/x", "HOST:PORT/NAME."),
        ("geheim", "HOST:PORT/NAME."),
    ],
    "S3_BUCKET": [("two words", "a bucket's name."), ("s3://bucket", "a bucket's name.")],
    "S3_ENDPOINT_URL": [
        ("s3.example.org", "without a key in it."),
        ("https://key:geheim@s3.example.org", "without a key in it."),
    ],
    "S3_PREFIX": [("../other", "such as inkling/site.")],
    "BUCKETEER_BUCKET_NAME": [("two words", "a bucket's name.")],
    "BUCKETEER_AWS_REGION": [("the moon", "a region such as us-east-1.")],
    "RECEIPT_WAIT": [("inf", "a number from 0 to 60."), ("nan", "a number from 0 to 60.")],
    "MAX_IMAGE_BYTES": [("6MB", "a whole number.")],
    "MAX_IMAGE_PIXELS": [("0", "from 1 to 1000000000.")],
    "RATE_LIMIT": [("lots", "or to 'none'."), ("5/fortnight", "or to 'none'.")],
    "DISK_RESERVE": [("-1", "a whole number from 0 to 1000000000000000000.")],
    "REDIS_URL": [("http://:geheim@h", "rediss://….")],
    "REDIS_TLS_VERIFY": [("maybe", "'yes' or 'no'.")],
    "TRUSTED_PROXIES": [("all", "a whole number.")],
    "CORS_ORIGINS": [
        ("nonsense", "without a path."),
        ("https://a.example/", "without a path."),
        ("https://a.example, b.example", "without a path."),
    ],
    "ADMIN_PASSWORD": [("geheim", "16 characters or more.")],
    "API_LOGIN": [("a:b", "a name without a colon."), ("alone", "both, or neither.")],
    "API_PASSWORD": [("geheim", "8 characters or more."), ("geheim alone", "both, or neither.")],
    "MNIST_FILE": [("/nowhere.npz", "a file or a folder that is there.")],
    "SAMPLE_FILE": [("/nowhere.npz", "a file or a folder that is there.")],
    "TEST_MNIST": [("/nowhere.npz", "a file or a folder that is there.")],
    "TEST_DRAWINGS": [("/nowhere.ndjson", "a file that is there.")],
    "SHOW_DRAWINGS": [("0", "'yes' or 'no'.")],
    "ANSWERS": [("0", "'yes' or 'no'.")],
    "FAULT": [("nowhere:kill:file", "place:wait:file.")],
}
ANY = {  # whatever it says
    "BUCKETEER_AWS_ACCESS_KEY_ID",
    "BUCKETEER_AWS_SECRET_ACCESS_KEY",
    "DATASET_LICENSE",
}
CASES = [(name, text, end) for name, found in WRONG.items() for text, end in found]


def test_every_setting_is_walked() -> None:
    assert {row.name.upper() for row in fields(Settings)} == {*WRONG, *ANY}
    assert not ANY & {*WRONG}


def serve(folder: Path, **environ: str) -> str:
    """What `make run` says of these settings, which must end in one line without a traceback."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "gunicorn"), "main:create_app()"],
        cwd=ROOT,
        env=environment(folder) | {"PORT": str(free_port())} | environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    assert "geheim" not in done.stderr + done.stdout
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    return line


@pytest.mark.parametrize(("name", "text", "end"), [(n, *found[0]) for n, found in WRONG.items()])
def test_a_server_tells_a_wrong_value_in_one_line(
    tmp_path: Path, name: str, text: str, end: str
) -> None:
    line = serve(tmp_path, **{name: text})
    assert line.startswith(f"Error: {name} is ")
    assert line.endswith(end)


@pytest.mark.parametrize(("name", "text", "end"), CASES)
def test_a_command_tells_a_wrong_value_in_one_line(
    tmp_path: Path, name: str, text: str, end: str
) -> None:
    environ = {"INSTANCE_FOLDER": str(tmp_path), "TMP_FOLDER": str(tmp_path)} | {name: text}
    done = CliRunner().invoke(inkling, ["history"], env=environ)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert done.output.startswith(f"Error: {name} is ")
    assert done.output.endswith(f"{end}\n")
    assert done.output.count("\n") == 1
    assert "geheim" not in done.output


@contextmanager
def listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield str(found.getsockname()[1])


def test_a_port_that_another_program_has_is_told_in_one_line(tmp_path: Path) -> None:
    with listening() as port:
        told = serve(tmp_path, PORT=port)
    assert told == (
        f"Error: PORT is {port}, where another program listens. "
        "Stop that one, or set PORT to another."
    )


@pytest.mark.parametrize("host", ["nonsense.invalid", "203.0.113.7"])
def test_a_host_that_is_no_address_of_this_machine_is_told(tmp_path: Path, host: str) -> None:
    told = serve(tmp_path, HOST=host)
    assert told.startswith(f"Error: HOST is '{host}', which is no address of this machine. Set it")


@pytest.mark.parametrize("name", ["INSTANCE_FOLDER", "TMP_FOLDER"])
def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, name: str) -> None:
    told = serve(tmp_path, **{name: "/proc/inkling"})
    assert told.startswith("Error: The folder /proc/inkling cannot be made")
    assert told.endswith(f"{name}." if name == "TMP_FOLDER" else "INSTANCE_FOLDER, TMP_FOLDER.")


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_without_originals_is_told(tmp_path: Path, there: bool) -> None:
    models = tmp_path / "models"
    if there:
        models.mkdir()
        for name in ("fnn.npz", "cnn.npz", "cnn.tflite"):
            (models / name).write_bytes(b"nothing of use")
    told = serve(tmp_path, MODELS_FOLDER=str(models), TRAINER="separate")
    assert told.startswith(f"Error: {models}")
    assert told.endswith("to a folder with originals, as `inkling train` makes them.")


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    url = f"postgres://u:geheim@127.0.0.1:{free_port()}/x"
    told = serve(tmp_path, DATABASE_URL=url)
    assert told.startswith("Error: The journal does not answer: ")
    assert told.endswith("Check the database and its disk, then try again.")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "postgresql+psycopg://u:p@h:5432/x?sslmode=require"),
        ("DATABASE_URL", "postgres:///x"),
        ("HOST", "::1"),
        ("HOST", "localhost"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "http://localhost:3000, https://*.example.org,"),
        ("S3_ENDPOINT_URL", "http://127.0.0.1:9000"),
        ("S3_PREFIX", "/inkling/site/"),
        ("RATE_LIMIT", "5 per minute, 20/2 hours"),
        ("REDIS_URL", "rediss://:p@h:6380"),
        ("RECEIPT_WAIT", "0"),
    ],
)
def test_what_can_be_used_is_taken(name: str, text: str) -> None:
    assert str(getattr(load_settings({name: text}), name.lower())) in (text, f"{text}.0")
