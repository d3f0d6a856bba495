"""What the tests of pictures look for in an SVG, and how big a PNG is."""

import struct
import xml.etree.ElementTree as ElementTree
from pathlib import Path

NAMESPACE = "{http://www.w3.org/2000/svg}"


def root(path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(path.read_text("utf-8"))  # noqa: S314, we wrote it ourselves


def texts(path: Path) -> list[str]:
    """The words of an SVG, in the order of drawing."""
    return [element.text or "" for element in root(path).iter(f"{NAMESPACE}text")]


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, in pixels."""
    header = path.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", header[16:])
    return width, height
