"""The errors that are told to people: what they say, and that their tree is drawn as it is."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import inkling
from inkling.errors import InklingError

DRAWN = re.compile(r"^((?:│   |    )*)(?:[├└]── )?(\w+)", re.MULTILINE)


def kinds(base: type[Exception], depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Depth, name and parent's name of an error and all kinds of it, in no order."""
    for kind in base.__subclasses__():
        if not kind.__name__.startswith("_"):
            yield depth + 1, kind.__name__, base.__name__
            yield from kinds(kind, depth + 1)


def drawn() -> Iterator[tuple[int, str, str]]:
    """The same of the tree in the docstring."""
    text = inspect.cleandoc(InklingError.__doc__ or "")
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    above = ["InklingError"]
    for line in lines[1:]:
        found = DRAWN.match(line)
        assert found is not None, line
        depth = len(found[1]) // 4 + 1
        yield depth, found[2], above[depth - 1]
        above[depth:] = [found[2]]


def test_the_tree_in_the_docstring_is_that_of_the_code() -> None:
    for module in pkgutil.walk_packages(inkling.__path__, "inkling."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert sorted(drawn()) == sorted({*kinds(InklingError)})


def test_each_room_is_drawn_where_its_error_is() -> None:
    for line in (InklingError.__doc__ or "").splitlines():
        if found := re.search(r"[├└]── (\w+) +([a-z_.]+\.?[a-z_]*),?", line):
            if found[2] in ("what", "errors"):
                continue  # the two of this module
            assert hasattr(importlib.import_module(f"inkling.{found[2]}"), found[1]), line


def test_an_error_tells_what_is_wrong_and_what_to_do() -> None:
    error = InklingError("The file is empty.", "Name another.")
    assert (error.message, error.remedy) == ("The file is empty.", "Name another.")
    assert str(error) == "The file is empty. Name another."
    assert str(InklingError("The file is empty.")) == "The file is empty."
