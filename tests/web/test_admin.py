"""The operator's downloads: only with the password, never twice guessed, nothing left behind."""

import gzip
import http.client
import io
import json
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inkling.backup.restore import restore_backup
from inkling.data.dataset.formats import FORMATS
from inkling.data.datasets import read_strokes
from inkling.journal.writer import open_journal
from inkling.settings import load_settings
from inkling.storage.stores import open_store
from inkling.web.app import Inkling
from testing.live import Server, wait_until
from tests.conftest import AppWith
from tests.web.posting import SEVEN, check_refused, post

PASSWORD = "correct horse: battery ünd staple"
PATHS = ["/admin/export", "/admin/backup", "/admin/", "/admin/dataset/npz"]


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def guarded(app_with: AppWith) -> Inkling:
    return app_with(ADMIN_PASSWORD=PASSWORD)


def get(app: Inkling, path: str, address: str = "192.0.2.1", **headers: str) -> TestResponse:
    environ = {"REMOTE_ADDR": address}
    return app.test_client().get(path, headers=headers, environ_base=environ)


@pytest.mark.parametrize("path", [*PATHS, "/admin/", "/admin"])
def test_without_the_setting_there_is_no_admin(client: FlaskClient, path: str) -> None:
    check_refused(client.get(path, headers=basic("")), 404)


WRONG = {
    "none": {},
    "an empty one": basic(""),
    "a wrong one": basic("correct horse"),
    "its beginning": basic(PASSWORD[:-1]),
    "more than it": basic(PASSWORD + " "),
    "as the user's name": basic("", PASSWORD),
    "no base64": {"Authorization": "Basic @@@"},
    "no colon": {"Authorization": "Basic " + b64encode(PASSWORD.encode()).decode()},
    "another scheme": {"Authorization": f"Bearer {PASSWORD}"},
    "as a parameter of another scheme": {"Authorization": f'Digest password="{PASSWORD}"'},
    "no UTF-8": {"Authorization": "Basic " + b64encode(b"x:\xff\xfe").decode()},
    "a long one": basic("x" * 50_000),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_password_opens_nothing(guarded: Inkling, path: str, case: str) -> None:
    answer = get(guarded, path, **WRONG[case])
    check_refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_export_is_the_stroke_file(guarded: Inkling) -> None:
    strokes = [[[10, 20.5], [30, 40], [0, 16]]]
    post(guarded.test_client(), "/train", imageBase64=SEVEN, digit=7, strokes=strokes)
    answer = get(guarded, PATHS[0], **basic(PASSWORD))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    (line,) = gzip.decompress(answer.data).splitlines()
    assert json.loads(line)
    file = guarded.settings.tmp_folder / "got.ndjson.gz"
    file.write_bytes(answer.data)
    assert [drawing.digit for drawing in read_strokes(file)] == [7]


def test_the_backup_can_be_restored(guarded: Inkling, tmp_path: Path) -> None:
    post(guarded.test_client(), "/train", imageBase64=SEVEN, digit=7)
    answer = get(guarded, PATHS[1], **basic(PASSWORD))
    assert answer.status_code == 200
    assert answer.content_type == "application/zip"
    (tmp_path / "backup.zip").write_bytes(answer.data)
    settings = load_settings({"INSTANCE_FOLDER": str(tmp_path / "other")})
    journal = open_journal(settings)
    restore_backup(tmp_path / "backup.zip", journal, open_store(settings))
    assert [d.label for d in journal.queued(9)] == [7]


@pytest.mark.parametrize("name", FORMATS)
def test_a_dataset_comes_as_a_zip_with_its_card(guarded: Inkling, name: str) -> None:
    strokes = [[[10, 20.5], [30, 40], [0, 16]]]
    post(guarded.test_client(), "/collect", imageBase64=SEVEN, digit=7, strokes=strokes)
    answer = get(guarded, f"/admin/dataset/{name}", **basic(PASSWORD))
    assert answer.status_code == 200
    assert f"inkling-{name}.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        cards = [member for member in archive.namelist() if member.endswith(".md")]
        assert "1 drawings of" in archive.read(cards[0]).decode()
    assert list(guarded.settings.tmp_folder.rglob("*")) == []


def test_the_page_leads_to_every_download(guarded: Inkling) -> None:
    page = get(guarded, "/admin/", **basic(PASSWORD)).text
    for path in (*PATHS[:2], *(f"/admin/dataset/{name}" for name in FORMATS)):
        assert f'href="{path}"' in page
    assert get(guarded, "/admin/dataset/parquet", **basic(PASSWORD)).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_admin_only_gives(guarded: Inkling, method: str) -> None:
    answer = guarded.test_client().open(PATHS[0], method=method, headers=basic(PASSWORD))
    check_refused(answer, 405)


def test_the_eleventh_guess_in_a_minute_is_not_looked_at(guarded: Inkling) -> None:
    for n in range(10):
        assert get(guarded, PATHS[n % 2], **basic(f"guess {n}")).status_code == 401
    eleventh = get(guarded, PATHS[0], **basic("guess"))
    check_refused(eleventh, 429)
    assert int(eleventh.headers["Retry-After"]) >= 1
    assert eleventh.headers["Cache-Control"] == "no-store"
    check_refused(get(guarded, PATHS[0], **basic(PASSWORD)), 429)  # or guesses would go on
    assert get(guarded, PATHS[0], "192.0.2.2", **basic(PASSWORD)).status_code == 200


def test_neither_right_passwords_nor_first_visits_count_as_guesses(guarded: Inkling) -> None:
    for _ in range(12):
        assert get(guarded, PATHS[0]).status_code == 401
        assert get(guarded, PATHS[0], **basic(PASSWORD)).status_code == 200


def test_nothing_stays_in_the_folder_for_files_on_their_way(guarded: Inkling) -> None:
    before = set(guarded.settings.tmp_folder.rglob("*"))
    assert get(guarded, PATHS[0], **basic(PASSWORD)).status_code == 200
    with guarded.test_client() as client:  # an answer that nobody reads
        client.get(PATHS[0], headers=basic(PASSWORD), buffered=False)
    assert set(guarded.settings.tmp_folder.rglob("*")) == before


def test_a_failing_export_leaves_nothing_behind(guarded: Inkling) -> None:
    guarded.refresher.close()  # its connection would go on with what it has read
    guarded.journal.close()
    (guarded.settings.instance_folder / "journal.sqlite").write_bytes(b"no database" * 100)
    assert get(guarded, PATHS[0], **basic(PASSWORD)).status_code == 503
    assert list(guarded.settings.tmp_folder.rglob("*")) == []


def test_a_client_that_hangs_up_leaves_nothing_behind(tmp_path: Path) -> None:
    password = "a plain long password"
    server = Server(tmp_path, ADMIN_PASSWORD=password, TRAINER="separate", WEB_CONCURRENCY="1")
    try:
        for _ in range(3):
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            connection.request("GET", PATHS[0], headers=basic(password))
            connection.close()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", PATHS[0], headers=basic(password))
        answer = connection.getresponse()
        assert answer.status == 200
        assert gzip.decompress(answer.read()) == b""
        wait_until(lambda: list((tmp_path / "tmp").iterdir()) == [])
        assert "Error" not in server.log()
    finally:
        server.stop()
