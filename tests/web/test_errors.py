"""Errors: one shape for all, and what the server says when it fails itself."""

import logging
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError, ProgrammingError

from inkling.journal.database import translated
from inkling.web.app import Inkling
from tests.web.posting import SEVEN, check_refused, post


@pytest.mark.parametrize("path", ["/predict", "/train", "/collect"])
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_another_method_is_refused(client: FlaskClient, path: str, method: str) -> None:
    answer = getattr(client, method)(path)
    check_refused(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_an_unknown_page_is_an_error_in_json(client: FlaskClient) -> None:
    check_refused(client.get("/nowhere"), 404)


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        with translated():
            raise error

    return fail


@pytest.mark.parametrize("kind", [OperationalError, ProgrammingError])
def test_a_journal_that_fails_is_told_without_what_it_was_given(
    app: Inkling, client: FlaskClient, caplog: pytest.LogCaptureFixture, kind: type
) -> None:
    reason = RuntimeError("the server closed the connection\nDETAIL: row (tattle-tale)")
    error = kind("INSERT INTO drawings", {"strokes": "tattle-tale"}, reason)
    app.view_functions["drawing.train"] = raising(error)  # type: ignore[assignment]
    with caplog.at_level(logging.ERROR):
        answer = post(client, "/train", imageBase64=SEVEN, digit=7)
    check_refused(answer, 503)
    assert answer.get_json()["error"].startswith("The journal does not answer.")
    assert "the server closed the connection" in caplog.text
    assert "tattle-tale" not in caplog.text + answer.text


def test_a_journal_file_that_is_damaged_is_an_unanswering_journal(
    app: Inkling, client: FlaskClient
) -> None:
    app.refresher.close()  # its connection would go on with what it has read
    app.journal.close()
    (app.settings.instance_folder / "journal.sqlite").write_bytes(b"no database at all" * 100)
    check_refused(post(client, "/train", imageBase64=SEVEN, digit=7), 503)


def test_a_file_that_fails_is_told(app: Inkling, client: FlaskClient) -> None:
    app.view_functions["drawing.index"] = raising(OSError(28, "No space left on device"))  # type: ignore[assignment]
    check_refused(client.get("/"), 503)
