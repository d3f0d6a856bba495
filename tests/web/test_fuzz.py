"""Random requests to every endpoint: never a 500, never a half-written row."""

import re
import tempfile
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from werkzeug.test import TestResponse

from functions import decode_png
from inkling.checkpoints import objects_of, originals
from inkling.journal.schema import drawings
from inkling.journal.writer import open_journal
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, TRAINED, Drawing, Lesson
from inkling.settings import Settings, load_settings
from inkling.storage.stores import open_store
from inkling.web.app import Inkling
from main import create_app
from testing.commits import commit
from testing.fuzzing import ENDPOINTS, FIELDS, HOSTILE, WRITERS, data_url, pictures, requests

MODELS = {"fnn", "fnn_retrained", "cnn", "cnn_retrained"}
STORING = {"/train", "/collect"}


@pytest.fixture(scope="module")
def app() -> Iterator[Inkling]:
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "INSTANCE_FOLDER": folder,
            "TMP_FOLDER": f"{folder}/files",
            "RECEIPT_WAIT": "0",
            "CORS_ORIGINS": "https://a.example",
            "TRUSTED_PROXIES": "1",
            "ADMIN_PASSWORD": str(uuid.uuid4()),
        }
        found = load_settings(environ)
        publish_versions(found)
        app = create_app(found)
        yield app
        app.close()


def publish_versions(found: Settings) -> None:
    """Three versions to look back to: one as shipped, one that the store has lost, the newest."""
    journal, store = open_journal(found), open_store(found)
    for version in (1, 2, 3):
        objects, contents = objects_of(version, originals(found.models_folder))
        for name, content in contents.items():
            store.put(name, content)
        lesson = Lesson(
            Drawing(str(uuid.uuid4()), 7, b"", bytes(784), {}, version - 1), version, {}
        )
        journal.add(lesson.drawing)
        commit(journal, [lesson], objects)
        if version == 2:
            store.delete(objects["fnn"])
    journal.close()


def test_every_endpoint_is_tried(app: Inkling) -> None:
    rules = {rule.endpoint: re.sub("<[^>]*>", "{}", rule.rule) for rule in app.url_map.iter_rules()}
    assert rules.items() <= ENDPOINTS.items()


def rows(app: Inkling) -> dict[str, Drawing]:
    found = app.journal.labelled((QUEUED, COLLECTED, TRAINED))
    return {drawing.id: drawing for drawing in found}


def check(app: Inkling, client: FlaskClient, wanted: Any) -> None:
    method, path, sent_headers, (body, kind) = wanted
    before = rows(app)
    if len(before) > 100:  # reading them all twice a request would take most of the time
        forget(app)
        before = {}
    try:
        answer = client.open(
            path, method=method, headers=sent_headers, data=body, content_type=kind
        )
    except (UnicodeError, ValueError) as error:
        # What cannot be put into a request of HTTP at all is refused by the test's own client.
        assert "werkzeug/test.py" in _files(error), error
        return
    check_answer(answer, method)
    check_rows(before, after := rows(app), answer, method, path)
    app.config["STORED"] = app.config.get("STORED", 0) + len(after.keys() - before.keys())


def _files(error: BaseException) -> str:
    """The files on the way to an error, up to the app's own."""
    found, trace = [], error.__traceback__
    while trace:
        found.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return " ".join(found).partition("flask/app.py")[0]


def check_answer(answer: TestResponse, method: str) -> None:
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.content_type == "application/json"
        assert [*answer.get_json()] == ["error"]
        assert answer.get_json()["error"][0].isupper()


def check_rows(
    before: dict[str, Drawing],
    after: dict[str, Drawing],
    answer: TestResponse,
    method: str,
    path: str,
) -> None:
    """Exactly one complete row more where a new drawing was answered, else the same ones."""
    stored = method == "POST" and path in STORING and answer.status_code == 200
    id = answer.get_json()["drawing"] if stored else None
    new = {key: row for key, row in after.items() if key not in before}
    assert {key: row for key, row in after.items() if key in before} == before
    assert new.keys() == ({id} - before.keys() if stored else set())
    assert not stored or id in after
    for row in new.values():
        assert decode_png(row.png).ndim == 2
        assert row.label in (NOT_A_DIGIT, *range(10))
        assert row.predictions.keys() == MODELS
        assert all(len(p) == 10 and np.isfinite(p).all() for p in row.predictions.values())
        learned = path == "/train" and row.label != NOT_A_DIGIT
        assert row.state == (QUEUED if learned else COLLECTED)


def forget(app: Inkling) -> None:
    with app.journal.engine.begin() as connection:
        connection.execute(drawings.delete())


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


OFTEN: Any = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": [*CHECKS, HealthCheck.function_scoped_fixture],
}


@settings(max_examples=400, **OFTEN)
@given(wanted=requests)
def ask_at_random(app: Inkling, wanted: Any) -> None:
    check(app, app.test_client(), wanted)


def test_no_request_breaks_the_server_or_half_writes_a_row(app: Inkling) -> None:
    before = app.config.get("STORED", 0)
    ask_at_random(app)
    # Random requests that were all refused would prove nothing about rows. Counted here, since
    # other tests may run in another process.
    assert app.config["STORED"] - before > 20


@pytest.mark.long
@settings(max_examples=3000, **OFTEN)
@given(wanted=requests)
def test_none_of_many_requests_does_either(app: Inkling, wanted: Any) -> None:
    check(app, app.test_client(), wanted)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", FIELDS)
def test_no_hostile_value_in_a_field_breaks_it(app: Inkling, name: str, kind: str) -> None:
    right = {"imageBase64": data_url(pictures()[0]), "digit": 7}
    path = "/predict" if name == "version" else "/collect"
    for value in HOSTILE:
        body = WRITERS[kind](right | {name: value})
        check(app, app.test_client(), ("POST", path, {}, (body, kind)))


@pytest.mark.parametrize("kind", WRITERS)
def test_every_version_answers_or_says_why_not(app: Inkling, kind: str) -> None:
    found = {}
    for version in (None, 0, 1, 2, 3, 4):
        asked = {} if version is None else {"version": version}
        body = WRITERS[kind]({"imageBase64": data_url(pictures()[0])} | asked)
        answer = app.test_client().post("/predict", data=body, content_type=kind)
        check_answer(answer, "POST")
        found[version] = answer.status_code
    assert found == {None: 200, 0: 200, 1: 200, 2: 404, 3: 200, 4: 404}


@pytest.mark.proof
@pytest.mark.long  # other requests at every run; those above are the same ones, and `make test`'s
@settings(
    max_examples=1500,
    database=None,
    deadline=None,
    suppress_health_check=[*CHECKS, HealthCheck.function_scoped_fixture],
)
@given(wanted=requests)
def test_no_request_of_many_breaks_it_either(app: Inkling, wanted: Any) -> None:
    check(app, app.test_client(), wanted)
