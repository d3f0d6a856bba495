"""A limit on concurrency: one at a time, a few wait, others are told when to come again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from flask.testing import FlaskClient

from functions import to_data_url
from inkling.web.app import Inkling
from inkling.web.concurrency import ConcurrencyLimit, Overloaded
from tests.web.posting import SEVEN, check_refused, post

LARGE = to_data_url(np.full((600, 600), 255, np.uint8))


@contextmanager
def taken(turns: ConcurrencyLimit) -> Iterator[None]:
    """The turn is another thread's, as long as the block."""
    has, may_go = threading.Event(), threading.Event()

    def take() -> None:
        with turns.one():
            has.set()
            may_go.wait()

    thread = threading.Thread(target=take)
    thread.start()
    has.wait()
    yield
    may_go.set()
    thread.join()


def test_who_waits_gets_the_turn_when_it_is_free() -> None:
    turns = ConcurrencyLimit(60, waiting=1)
    order = []

    def wait() -> None:
        with turns.one():
            order.append("second")

    with taken(turns):
        second = threading.Thread(target=wait)
        second.start()
        order.append("first")
    second.join()
    assert order == ["first", "second"]


def test_a_turn_that_does_not_come_in_time_is_refused() -> None:
    turns = ConcurrencyLimit(0.01, waiting=5)
    with taken(turns), pytest.raises(Overloaded, match="Wait a moment") as raised, turns.one():
        pass
    assert raised.value.retry_after == 1
    with turns.one():  # it is free again
        pass


def test_more_than_may_wait_are_refused_at_once() -> None:
    turns = ConcurrencyLimit(3600, waiting=0)
    with taken(turns), pytest.raises(Overloaded), turns.one():
        pass


def test_a_turn_that_ends_in_an_error_is_free_again() -> None:
    turns = ConcurrencyLimit(3600, waiting=0)
    for _ in range(3):
        with pytest.raises(KeyError), turns.one():
            raise KeyError


@pytest.mark.parametrize("path", ["/predict", "/train"])
def test_large_pictures_wait_for_each_other_and_small_ones_for_none(
    app: Inkling, client: FlaskClient, path: str
) -> None:
    app.large_pictures = ConcurrencyLimit(0.01, waiting=1)
    with taken(app.large_pictures):
        refused = post(client, path, imageBase64=LARGE, digit=7)
        check_refused(refused, 503)
        assert refused.headers["Retry-After"] == "1"
        assert post(client, path, imageBase64=SEVEN, digit=7).status_code == 200
    check_refused(post(client, path, imageBase64=LARGE, digit=7), 422)
