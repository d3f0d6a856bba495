"""Pictures in the page's look: its colours and type, and files that come out the same each time.

matplotlib draws them, without pyplot and its global state. The web server needs neither.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inkling.errors import InvalidInput
from inkling.files import write_whole

SUFFIXES = (".png", ".svg")
PHONE = 340  # px, the narrowest page that pictures are drawn for
# A CSS pixel in matplotlib's inches and points: one to a point, so that SVGs count in pixels.
PX, POINT = 1 / 72, 1.0
PNG_SCALE = 2  # pixels of a PNG for a CSS pixel, for sharp screens
# matplotlib measures with the font that it brings along, the same on every machine; the page's own
# stack, put in its place in the SVG, is narrower everywhere.
MEASURED_FONT = "DejaVu Sans"
PAGE_FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', "
    "'Noto Sans', 'Liberation Sans', Arial, sans-serif"
)
SETTINGS: dict[Any, Any] = {
    "font.family": MEASURED_FONT,
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "inkling",  # the same ids on every run
    "text.parse_math": False,  # a '$' in a name is a '$'
    "path.simplify": False,
}


@dataclass(frozen=True)
class Colours:
    """The colours of static/css/inkling.css that plots use, under their names there."""

    ground: str
    paper: str
    ink: str
    soft: str
    line: str
    track: str
    accent: str
    wrong: str
    bar: str


LIGHT = Colours(
    ground="#faf8f4",
    paper="#fffefb",
    ink="#1f1c18",
    soft="#655f56",
    line="#e3ddd1",
    track="#ece7dd",
    accent="#2457c5",
    wrong="#b02a20",
    bar="#857d71",
)
DARK = Colours(
    ground="#191815",
    paper="#22201c",
    ink="#ece7dd",
    soft="#aaa398",
    line="#3a362f",
    track="#35312b",
    accent="#8db0ff",
    wrong="#f59a90",
    bar="#928b7f",
)


@contextmanager
def picture(
    out: Path, width: float, height: float, title: str, *, dark: bool
) -> Iterator[tuple[Figure, Colours]]:
    """Give a figure of so many CSS pixels and its colours; write it to `out` at the end.

    The suffix decides: .svg has a transparent ground and text as text, .png the page's ground and
    two pixels for each CSS pixel. The same drawing gives the same bytes.

    Raises InvalidInput for another suffix, or where the file cannot be written.
    """
    check_suffix(out)
    colours = DARK if dark else LIGHT
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever the user's matplotlibrc says
        matplotlib.rcParams.update(SETTINGS)
        figure = Figure(figsize=(width * PX, height * PX), facecolor=colours.ground)
        yield figure, colours
        content = _svg(figure, title) if out.suffix == ".svg" else _png(figure, title)
    try:
        write_whole(out, content)
    except OSError as error:
        raise InvalidInput(
            f"{out} cannot be written ({error.strerror}).", "Name another."
        ) from error


def check_suffix(out: Path) -> None:
    """Raise InvalidInput for a file that is to be neither PNG nor SVG."""
    if out.suffix not in SUFFIXES:
        raise InvalidInput(f"{out} is no picture's name.", f"End it in {' or '.join(SUFFIXES)}.")


def _svg(figure: Figure, title: str) -> bytes:
    file = io.BytesIO()
    metadata = {"Title": title, "Date": None, "Creator": None}
    figure.savefig(file, format="svg", transparent=True, metadata=metadata)
    content = file.getvalue().replace(f"'{MEASURED_FONT}'".encode(), PAGE_FONTS.encode())
    return re.sub(
        rb' width="([\d.]+)pt" height="([\d.]+)pt"', rb' width="\1" height="\2"', content, count=1
    )


def _png(figure: Figure, title: str) -> bytes:
    file = io.BytesIO()
    metadata = {"Title": title, "Software": None}
    figure.savefig(file, format="png", dpi=PNG_SCALE / PX, metadata=metadata)
    return file.getvalue()


def axes_at(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Return axes without frame or ticks at a place in CSS pixels from the upper left."""
    whole_width, whole_height = (side / PX for side in figure.get_size_inches())
    bottom = whole_height - top - height
    axes = figure.add_axes(
        (left / whole_width, bottom / whole_height, width / whole_width, height / whole_height)
    )
    axes.patch.set_alpha(0)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelbottom=False, labelleft=False)
    return axes


def canvas(figure: Figure) -> Axes:
    """Return axes over the whole figure whose unit is the CSS pixel, y downwards."""
    width, height = (side / PX for side in figure.get_size_inches())
    axes = axes_at(figure, 0, 0, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    return axes


def write(
    axes: Axes, x: float, y: float, words: str, colour: str, size: float = 13, **how: Any
) -> None:
    """Write words on one line, `size` CSS pixels high; at (x, y) is their left end and middle."""
    how = {"ha": "left", "va": "center_baseline", "rotation_mode": "anchor", **how}
    axes.text(x, y, words, color=colour, fontsize=size * POINT, **how)
