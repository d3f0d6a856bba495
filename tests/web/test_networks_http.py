"""The networks asked over real HTTP: each error, and clients as newcomers write them."""

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from inkling.client import access_to_nn_server, main
from inkling.journal.jobs import ask_training
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.records import TRAININGS
from inkling.settings import load_settings
from inkling.storage.stores import open_store
from testing.live import Server, wait_until
from testing.networks import publish_copy
from testing.pen import draw

AUTH = ("test_nn", "lenet")
FORMATS = ["JPEG", "PNG", "BMP", "TIFF"]


def picture(kind: str = "PNG", digit: int = 7, size: tuple[int, int] | None = None) -> str:
    """A drawing in bare base64."""
    image = Image.fromarray(draw(digit))
    (image.resize(size) if size else image).save(file := io.BytesIO(), kind)
    return base64.b64encode(file.getvalue()).decode()


SEVEN = picture()
WHITE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"A" * 6_000_000).decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Nobody trains there; LeNet is to be trained, and the network `broken` has lost its graph."""
    environ = {"TRAINER": "separate", "WEB_CONCURRENCY": "1"}
    server = Server(tmp_path_factory.mktemp("networks"), **environ)
    settings = load_settings({"INSTANCE_FOLDER": str(server.folder / "instance")})
    journal = open_journal(settings)
    outbox = Outbox(journal, open_store(settings))
    outbox.store.delete(publish_copy(outbox, "broken").graph)
    ask_training(journal, "lenet", "mnist")
    journal.close()
    wait_until(lambda: "broken" in ask(server, "GET", "/list_nn").text)
    yield server
    server.stop()


def ask(server: Server, method: str, path: str, **options: Any) -> requests.Response:
    options = {"auth": AUTH} | options
    return requests.request(method, server.url + path, timeout=60, **options)


def large(width: int, height: int) -> str:
    Image.fromarray(np.full((height, width), 255, np.uint8)).save(file := io.BytesIO(), "PNG")
    return base64.b64encode(file.getvalue()).decode()


CLASSIFY, TRAIN = "/lenet/classify", "/bn-cnn/train"
AS_JSON = {"Content-Type": "application/json"}
# What is asked, and the status that answers; made when it is needed, for some of it is large.
ERRORS: dict[str, tuple[int, str, str, Callable[[], dict[str, Any]]]] = {
    "no JSON": (400, "POST", CLASSIFY, lambda: {"data": "{", "headers": AS_JSON}),
    "no object": (400, "POST", CLASSIFY, lambda: {"json": [SEVEN]}),
    "no body": (400, "POST", CLASSIFY, lambda: {"headers": AS_JSON}),
    "no image": (400, "POST", CLASSIFY, lambda: {"json": {"picture": SEVEN}}),
    "no text": (400, "POST", CLASSIFY, lambda: {"json": {"image": 7}}),
    "no base64": (400, "POST", CLASSIFY, lambda: {"json": {"image": "§" * 100}}),
    "no picture": (400, "POST", CLASSIFY, lambda: {"json": {"image": "A" * 100}}),
    "a damaged one": (400, "POST", CLASSIFY, lambda: {"json": {"image": SEVEN[:400]}}),
    "a narrow one": (400, "POST", CLASSIFY, lambda: {"json": {"image": picture(size=(27, 28))}}),
    "a low one": (400, "POST", CLASSIFY, lambda: {"json": {"image": picture("BMP", 7, (99, 27))}}),
    "another sample": (400, "GET", f"{TRAIN}?training_sample=letters", dict),
    "an empty sample": (400, "POST", f"{TRAIN}?training_sample=", dict),
    "no credentials": (401, "GET", "/list_nn", lambda: {"auth": None}),
    "no credentials to train": (401, "POST", TRAIN, lambda: {"auth": None}),
    "a wrong password": (401, "GET", "/lenet/about", lambda: {"auth": ("test_nn", "x")}),
    "no such network": (404, "GET", "/alexnet/about", dict),
    "none to ask": (404, "POST", "/alexnet/classify", lambda: {"json": {"image": SEVEN}}),
    "none to train": (404, "GET", "/alexnet/train", dict),
    "no such operation": (404, "GET", "/lenet/forget", dict),
    "another method": (405, "DELETE", "/list_nn", dict),
    "a picture by GET": (405, "GET", CLASSIFY, dict),
    "one of the page's": (405, "POST", "/cnn/train", dict),
    "no JSON wanted": (406, "GET", "/list_nn", lambda: {"headers": {"Accept": "text/html"}}),
    "JSON not wanted": (
        406,
        "POST",
        CLASSIFY,
        lambda: {
            "json": {"image": SEVEN},
            "headers": {"Accept": "*/*, application/json;q=0"},
        },
    ),
    "already training": (409, "POST", "/lenet/train?training_sample=mnist", dict),
    "not trained yet": (409, "POST", "/dense/classify", lambda: {"json": {"image": SEVEN}}),
    "no other sample": (409, "GET", f"{TRAIN}?training_sample=other", dict),
    "too many bytes": (413, "POST", CLASSIFY, lambda: {"json": {"image": WHITE}}),
    "too many pixels": (413, "POST", CLASSIFY, lambda: {"json": {"image": large(3600, 3600)}}),
    "too large a body": (413, "POST", CLASSIFY, lambda: {"json": {"image": "A" * 16_800_000}}),
    "a form": (415, "POST", CLASSIFY, lambda: {"data": {"image": SEVEN}}),
    "text": (
        415,
        "POST",
        CLASSIFY,
        lambda: {"data": json.dumps({"image": SEVEN}), "headers": {"Content-Type": "text/plain"}},
    ),
    "no type": (415, "POST", CLASSIFY, lambda: {"data": json.dumps({"image": SEVEN}).encode()}),
    "blank paper": (422, "POST", CLASSIFY, lambda: {"json": {"image": large(280, 280)}}),
    "lost weights": (500, "POST", "/broken/classify", lambda: {"json": {"image": SEVEN}}),
}


@pytest.mark.parametrize("case", ERRORS)
def test_each_error_is_told_in_the_one_shape(server: Server, case: str) -> None:
    status, method, path, options = ERRORS[case]
    answer = ask(server, method, path, **options())
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert [*answer.json()] == ["error"]
    assert answer.json()["error"][0].isupper()
    assert answer.json()["error"].endswith(".")
    assert ("Allow" in answer.headers) == (status == 405)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert ask(server, "GET", "/bn-cnn/train/status").json().keys() == {"accuracy", "datetime"}


def test_where_no_process_can_train_a_training_is_not_taken(server: Server) -> None:
    settings = load_settings({"INSTANCE_FOLDER": str(server.folder / "instance")})
    journal = open_journal(settings)
    why = "TensorFlow is not installed. Install it: make training."
    journal.notice(TRAININGS, why)
    try:
        answer = ask(server, "POST", TRAIN)
        assert answer.status_code == 503
        assert answer.json() == {"error": f"No network can be trained here. {why}"}
        assert ask(server, "POST", CLASSIFY, json={"image": SEVEN}).json()["number"] == "7"
    finally:
        journal.notice(TRAININGS, None)
        journal.close()


def test_unknown_names_are_answered_with_those_that_there_are(server: Server) -> None:
    told = ask(server, "GET", "/alexnet/about").json()["error"]
    assert "lenet, bn-cnn, dense, broken, fnn" in told


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_may_have_16_mb(server: Server, chunked: bool) -> None:
    start, end = b'{"other": "', b'", "image": "%s"}' % SEVEN.encode()
    body = start + b"A" * (16 * 2**20 - len(start) - len(end)) + end
    data: Any = (body[n : n + 2**20] for n in range(0, len(body), 2**20)) if chunked else body
    answer = ask(server, "POST", CLASSIFY, data=data, headers=AS_JSON)
    assert (answer.status_code, answer.json().get("number")) == (200, "7")
    more = ask(server, "POST", CLASSIFY, data=body + b" ", headers=AS_JSON)
    assert more.status_code == 413
    elsewhere = ask(server, "POST", "/predict", data=body, headers=AS_JSON)
    assert elsewhere.status_code == 413


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(28, 28), (28, 90), (640, 480)])
def test_pictures_from_28_by_28_are_read(server: Server, kind: str, size: tuple[int, int]) -> None:
    answer = ask(server, "POST", CLASSIFY, json={"image": picture(kind, 7, size)})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["probabilities"]) == 10


def test_a_newcomer_s_script_works(server: Server, tmp_path: Path) -> None:
    """As somebody writes it who read the table of addresses and knows `requests`."""
    for kind in FORMATS:
        (tmp_path / f"7.{kind.lower()}").write_bytes(base64.b64decode(picture(kind)))
    url = server.url

    for line in requests.get(f"{url}/list_nn", auth=AUTH, timeout=60).json()["text"]:
        net = line.split("url:/")[1]
        about = requests.get(f"{url}/{net}/about", auth=AUTH, timeout=60)
        assert about.status_code == 200
        assert len(about.json()["text"]) > 50

    for net in ("lenet", "bn-cnn", "fnn", "cnn_retrained"):
        for path in sorted(tmp_path.iterdir()):
            image = base64.b64encode(path.read_bytes()).decode("utf-8")
            answer = requests.post(
                f"{url}/{net}/classify", json={"image": image}, auth=AUTH, timeout=60
            )
            assert answer.json()["number"] == "7", path

    status = requests.get(f"{url}/lenet/train/status", auth=AUTH, timeout=60).json()
    assert float(status["accuracy"]) > 99
    assert len(status["datetime"]) == len("2018-11-21 17:39:08")
    asked = {"training_sample": "mnist"}
    assert requests.get(f"{url}/dense/train", asked, auth=AUTH, timeout=60).json()["text"]
    assert (
        requests.post(f"{url}/dense/train", params=asked, auth=AUTH, timeout=60).status_code == 409
    )
    status = requests.get(f"{url}/dense/train/status", auth=AUTH, timeout=60).json()
    assert status == {"accuracy": None, "datetime": None, "state": "queued"}


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_works(server: Server, tmp_path: Path) -> None:
    (tmp_path / "7.jpg").write_bytes(base64.b64decode(picture("JPEG")))
    script = f"""
    set -e
    curl="curl --silent --show-error --fail --user test_nn:lenet"
    $curl {server.url}/list_nn
    $curl {server.url}/lenet/about
    $curl {server.url}/lenet/train/status
    printf '{{"image": "%s"}}' "$(base64 < 7.jpg | tr -d '\\n')" |
      $curl --header 'Content-Type: application/json' --data-binary @- {server.url}/lenet/classify
    """
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed, about, status, seen = map(json.loads, done.stdout.splitlines())
    assert "LeNet url:/lenet" in listed["text"]
    assert about["text"].startswith("LeNet")
    assert float(status["accuracy"]) > 99
    assert seen["number"] == "7"


def test_our_client_speaks_with_it(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = server.url.removeprefix("http://")
    path = tmp_path / "seven.bmp"
    path.write_bytes(base64.b64decode(picture("BMP")))
    assert main([place, "lenet", "classify", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"{path}: 7 (")
    assert main([place, "bn-cnn", "classify"]) == 0  # the samples that it comes with
    said = [line.rpartition(": ")[2][0] for line in capsys.readouterr().out.splitlines()]
    assert sum(digit == str(number) for number, digit in enumerate(said)) >= 9
    host, port = place.split(":")
    assert "LeNet url:/lenet" in access_to_nn_server(host, port, "", "list_nn")
    assert access_to_nn_server(host, port, "lenet", "status")[0] == "99.58"
    refused = access_to_nn_server(host, port, "lenet", "train")
    assert str(refused).startswith("[E] The network lenet is being trained already.")
    wrong = access_to_nn_server(host, port, "lenet", "about", login="me", password=AUTH[0])
    assert str(wrong).startswith("[E] Login or password")
