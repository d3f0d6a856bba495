"""The REST side as its contract says, in the standard library alone: what a client is tested on."""

import base64
import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

LIST = ["LeNet url:/lenet", "CNN url:/cnn"]
DONE = {"accuracy": "99.32", "datetime": "2018-11-21 17:39:08"}
ERRORS = {
    400: "The image is no picture.",
    401: "The password is wrong.",
    404: "There is no such page.",
    405: "The CNN learns from labels.",
    406: "The answer is JSON.",
    409: "LeNet trains already.",
    413: "The request is too large.",
    415: "Send JSON.",
    500: "Something went wrong.",
}


class Contract(ThreadingHTTPServer):
    """A server as the issue describes it, with no line of ours in it."""

    daemon_threads = True

    def __init__(self, login: str = "test_nn:lenet") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.login = login
        self.asked: list[tuple[str, str]] = []
        self.images: list[bytes] = []
        self.statuses: list[dict[str, Any] | int] = [DONE]  # the last one is told for ever
        self.instead: Callable[[Handler], None] | None = None
        self.port = str(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    server: Contract

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def answer(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.asked.append((self.command, self.path))
        given = self.headers["Authorization"] or ""
        if self.server.instead:
            self.server.instead(self)
        elif given != "Basic " + base64.b64encode(self.server.login.encode()).decode():
            self.say(401, {"error": ERRORS[401]})
        elif url.path == "/list_nn":
            self.say(200, {"text": LIST})
        else:
            self.say(*self.of_network(url.path, parse_qs(url.query), body))

    def of_network(self, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
        _, net, what = path.split("/", 2)
        if net != "lenet":
            return 404, {"error": ERRORS[404]}
        if what == "about":
            return 200, {"text": "LeNet: 995,060 parameters.\nMNIST: 99.4 %."}
        if what == "train/status":
            said = self.server.statuses
            now = said.pop(0) if len(said) > 1 else said[0]
            return (now, {"error": "Later."}) if isinstance(now, int) else (200, now)
        if what == "train":
            return 200, {"text": f"Training on {query['training_sample'][0]} has begun."}
        self.server.images.append(base64.b64decode(json.loads(body)["image"], validate=True))
        if not self.server.images[-1].startswith(b"\x89PNG"):
            return 400, {"error": ERRORS[400]}
        return 200, {"number": "7", "probabilities": [0.001] * 7 + [0.99] + [0.001] * 2}

    def say(self, status: int, content: Any) -> None:
        self.raw(status, json.dumps(content).encode(), "application/json")

    def raw(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": len(body), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)
