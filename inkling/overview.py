"""What runs here and where it keeps what: said at the start of a server and of a worker."""

import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from inkling.settings import DEMONSTRATION, Settings

TRAINERS = {
    "embedded": "embedded: a child of this server, which learns while no worker does",
    "separate": "separate: labels wait until a worker runs, `inkling trainer`",
}
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def overview(settings: Settings, address: str = "") -> str:
    """Return the lines that tell a person what was chosen; never a secret.

    address: what a server listens on; empty for a worker.
    """
    rows = {
        "address": address or "none: this is a worker",
        "database": _database(settings),
        "objects": _objects(settings),
        "rule": _rule(settings),
        "trainer": TRAINERS[settings.trainer] if address else "this process",
    }
    lines = ["Inkling", *(f"  {name:10}{text}" for name, text in rows.items())]
    return "\n".join([*lines, f"Open {_reachable(address)}"] if address else lines)


def _reachable(address: str) -> str:
    """Return an address that a browser on this machine can open."""
    for every, this in (("//0.0.0.0:", "//127.0.0.1:"), ("//[::]:", "//[::1]:")):
        address = address.replace(every, this)
    return address


def _rule(settings: Settings) -> str:
    judged = "" if settings.screen == "yes" else "; whatever is labelled is learned"
    return settings.learning_rule + judged


def _database(settings: Settings) -> str:
    """Name the database without user and password, and without options, which may be secrets."""
    url = urlsplit(settings.database_url)
    if not url.scheme or url.scheme == "sqlite":
        return f"SQLite, {urlsplit(settings.journal_url).path.removeprefix('/') or 'in memory'}"
    port = f":{url.port}" if url.port else ""
    return f"PostgreSQL, {url.hostname or 'on this machine'}{port}{url.path}"


def _objects(settings: Settings) -> str:
    if not settings.bucket:
        return f"the folder {settings.objects_folder}"
    url = urlsplit(settings.s3_endpoint_url)
    port = f":{url.port}" if url.port else ""
    server = f"{url.scheme}://{url.hostname}{port}" if url.hostname else "Amazon S3"
    below = f", below {settings.s3_prefix.strip('/')}/" if settings.s3_prefix else ""
    return f"the bucket {settings.bucket} at {server}{below}"


def warnings(
    settings: Settings, environ: Mapping[str, str] = os.environ, serves: bool = False
) -> Iterator[str]:
    """Yield what is probably not meant: keys without a bucket, a disk that is soon gone.

    serves: whether it is a server, which then tells of a password that everybody knows, too.
    """
    if serves and not settings.api_login:
        yield (
            f"The networks take the demonstration pair {' / '.join(DEMONSTRATION)}, from this "
            "machine alone and not through a proxy that says so. Set API_LOGIN and API_PASSWORD."
        )
    keys = [name for name in KEYS if environ.get(name)]
    if keys and not settings.bucket:
        yield (
            f"{' and '.join(keys)} {'are' if keys[1:] else 'is'} set, S3_BUCKET is not: objects go "
            f"to {_objects(settings)}. Set S3_BUCKET."
        )
    if not environ.get("DYNO"):
        return
    gone = "the disk of a Heroku dyno, which is lost at its restart"
    if not settings.database_url:
        yield f"Every label lies on {gone}. Add heroku-postgresql, which sets DATABASE_URL."
    if not settings.bucket:
        yield (
            f"Every object lies on {gone} and other dynos do not see. Add bucketeer, or set "
            "S3_BUCKET."
        )
