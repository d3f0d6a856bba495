"""An S3 server for tests: moto's in a process of its own, as strict as Amazon's."""

import base64
import functools
import hashlib
import io
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3

from inkling.settings import ROOT

KEY, SECRET = "AKIATESTKEYFORTESTS", "a-secret-that-nobody-may-read"
TEST_KEYS = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_DEFAULT_REGION": "us-east-1",
    "NO_PROXY": "127.0.0.1",
}


def s3_url() -> str:
    """The address of an S3 server that takes every key; it lives as long as this process."""
    return _started()[1]


@functools.cache
def _started() -> tuple["subprocess.Popen[bytes]", str]:
    """The server, which ends with its stdin, and its address."""
    command = [sys.executable, "-m", "testing.s3_server"]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout is not None
    url = server.stdout.readline().decode().strip()
    assert url, "moto's server did not start."
    return server, url


def make_bucket(url: str) -> str:
    """A new empty bucket on the tests' own server."""
    bucket = f"inkling-{uuid4().hex}"
    client(url).create_bucket(Bucket=bucket)
    return bucket


@functools.cache
def client(url: str) -> Any:
    """boto3's client with the tests' own keys."""
    return boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
    )


def error_xml(code: str) -> bytes:
    """An S3 server's error. Some repeat what was signed, which must reach no log of ours."""
    return f"<Error><Code>{code}</Code><Message>{KEY} {SECRET}</Message></Error>".encode()


Respond = Callable[[str, list[tuple[str, str]]], Any]


def strict(app: Callable[[dict[str, Any], Respond], Any]) -> Callable[..., list[bytes]]:
    """What S3 does and moto does not: refuse cut and damaged uploads, do one thing at a time."""
    lock = threading.Lock()

    def refuse(respond: Respond, code: str) -> list[bytes]:
        respond("400 Bad Request", [("Content-Type", "application/xml")])
        return [error_xml(code)]

    def answer(environ: dict[str, Any], respond: Respond) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        if len(body) < length:
            return refuse(respond, "IncompleteBody")
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        if environ.get("HTTP_CONTENT_MD5", digest) != digest:
            return refuse(respond, "BadDigest")
        environ["wsgi.input"] = io.BytesIO(body)
        with lock:
            return list(app(environ, respond))

    return answer


def serve() -> None:
    """Serve on a free port, told on stdout, until stdin ends."""
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            """Nothing."""

    app = strict(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve()
