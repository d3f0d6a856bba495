"""One function over the chunks of a long sequence, in several processes at once."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

Result = TypeVar("Result")
Work = Callable[[Any, int], Result]  # takes a chunk, and the index of its first item
Done = Callable[[int], None]  # is told how many more items are done

_work: Any = None  # what this process was started for


class Sliceable(Protocol):
    """A list or an array."""

    def __len__(self) -> int: ...
    def __getitem__(self, items: slice, /) -> Any: ...


def ignore(count: int) -> None:
    """Do nothing with the count of items that are done."""


def process_pool(workers: int | None = None, work: Work[Any] | None = None) -> Executor:
    """Return a pool of processes, by default one for each processor.

    Each is given `work` at its start, for `in_chunks`. They are not forked: TensorFlow's threads,
    where they run, would leave locks behind for ever.
    """
    return ProcessPoolExecutor(
        workers or len(os.sched_getaffinity(0)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_take_up,
        initargs=(work,),
    )


def in_chunks(
    work: Work[Result],
    items: Sliceable,
    size: int,
    *,
    workers: int | None = None,
    done: Done = ignore,
) -> list[Result]:
    """Return what `work(chunk, start)` gives for each chunk of at most `size` items, in order.

    `work` must be a module's function or a `functools.partial` of one; whatever the partial holds
    is sent to each process once. `workers`: how many processes, by default one for each processor;
    a single chunk is done in this one. What `work` raises is raised here.
    """
    starts = range(0, len(items), size)
    chunks = (items[start : start + size] for start in starts)
    results = []
    with _mapped(work, min(workers or len(os.sched_getaffinity(0)), len(starts))) as mapped:
        for start, result in zip(starts, mapped(chunks, starts), strict=True):
            results.append(result)
            done(min(size, len(items) - start))
    return results


@contextmanager
def _mapped(
    work: Work[Result], workers: int
) -> Iterator[Callable[[Iterable[Any], Iterable[int]], Iterable[Result]]]:
    """Give a `map` of the work, here or in as many processes."""
    if workers <= 1:
        yield lambda chunks, starts: map(work, chunks, starts)
        return
    with process_pool(workers, work) as pool:
        yield lambda chunks, starts: pool.map(_do, chunks, starts)


def _take_up(work: Work[Any] | None) -> None:
    global _work
    _work = work


def _do(chunk: Any, start: int) -> Any:
    return _work(chunk, start)
