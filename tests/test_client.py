"""The client against a small server that keeps the contract, and against worse ones."""

import ast
import base64
import io
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from inkling import client
from inkling.client import access_to_nn_server, main
from inkling.pretraining.sample_pictures import FOLDER, sample_picture, write_samples
from testing.live import free_port
from testing.rest_contract import DONE, ERRORS, LIST, Contract

NEWER = {"accuracy": "99.41", "datetime": "2018-11-22 09:00:00"}
TRAINING = {"state": "training", "epochs": 10, "loss": 0.03, "seconds_left": 40}
SEVEN = (FOLDER / "7.png").read_bytes()
DATA: dict[str, object] = {"train": "mnist", "classify": SEVEN}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Contract]:
    monkeypatch.setattr(client, "POLL", 0.01)
    for name in ("INKLING_LOGIN", "INKLING_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    server = Contract()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize("port", [str, int])
def test_the_function_returns_what_the_server_says(server: Contract, port: type) -> None:
    def ask(net: str, operation: str, data: object = None) -> object:
        return access_to_nn_server("127.0.0.1", port(server.port), net, operation, data=data)

    assert ask("", "list_nn") == LIST
    assert ask("lenet", "status") == ("99.32", "2018-11-21 17:39:08")
    assert ask("/lenet", "about") == "LeNet: 995,060 parameters.\nMNIST: 99.4 %."
    assert ask("lenet", "train") == "Training on mnist has begun."
    assert ask("lenet", "train", "other") == "Training on other has begun."
    for image in (SEVEN, base64.b64encode(SEVEN).decode(), FOLDER / "7.png", f"{FOLDER}/7.png"):
        assert ask("lenet", "classify", image) == "7"
    assert server.images == [SEVEN] * 4
    assert server.asked[0] == ("GET", "/list_nn")
    assert ("POST", "/lenet/train?training_sample=other") in server.asked
    assert ("GET", "/lenet/train/status") in server.asked


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_is_a_string_and_an_exit_code(
    server: Contract, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    server.instead = lambda handler: handler.say(status, {"error": ERRORS[status]})
    for operation in ("list_nn", "status", "about", "train", "classify"):
        said = access_to_nn_server(
            "127.0.0.1", server.port, "lenet", operation, data=DATA.get(operation)
        )
        assert said == f"[E] {ERRORS[status]}"
    place = f"127.0.0.1:{server.port}"
    assert run(capsys, place, "lenet", "about") == (1, "", f"[E] {ERRORS[status]}\n")


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"<html>Bad Gateway</html>", 502, "no Inkling: 502"),
        (b"<html>Welcome</html>", 200, "no Inkling: 200 OK"),
        (b"", 200, "no Inkling: 200 OK"),
        (b"[1]", 200, "no Inkling: 200 OK"),
        (b'{"error": null}', 500, "no Inkling: 500"),
        (b'"error"', 404, "no Inkling: 404"),
        (b"\xff\xfe", 403, "no Inkling: 403"),
        (b"", 302, "sends on to https://example.org/. Ask there."),
        (b'{"error": "a\\u001b[2Jb"}', 400, "[E] a[2Jb"),
    ],
)
def test_what_is_no_answer_of_ours_is_an_error_too(
    server: Contract, body: bytes, status: int, told: str
) -> None:
    where = {"Location": "https://example.org/"} if status == 302 else {}
    server.instead = lambda handler: handler.raw(status, body, "text/html", **where)
    for operation in ("list_nn", "status", "about"):
        said = access_to_nn_server("127.0.0.1", server.port, "lenet", operation)
        assert isinstance(said, str) and said.startswith("[E] ") and told in said
    assert len(server.asked) == 3  # nothing was sent on


@pytest.mark.parametrize("content", [{}, {"text": None}, {"number": None}, {"text": 5}])
def test_what_an_answer_lacks_is_empty(server: Contract, content: dict[str, Any]) -> None:
    server.instead = lambda handler: handler.say(200, content)
    assert access_to_nn_server("127.0.0.1", server.port, "lenet", "list_nn") == []
    assert access_to_nn_server("127.0.0.1", server.port, "lenet", "status") == ("", "")
    assert access_to_nn_server("127.0.0.1", server.port, "lenet", "about") in ("", "5")
    assert access_to_nn_server("127.0.0.1", server.port, "a", "classify", data=SEVEN) == ""


@pytest.mark.parametrize("https", [False, True])
def test_where_nobody_answers_requests_says_so(
    https: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    with pytest.raises(requests.exceptions.RequestException):
        access_to_nn_server("127.0.0.1", port, "lenet", "about", https=https)
    words = [f"127.0.0.1:{port}", "list_nn", *(["--https"] if https else [])]
    code, out, told = run(capsys, *words)
    assert (code, out) == (3, "")
    assert told.startswith("[E] Nobody answers") and told.count("\n") == 1


def test_plain_http_under_https_is_told(
    server: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, told = run(capsys, f"127.0.0.1:{server.port}", "list_nn", "--https")
    assert (code, out) == (3, "")
    assert told == "[E] No secure connection to the server: it may speak plain HTTP.\n"


@pytest.mark.parametrize(
    ("net", "operation", "data"),
    [
        ("../admin", "about", None),
        ("", "about", None),
        ("..", "about", None),
        ("a?b", "status", None),
        ("lenet", "dance", None),
        ("lenet", "train", "mine"),
        ("lenet", "classify", None),
        ("lenet", "classify", b""),
        ("lenet", "classify", "nowhere.png"),
        ("lenet", "classify", "a\0b"),
        ("lenet", "classify", 7),
        ("lenet", "classify", "A" * 5000 + "?"),
    ],
)
def test_what_cannot_be_asked_is_a_value_error(
    server: Contract, net: str, operation: str, data: object
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+\.$"):
        access_to_nn_server("127.0.0.1", server.port, net, operation, data=data)
    assert server.asked == []


WRONG = [
    ["lenet"],
    ["lenet", "dance"],
    ["list_nn", "lenet"],
    ["lenet", "about", "more"],
    ["lenet", "train", "mine"],
    ["lenet", "train", "mnist", "other"],
    ["127.0.0.1:70000", "list_nn"],
    ["127.0.0.1:0", "list_nn"],
    ["127.0.0.1", "list_nn"],
    ["--colour", "list_nn"],
    ["--log", "me", "list_nn"],
    ["list_nn", "--login"],
    ["list_nn", "--login", "me"],
    ["le/../net", "about"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_arguments_get_one_line_and_2(
    server: Contract, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, told = run(capsys, *words)
    assert (code, out, told.count("\n"), told[:4]) == (2, "", 1, "[E] ")
    assert server.asked == []


def test_what_is_printed(
    server: Contract, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def ask(*words: str) -> tuple[int, str, str]:
        return run(capsys, f"127.0.0.1:{server.port}", *words)

    assert ask("list_nn") == (0, "LeNet url:/lenet\nCNN url:/cnn\n", "")
    assert ask("lenet", "about")[1] == "LeNet: 995,060 parameters.\nMNIST: 99.4 %.\n"
    assert ask("lenet", "status")[1] == "accuracy 99.32 %, trained 2018-11-21 17:39:08\n"
    assert ask("lenet", "train")[1] == "Training on mnist has begun.\n"
    assert ask("lenet", "--json", "train", "other")[1] == (
        '{"text": "Training on other has begun."}\n'
    )
    assert ask("--json", "list_nn")[1] == json.dumps({"text": LIST}) + "\n"
    good, bad = f"{FOLDER}/7.png", tmp_path / "bad.png"
    bad.write_text("no picture")
    assert ask("lenet", "classify", good) == (0, f"{good}: 7 (99.0%)\n", "")
    code, out, told = ask("lenet", "classify", str(bad), good)
    assert (code, out) == (1, f"{good}: 7 (99.0%)\n")
    assert told == f"[E] {bad}: The image is no picture.\n"
    code, out, told = ask("lenet", "classify", str(tmp_path / "none.png"), good, "--json")
    assert code == 2
    assert json.loads(out)["number"] == "7" and json.loads(out)["file"] == good
    assert told.endswith("none.png cannot be read: No such file or directory.\n")


def test_without_a_picture_the_samples_are_sent(
    server: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, f"127.0.0.1:{server.port}", "lenet", "classify")
    assert (code, out.count(": 7 (99.0%)\n")) == (0, 10)
    assert server.images == [path.read_bytes() for path in sorted(FOLDER.glob("*.png"))]


def test_who_asks_is_told_to_the_server(
    server: Contract, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.login = "anna:geheim €"
    place = f"127.0.0.1:{server.port}"
    assert run(capsys, place, "list_nn")[::2] == (1, f"[E] {ERRORS[401]}\n")
    assert run(capsys, place, "list_nn", "--login", "anna", "--password", "geheim €")[0] == 0
    monkeypatch.setenv("INKLING_PASSWORD", "geheim €")
    assert run(capsys, place, "list_nn", "--login", "anna")[0] == 0
    said = access_to_nn_server("127.0.0.1", server.port, "", "list_nn", "anna", "geheim €")
    assert said == LIST


def test_a_proxy_for_others_is_not_asked_for_the_way_to_this_machine(
    server: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert access_to_nn_server("localhost", server.port, "", "list_nn") == LIST


def follow(
    server: Contract, capsys: pytest.CaptureFixture[str], *statuses: dict[str, Any] | int
) -> tuple[int, str, str]:
    server.statuses = [*statuses]
    return run(capsys, f"127.0.0.1:{server.port}", "lenet", "train", "--follow")


def at(epoch: int) -> dict[str, Any]:
    return DONE | TRAINING | {"epoch": epoch}


def test_follow_tells_each_epoch_until_the_training_has_ended(
    server: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    queued = DONE | {"state": "queued"}
    course: list[Any] = [DONE, DONE, queued, at(1), at(1), 503, at(3), 429, NEWER]
    code, out, told = follow(server, capsys, *course)
    assert code == 0
    assert out == "Training on mnist has begun.\naccuracy 99.41 %, trained 2018-11-22 09:00:00\n"
    assert told.splitlines() == [
        "waiting for its turn",
        "epoch 1 of 10 [###---------------------------] loss 0.0300, 40 s left",
        "epoch 3 of 10 [#########---------------------] loss 0.0300, 40 s left",
    ]


def test_follow_of_a_network_that_was_never_trained(
    server: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    untrained = {"accuracy": None, "datetime": None}
    courses: list[list[Any]] = [[untrained, untrained, at(1), DONE], [404, untrained, DONE]]
    for course in courses:
        assert follow(server, capsys, *course)[0] == 0
    code, out, _ = run(capsys, f"127.0.0.1:{server.port}", "lenet", "status", "--follow")
    assert (code, out) == (0, "accuracy 99.32 %, trained 2018-11-21 17:39:08\n")


@pytest.mark.parametrize(
    ("course", "told"),
    [
        ([DONE, at(1), DONE], "The training ended, and the network is as it was."),
        ([DONE, at(1), {"state": "failed", "error": "No such file."}], "No such file."),
        ([DONE, at(1), {"state": "failed"}], "The training failed."),
        ([DONE, at(1), 404], "Later."),
        ([DONE, DONE], "The training has not begun within 0 s."),
        ([DONE, at(1), 503], "Later."),
    ],
)
def test_follow_tells_what_went_wrong(
    server: Contract,
    course: list[Any],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.3)
    code, _, said = follow(server, capsys, *course)
    assert (code, said.splitlines()[-1]) == (1, f"[E] {told}")


def test_follow_prints_json_a_line_each(
    server: Contract, capsys: pytest.CaptureFixture[str]
) -> None:
    server.statuses = [at(1), at(2), NEWER]
    words = [f"127.0.0.1:{server.port}", "lenet", "status", "--follow", "--json"]
    code, out, told = run(capsys, *words)
    assert (code, told) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == [at(1), at(2), NEWER]


@pytest.mark.parametrize("odd", [{}, {"epoch": None, "epochs": 0}, {"epoch": "3", "epochs": -1}])
def test_a_bar_takes_any_figures(odd: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    client.Bar()({"state": "training"} | odd)
    assert capsys.readouterr().err == "starting\n"


def test_the_menu_does_what_is_chosen(
    server: Contract, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "\n".join(["9", "x", "1", "3", "classify", f"{FOLDER}/7.png", "4", "2", "", "2", "3"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    code, out, told = run(capsys, f"127.0.0.1:{server.port}")
    assert code == 0
    assert out.count("Take a number from 1 to 2.") == 2
    for wanted in ("1  LeNet url:/lenet", "995,060", "7.png: 7 (99.0%)", "Training on other has"):
        assert wanted in out
    assert told == f"[E] {ERRORS[404]}\n"  # of the CNN, which this server only lists


def test_a_copied_client_needs_requests_alone(server: Contract, tmp_path: Path) -> None:
    copied = Path(shutil.copy(client.__file__, tmp_path / "copied.py"))

    def ask(said: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(copied), f"127.0.0.1:{server.port}", *words]
        return subprocess.run(command, cwd=tmp_path, input=said, capture_output=True, text=True)

    assert ask("", "list_nn").stdout.splitlines() == LIST
    done = ask("", "lenet", "classify")
    assert done.returncode == 2
    assert done.stderr == (
        "[E] There are no sample pictures beside this file. Name one of yours.\n"
    )
    done = ask(f"{FOLDER}/7.png\n", "lenet", "classify")
    assert (done.returncode, done.stdout.endswith(f"{FOLDER}/7.png: 7 (99.0%)\n")) == (0, True)


def test_it_imports_nothing_of_ours() -> None:
    found = set()
    for node in ast.walk(ast.parse(Path(client.__file__).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add((node.module or "").split(".")[0])
    assert found - sys.stdlib_module_names == {"requests"}


def test_the_samples_are_as_the_generator_draws_them(tmp_path: Path) -> None:
    write_samples(tmp_path)
    assert [path.name for path in sorted(FOLDER.iterdir())] == [
        f"{digit}.png" for digit in range(10)
    ]
    for digit in range(10):
        with (
            Image.open(FOLDER / f"{digit}.png") as kept,
            Image.open(tmp_path / f"{digit}.png") as new,
        ):
            assert (kept.mode, kept.size) == ("L", (70, 70))
            assert np.array_equal(np.asarray(kept), np.asarray(new))
            assert np.array_equal(np.asarray(kept), sample_picture(digit))
