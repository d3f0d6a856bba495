"""A program that calls a live Inkling: one connection, JSON in and out."""

import base64
import http.client
import json
from typing import Any


class Unavailable(RuntimeError):
    """Answered 503: nothing is known to be stored, and the same may be asked again."""


class Client:
    """One connection that is kept open, as a browser keeps it."""

    def __init__(self, port: int, login: str = "", password: str = "") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Content-Type": "application/json"}
        if login:
            pair = base64.b64encode(f"{login}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {pair}"

    def post(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        """The JSON answer to a posted form; Unavailable for 503, RuntimeError for other errors."""
        body = json.dumps(fields)
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            kind = Unavailable if answer.status == 503 else RuntimeError
            raise kind(f"{path} answered {answer.status}: {content[:200]!r}")
        found: dict[str, Any] = json.loads(content)
        return found
