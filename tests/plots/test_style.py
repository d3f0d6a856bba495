"""Pictures: the page's colours and type, both kinds of file, the same bytes every time."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from inkling.errors import InvalidInput
from inkling.plots.style import DARK, LIGHT, Colours, canvas, picture, write
from inkling.settings import ROOT
from tests.plots.svg import NAMESPACE, root, size, texts

CSS = (ROOT / "static" / "css" / "inkling.css").read_text()


def draw(out: Path, *, dark: bool = False, words: str = "A word") -> bytes:
    with picture(out, 200, 100, "A title", dark=dark) as (figure, colours):
        page = canvas(figure)
        page.add_patch(Rectangle((0, 0), 100, 50, facecolor=colours.accent))
        write(page, 120, 50, words, colours.ink)
    return out.read_bytes()


@pytest.mark.parametrize(("colours", "number"), [(LIGHT, 0), (DARK, 1)])
def test_colours_are_the_pages(colours: Colours, number: int) -> None:
    block = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[number]
    page = dict(re.findall(r"--([\w-]+): (#\w+);", block))
    assert dataclasses.asdict(colours).items() <= page.items()


def test_an_svg_has_its_title_its_text_and_the_pages_fonts(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder" / "a.svg"
    content = draw(out).decode()
    svg = root(out)
    title = svg.find(f"{NAMESPACE}title")
    assert title is not None
    assert title.text == "A title"
    assert texts(out) == ["A word"]
    stack = re.search(r"--bs-body-font-family: (.*?);", CSS)
    assert stack is not None
    assert f"font-family: {stack[1]}".replace('"', "'") in content
    assert "DejaVu" not in content
    assert [svg.get(n) for n in ("width", "height", "viewBox")] == ["200", "100", "0 0 200 100"]
    assert [path.name for path in out.parent.iterdir()] == ["a.svg"]


def test_an_svg_has_no_ground(tmp_path: Path) -> None:
    content = draw(tmp_path / "a.svg").decode()
    assert LIGHT.accent in content
    assert LIGHT.ground not in content
    assert "#ffffff" not in content


def test_a_png_has_the_pages_ground_and_two_pixels_for_one(tmp_path: Path) -> None:
    for dark, colours in ((False, LIGHT), (True, DARK)):
        out = tmp_path / "a.png"
        draw(out, dark=dark)
        assert size(out) == (400, 200)
        pixels = Image.open(out).convert("RGB")
        corners = [f"#{bytes(pixels.getpixel(at)).hex()}" for at in ((399, 199), (9, 9))]  # type: ignore[arg-type]
        assert corners == [colours.ground, colours.accent]


@pytest.mark.parametrize("name", ["a.svg", "a.png"])
def test_the_same_drawing_gives_the_same_bytes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = draw(tmp_path / name)
    assert b"20" + b"26-" not in first, "no date"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    monkeypatch.setitem(matplotlib.rcParams, "savefig.facecolor", "red")
    monkeypatch.setitem(matplotlib.rcParams, "font.size", 40)
    assert draw(tmp_path / name) == first
    assert draw(tmp_path / name, words="Another") != first


def test_matplotlibs_settings_are_as_before(tmp_path: Path) -> None:
    before = dict(matplotlib.rcParams)
    draw(tmp_path / "a.svg")
    assert dict(matplotlib.rcParams) == before


def test_words_are_no_formulas(tmp_path: Path) -> None:
    draw(tmp_path / "a.svg", words="$x^2$ <b> & 'c'")
    assert texts(tmp_path / "a.svg") == ["$x^2$ <b> & 'c'"]


@pytest.mark.parametrize("name", ["a.pdf", "a", "svg", "a.SVGZ"])
def test_another_suffix_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInput, match=rf"{name} is no picture's name. End it in \.png or \.svg"
    ):
        draw(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"a\.svg cannot be written \(.*\)\. Name another\."):
        draw(tmp_path / "file" / "a.svg")


def test_pyplot_is_never_imported() -> None:
    words = (
        "import sys; from inkling.plots import charts, diagrams; "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
