"""What tests of the endpoints post, and what every refusal looks like."""

from typing import Any

import numpy as np
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions import to_data_url
from inkling.journal.writer import Journal
from testing.pen import draw

SEVEN = to_data_url(draw(7))
BLANK = to_data_url(np.full((280, 280), 255, np.uint8))


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    return client.post(path, json=fields)


def rows(journal: Journal) -> int:
    return sum(journal.counts().values())


def check_refused(answer: TestResponse, status: int) -> None:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/json"
    assert [*answer.get_json()] == ["error"]
    message = answer.get_json()["error"]
    assert message[0].isupper()
    assert message.count(". ") >= 1 or status == 405  # what is wrong, and what to do about it
    assert "Traceback" not in message
