"""The Models page in a browser: on phones and desktops, light and dark, without scripts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from inkling.evaluation.metrics import Scores, scores_to_json
from inkling.journal.writer import Journal, open_journal
from inkling.records import Drawing, Lesson
from inkling.settings import ROOT, Settings, load_settings
from testing.live import Server
from tests.browser.conftest import PageMaker
from tests.browser.test_layout import CONTRAST, POLICY, fits_sideways, overflow
from tests.web.test_models_page import MODELS, SVG, made_up

WIDTHS = [360, 768, 1440]
PARTS = "header, .card-paper, .matrix, .state, .legend"


def scores_of(models: tuple[str, ...]) -> Scores:
    found = {model: made_up(10 + 3 * n, of=1200) for n, model in enumerate(models)}
    return {"MNIST test": found, "validation writers": found}


def models_folder(folder: Path) -> Path:
    """The originals with figures and pictures as `inkling` makes them."""
    (folder / "plots").mkdir(parents=True)
    for name in ("fnn.npz", "cnn.npz", "cnn.tflite"):
        (folder / name).symlink_to(ROOT / "models" / name)
    evaluation = {"version": 0, "sets": scores_to_json(scores_of(MODELS))}
    (folder / "evaluation.json").write_text(json.dumps(evaluation))
    for name in ("fnn-diagram", "fnn-history", "cnn-diagram", "cnn-history"):
        for theme in ("", "-dark"):
            (folder / "plots" / f"{name}{theme}.svg").write_text(SVG.format(name + theme))
    return folder


def taught(settings: Settings) -> Journal:
    """A journal whose nets learned twice and were measured after the first time."""
    journal = open_journal(settings)
    for number in (1, 2):
        drawing = journal.add(Drawing(f"id {number}", 7, b"", bytes(784), {}, 0))
        journal.commit([Lesson(drawing, number, {})])
    retrained = ("fnn_retrained", "cnn_retrained", "answer")
    journal.add_evaluation(1, scores_to_json(scores_of(retrained)))
    return journal


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server without a trainer whose Models page has all its parts."""
    folder = tmp_path_factory.mktemp("models-page")
    environ = {
        "MODELS_FOLDER": str(models_folder(folder / "models")),
        "TRAINER": "separate",
        "WEB_CONCURRENCY": "1",
    }
    server = Server(folder, **environ)
    taught(load_settings({"INSTANCE_FOLDER": str(folder / "instance")}))
    yield server.url
    server.stop()


def show_pictures(page: Page) -> list[str]:
    """Scroll to every picture; the names of those that were loaded."""
    names = []
    for picture in page.locator(".net img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("e => e.complete && e.naturalWidth", arg=picture.element_handle())
        names.append(picture.evaluate("e => e.currentSrc").split("/")[-1].split("?")[0])
    return names


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_all_fits_and_the_pictures_have_the_page_s_colours(
    new_page: PageMaker, width: int, scheme: str
) -> None:
    page = new_page("/models", width=width, height=900, color_scheme=scheme)
    assert fits_sideways(page)
    for part in page.locator(PARTS).all():
        assert overflow(part) == [], part.evaluate("e => e.className")
    dark = "-dark" if scheme == "dark" else ""
    kinds = ("fnn-diagram", "fnn-history", "cnn-diagram", "cnn-history")
    assert show_pictures(page) == [f"{name}{dark}.svg" for name in kinds]
    expect(page.locator(".matrix")).to_have_count(10)
    expect(page.locator(".state")).to_contain_text("measured at version 1; they are at version 2")


def test_every_count_fits_its_cell_on_a_phone(new_page: PageMaker) -> None:
    page = new_page("/models", width=360, height=740)
    wide = page.locator(".matrix td").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
    )
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_counts_are_readable_on_every_shade(new_page: PageMaker, scheme: str) -> None:
    page = new_page("/models", color_scheme=scheme)
    page.evaluate(
        """() => ["right", ...[0, 1, 2, 3, 4, 5, 6].map((n) => `heat-${n}`)].forEach((shade) => {
          const cell = document.querySelector(".matrix td[class]").cloneNode();
          cell.className = shade;
          document.querySelector(".matrix tbody tr").append(cell);
          const canvas = document.createElement("canvas")
            .getContext("2d", { willReadFrequently: true });
          const hex = (colour) => {
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const bytes = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
            return "#" + bytes.map((v) => v.toString(16).padStart(2, "0")).join("");
          };
          const style = getComputedStyle(cell);
          document.documentElement.style.setProperty(`--${shade}-back`, hex(style.backgroundColor));
          document.documentElement.style.setProperty(`--${shade}-text`, hex(style.color));
        })"""
    )
    for shade in ("right", *(f"heat-{n}" for n in range(7))):
        contrast = page.evaluate(CONTRAST, [f"--{shade}-text", f"--{shade}-back"])
        assert contrast >= 4.5, (shade, contrast)


def test_the_header_leads_to_the_page_and_marks_it(new_page: PageMaker) -> None:
    page = new_page("/", width=360, height=740)
    link = page.get_by_role("navigation").get_by_role("link", name="Models")
    expect(link).not_to_have_attribute("aria-current", "page")
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The models")
    expect(link).to_have_attribute("aria-current", "page")


@pytest.mark.parametrize("path", ["/", "/models"])
def test_the_header_is_one_line_on_a_phone(new_page: PageMaker, path: str) -> None:
    page = new_page(path, width=360, height=740)
    tops = page.locator(".wordmark, .site-header li").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map((b) => b.top + b.height / 2)"
    )
    assert max(tops) - min(tops) < 4


def test_the_page_loads_under_a_strict_policy_without_a_word(
    new_page: PageMaker, server_url: str
) -> None:
    page = new_page("/")
    refused: list[str] = []

    def note(answer: Response) -> None:
        if answer.status >= 400:
            refused.append(answer.url)

    page.on("response", note)
    page.route(
        server_url + "/models",
        lambda route: route.fulfill(
            response=(answer := route.fetch()),
            headers={**answer.headers, "content-security-policy": POLICY},
        ),
    )
    page.goto(server_url + "/models", wait_until="networkidle")
    assert len(show_pictures(page)) == 4
    assert refused == []


def test_without_scripts_the_page_says_all_the_same(browser: Browser, server_url: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server_url + "/models")
        expect(page.locator(".score-card")).to_have_count(2)
        expect(page.get_by_text("needs JavaScript")).to_have_count(0)
