"""What the texts of settings must look like: a check for each kind, by its remedy."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from inkling.errors import InvalidInput
from inkling.failpoints import faults

LIMIT = r"\s*[0-9]+\s*(/|\s*per\s*)\s*[0-9]*\s*(second|minute|hour|day|month|year)s?\s*"


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text, re.IGNORECASE) is not None


def _is_url(text: str, schemes: str) -> bool:
    """Whether it is an address of one of these schemes, with a port that is one if any."""
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = text.isprintable() and " " not in text
    return plain and port_fits and parts.scheme in schemes.split() and "://" in text


def _is_database(text: str) -> bool:
    sqlite = re.fullmatch(r"sqlite://(/.*)?", text) is not None
    return sqlite or _is_url(text, "postgres postgresql postgresql+psycopg")


def _is_server(text: str) -> bool:
    return _is_url(text, "http https") and bool(urlsplit(text).hostname) and "@" not in text


def _is_redis(text: str) -> bool:
    return _is_url(text, "redis rediss unix redis+unix")


def _is_prefix(text: str) -> bool:
    parts = text.strip("/").split("/")
    return text.isprintable() and len(text) <= 200 and not {"", ".", ".."} & {*parts}


def _are_faults(text: str) -> bool:
    try:
        return bool(faults(text))
    except InvalidInput:
        return False


def _can_be_folder(text: str) -> bool:
    """Whether there is a folder, or could be one: no file is in its way."""
    path = Path(text).absolute()
    return next(p for p in (path, *path.parents) if p.exists()).is_dir()


# What a setting that is a text must be, in the words of its remedy.
CHECKS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "host": (
        "an address of this machine, such as 127.0.0.1, or to 0.0.0.0 for every interface",
        _matches(r"[a-z0-9._:%-]+"),
    ),
    "instance_folder": ("a folder", _can_be_folder),
    "models_folder": ("a folder", _can_be_folder),
    "tmp_folder": ("a folder", _can_be_folder),
    "database_url": ("postgres://USER:PASSWORD@HOST:PORT/NAME", _is_database),
    "s3_bucket": ("a bucket's name", _matches(r"[a-z0-9._-]{1,255}|arn:\S+")),
    "s3_endpoint_url": (
        "an address such as https://s3.example.org, without a key in it",
        _is_server,
    ),
    "s3_prefix": ("names parted by /, such as inkling/site", _is_prefix),
    "bucketeer_bucket_name": ("a bucket's name", _matches(r"[a-z0-9._-]{1,255}|arn:\S+")),
    "bucketeer_aws_region": ("a region such as us-east-1", _matches(r"[a-z0-9-]+")),
    "rate_limit": (
        "limits as '20/second; 600/hour', or to 'none'",
        _matches(rf"none|{LIMIT}([,;|]{LIMIT})*"),
    ),
    "redis_url": ("redis://… or rediss://…", _is_redis),
    "cors_origins": (
        "'*', or to sites such as https://example.org, comma-separated and without a path",
        _matches(
            r"\s*(\*|[a-z][a-z0-9+.-]*://[^/\s,]+)\s*(,\s*(\*|[a-z][a-z0-9+.-]*://[^/\s,]+)?\s*)*"
        ),
    ),
    "fault": ("place:kill:file or place:wait:file", _are_faults),
    "api_login": ("a name without a colon", lambda text: ":" not in text and text.isprintable()),
    "mnist_file": ("a file or a folder that is there", lambda text: Path(text).exists()),
    "sample_file": ("a file or a folder that is there", lambda text: Path(text).exists()),
    "test_mnist": ("a file or a folder that is there", lambda text: Path(text).exists()),
    "test_drawings": ("a file that is there", lambda text: Path(text).is_file()),
}
