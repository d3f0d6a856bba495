"""Each request has a name: in its answer, and in all that is logged for it."""

import io
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from inkling.web import request_id
from inkling.web.app import Inkling
from testing.live import Server
from testing.visitors import picture
from tests.web.posting import SEVEN
from tests.web.test_errors import raising

MADE = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def log(app: Inkling) -> Iterator[io.StringIO]:
    """What a web worker would write to stderr."""
    stream = io.StringIO()
    handler = request_id.log_to(stream)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/static/js/ink.js", "/train"])
def test_every_answer_has_a_name_of_its_own(client: FlaskClient, path: str) -> None:
    names = [client.get(path).headers.getlist("X-Request-ID") for _ in range(2)]
    assert all(len(found) == 1 and MADE.fullmatch(found[0]) for found in names)
    assert names[0] != names[1]


@pytest.mark.parametrize("given", ["a", "9f3c-7.b_1", "A" * 64])
def test_a_short_and_plain_name_is_taken_over(client: FlaskClient, given: str) -> None:
    answer = client.get("/nowhere", headers={"X-Request-ID": given})
    assert answer.headers.getlist("X-Request-ID") == [given]


@pytest.mark.parametrize("given", ["", "A" * 65, "a b", "<b>", "ü", "a,b"])
def test_another_name_is_not(client: FlaskClient, given: str) -> None:
    answer = client.get("/", headers={"X-Request-ID": given})
    assert MADE.fullmatch(answer.headers["X-Request-ID"])


def test_a_failure_of_the_journal_is_one_line_with_the_requests_name(
    app: Inkling, client: FlaskClient, log: io.StringIO
) -> None:
    app.refresher.close()  # its connection would go on with what it has read
    app.journal.close()
    (app.settings.instance_folder / "journal.sqlite").write_bytes(b"no database at all" * 100)
    headers = {"X-Request-ID": "mine-1"}
    for _ in range(2):
        fields = {"imageBase64": SEVEN, "digit": "7"}
        assert client.post("/train", data=fields, headers=headers).status_code == 503
    lines = log.getvalue().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert " inkling.web.app [mine-1]: A request fails at POST /train: DatabaseError" in (
            line.replace("The journal does not answer: ", "")
        )
        assert re.search(r"\(inkling/[\w/]+\.py, line \d+\)$", line)


def test_a_bug_keeps_its_traceback_under_the_requests_name(
    app: Inkling, client: FlaskClient, log: io.StringIO
) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["drawing.index"] = raising(TypeError("a bug"))  # type: ignore[assignment]
    answer = client.get("/")
    assert answer.status_code == 500
    assert f"[{answer.headers['X-Request-ID']}]: Exception on / [GET]" in log.getvalue()
    assert "Traceback" in log.getvalue()
    assert "TypeError: a bug" in log.getvalue()


def test_a_path_brings_no_line_of_its_own_into_the_log(
    app: Inkling, client: FlaskClient, log: io.StringIO
) -> None:
    app.before_request(raising(OSError(5, "Input/output error")))
    assert client.get("/a%0A2026-01-01 inkling: all is well").status_code == 503
    (line,) = log.getvalue().splitlines()
    assert "at GET /a\\n2026-01-01 inkling: all is well: " in line


def test_what_belongs_to_no_request_has_no_name(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/")
    logging.getLogger("inkling.test").warning("Between two requests.")
    assert log.getvalue().endswith(" inkling.test: Between two requests.\n")


def test_a_live_server_logs_so(tmp_path: Path) -> None:
    server = Server(tmp_path, WEB_CONCURRENCY="1", TRAINER="separate")
    try:
        for file in (tmp_path / "instance").glob("journal.sqlite*"):
            file.write_bytes(b"no database at all" * 1000)
        body = f'{{"imageBase64": "{picture(7)}", "digit": 7}}'.encode()
        headers = {"Content-Type": "application/json", "X-Request-ID": "live.1"}
        asked = urllib.request.Request(f"{server.url}/train", body, headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked, timeout=60)
        assert refused.value.code == 503
        assert refused.value.headers["X-Request-ID"] == "live.1"
    finally:
        server.stop()
    lines = [line for line in server.log().splitlines() if "[live.1]" in line]
    assert len(lines) == 1
    assert "A request fails at POST /train: " in lines[0]
    assert "Traceback" not in server.log()
