"""A visitor's own drawings: read again, and deleted by whoever has the secret, and nobody else."""

import logging
import re
import uuid

import pytest
from flask.testing import FlaskClient

from functions import to_data_url
from inkling.journal.schema import drawings
from inkling.records import DELETING, QUEUED
from inkling.web.app import Inkling
from testing.pen import draw
from tests.conftest import AppWith
from tests.web.posting import SEVEN, check_refused, post, rows

SECRET = "Zm9yIG5vYm9keSBlbHNl-_0"


def give(client: FlaskClient, path: str = "/train", **more: object) -> str:
    answer = post(client, path, imageBase64=SEVEN, digit=7, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["drawing"])


def delete(client: FlaskClient, id: str, secret: object = SECRET) -> int:
    return post(client, f"/drawings/{id}/delete", secret=secret).status_code


@pytest.mark.parametrize("path", ["/train", "/collect"])
def test_a_drawing_is_deleted_with_its_secret(client: FlaskClient, app: Inkling, path: str) -> None:
    id = give(client, path, secret=SECRET)
    answer = post(client, f"/drawings/{id}/delete", secret=SECRET)
    assert (answer.status_code, answer.get_json()) == (200, {"drawing": id, "state": "deleting"})
    assert client.get(f"/drawings/{id}").get_json()["state"] == "deleting"
    assert delete(client, id) == 200  # its answer was lost
    row = app.journal.find(id)
    assert row is not None
    assert row.state == DELETING
    shown = client.get("/progress/latest").get_json()["drawings"]
    assert shown == []
    assert 'alt="A 7' not in client.get("/gallery").text


def test_without_the_secret_nothing_is_changed(client: FlaskClient, app: Inkling) -> None:
    id, open_to_nobody = give(client, secret=SECRET), give(client)
    for wrong in ("x" * 22, SECRET + "x", SECRET.lower()):
        check_refused(post(client, f"/drawings/{id}/delete", secret=wrong), 403)
        check_refused(post(client, f"/drawings/{open_to_nobody}/delete", secret=wrong), 403)
    for missing in (None, "", 5, "short", "x" * 65, "ü" * 22, SECRET + "\n"):
        check_refused(post(client, f"/drawings/{id}/delete", secret=missing), 400)
    check_refused(post(client, f"/drawings/{uuid.uuid4()}/delete", secret=SECRET), 404)
    assert app.journal.counts()[QUEUED] == 2


def test_a_secret_that_is_none_is_refused_before_anything_is_stored(
    client: FlaskClient, app: Inkling
) -> None:
    for wrong in ("short", "x" * 65, "two words are not a secret", ["x"], 5):
        check_refused(post(client, "/train", imageBase64=SEVEN, digit=7, secret=wrong), 400)
    assert rows(app.journal) == 0


def test_the_secret_is_nowhere(
    client: FlaskClient, app: Inkling, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [post(client, "/train", imageBase64=SEVEN, digit=7, secret=SECRET).text]
    id = str(re.findall(r'"drawing":"([^"]*)"', answers[0])[0])
    pages = ["/", "/gallery", "/progress", "/progress/data", f"/drawings/{id}", "/api"]
    answers += [client.get(page).text for page in pages]
    assert SECRET not in "".join(answers)
    files = [path for path in app.settings.instance_folder.rglob("*") if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files)
    assert SECRET not in caplog.text


def test_the_first_secret_of_a_key_counts(client: FlaskClient) -> None:
    key = str(uuid.uuid4())
    assert give(client, key=key, secret=SECRET) == key
    assert give(client, key=key, secret="another-secret-altogether") == key  # noqa: S106
    assert delete(client, key, "another-secret-altogether") == 403
    assert delete(client, key) == 200


def test_what_is_read_in_own_drawings_is_told_as_shipped_and_now(client: FlaskClient) -> None:
    ids = [give(client), give(client, "/collect")]
    odd = post(client, "/train", imageBase64=to_data_url(draw(3)), digit="none").get_json()
    asked = [*ids, odd["drawing"], str(uuid.uuid4()), ids[0]]
    told = post(client, "/drawings/answers", drawings=asked).get_json()
    assert told["version"] == 0
    assert told["answers"] == [
        {"drawing": ids[0], "shipped": "7", "now": "7"},
        {"drawing": ids[1], "shipped": "7", "now": "7"},
        {"drawing": odd["drawing"], "shipped": "3", "now": "3"},
    ]
    give_up = give(client, secret=SECRET)
    delete(client, give_up)
    assert post(client, "/drawings/answers", drawings=[give_up]).get_json()["answers"] == []


def test_only_so_many_are_read_at_once(client: FlaskClient) -> None:
    many = [str(uuid.uuid4()) for _ in range(101)]
    assert post(client, "/drawings/answers", drawings=many[1:]).status_code == 200
    check_refused(post(client, "/drawings/answers", drawings=many), 413)
    for wrong in (None, "x", [5], ["no id"]):
        check_refused(post(client, "/drawings/answers", drawings=wrong), 400)


def test_a_site_that_only_collects_deletes_too_and_reads_nothing(app_with: AppWith) -> None:
    client = app_with(ANSWERS="no").test_client()
    id = give(client, "/collect", secret=SECRET)
    check_refused(post(client, "/drawings/answers", drawings=[id]), 403)
    assert delete(client, id) == 200
    assert client.get("/my-drawings").status_code == 200


def test_a_database_dump_has_the_hash_alone(client: FlaskClient, app: Inkling) -> None:
    give(client, secret=SECRET)
    with app.journal.read() as connection:
        (found,) = connection.execute(drawings.select()).mappings()
    assert len(found["secret_hash"]) == 32
    assert SECRET not in repr(dict(found))
