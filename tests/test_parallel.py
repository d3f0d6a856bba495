"""Chunks of work: what comes back is the same, however many processes do it."""

import os
from functools import partial

import numpy as np
import pytest

from inkling.parallel import in_chunks


def tagged(factor: int, chunk: list[int], start: int) -> tuple[int, list[int]]:
    return start, [factor * item for item in chunk]


def process(chunk: list[int], start: int) -> int:
    return os.getpid()


def failing(chunk: list[int], start: int) -> None:
    raise ValueError(f"Item {start} is bad. Leave it out.")


@pytest.mark.parametrize("workers", [1, 2])
def test_chunks_keep_their_order_and_start(workers: int) -> None:
    done: list[int] = []
    work = partial(tagged, 10)
    found = in_chunks(work, [1, 2, 3, 4, 5], 2, workers=workers, done=done.append)
    assert found == [(0, [10, 20]), (2, [30, 40]), (4, [50])]
    assert done == [2, 2, 1]


def test_arrays_are_cut_along_their_first_axis() -> None:
    found = in_chunks(lambda chunk, start: chunk.sum(), np.ones((5, 3)), 2, workers=1)
    assert found == [6, 6, 3]


def test_two_workers_are_other_processes_and_one_is_this() -> None:
    assert in_chunks(process, [1, 2], 1, workers=1) == [os.getpid()] * 2
    assert os.getpid() not in in_chunks(process, [1, 2], 1, workers=2)
    assert in_chunks(process, [1, 2], 2, workers=2) == [os.getpid()]


def test_nothing_gives_nothing() -> None:
    assert in_chunks(failing, [], 2) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_reaches_the_caller(workers: int) -> None:
    with pytest.raises(ValueError, match="Item 0 is bad"):
        in_chunks(failing, [1, 2, 3], 1, workers=workers)
