"""The Progress page in a browser: chart and tables, light and dark, fresh while it is looked at."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from inkling.journal.writer import Journal, open_journal
from inkling.nets.registry import MODELS
from inkling.records import COLLECTED, Drawing
from inkling.settings import load_settings
from testing.live import Server
from testing.pen import draw
from tests.browser.conftest import PageMaker
from tests.browser.test_layout import enlarge_text, fits_sideways, overflow

WIDTHS = [360, 768, 1024, 1440]
PARTS = "header, .tiles, .card-paper, .shots"
INK = """() => {
  const canvas = document.querySelector("#chart canvas");
  const { width, height } = canvas;
  const bytes = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const colours = new Set();
  for (let i = 0; i < bytes.length; i += 4) {
    if (bytes[i + 3] === 255) colours.add(bytes.slice(i, i + 3).join());
  }
  return [...colours];
}"""


def give(journal: Journal, label: int, said: int) -> None:
    """A label of which all said the same digit, the retrained nets surer than the originals."""
    told = {"said": dict.fromkeys(MODELS, said), "answer": said, "state": COLLECTED}
    told["predictions"] = {
        key: probabilities(said, 0.95 if model.retrained else 0.8) for key, model in MODELS.items()
    }
    journal.add(replace(Drawing.of(label, draw(label)), **told))  # type: ignore[arg-type]


def probabilities(digit: int, given: float) -> list[float]:
    """Ten probabilities, of which the digit's is this one."""
    return [given if n == digit else (1 - given) / 9 for n in range(10)]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Journal]]:
    folder = tmp_path_factory.mktemp("progress-page")
    server = Server(folder, TRAINER="separate", WEB_CONCURRENCY="1")
    yield server, open_journal(load_settings({"INSTANCE_FOLDER": str(folder / "instance")}))
    server.stop()


@pytest.fixture(scope="module")
def server_url(live: tuple[Server, Journal]) -> str:
    """A server without a trainer: labels are as the tests give them."""
    return live[0].url


@pytest.fixture(scope="module")
def journal(live: tuple[Server, Journal]) -> Journal:
    """The journal of that server, with a hundred labels of which each tenth was said wrongly."""
    for number in range(100):
        label = number % 10
        give(live[1], label, (label + 1) % 10 if number % 11 == 0 else label)
    return live[1]


def open_chart(new_page: PageMaker, width: int = 1280, **options: object) -> Page:
    page = new_page("/progress", width=width, height=900, **options)
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator("#chart-at")).to_have_text("Now, after 100 labels")
    return page


def test_without_labels_the_page_invites_to_draw(new_page: PageMaker) -> None:
    page = new_page("/progress", width=360, height=740)
    expect(page.locator("#progress")).to_have_attribute("data-state", "empty")
    assert fits_sideways(page)
    page.get_by_role("link", name="Draw a digit").click()
    expect(page.locator("#canvas")).to_be_visible()


def test_large_text_does_not_scroll_sideways(new_page: PageMaker, journal: Journal) -> None:
    page = open_chart(new_page, width=360)
    enlarge_text(page, 125)
    assert fits_sideways(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_all_fits_in_light_and_dark(
    new_page: PageMaker, journal: Journal, width: int, scheme: str
) -> None:
    page = open_chart(new_page, width, color_scheme=scheme)
    assert fits_sideways(page)
    page.locator("summary").click()
    for part in page.locator(PARTS).all():
        inside = part.locator(".scroll")
        if not inside.count():
            assert overflow(part) == [], part.evaluate("e => e.className")
    assert fits_sideways(page)
    accent = "36,87,197" if scheme == "light" else "141,176,255"
    assert accent in page.evaluate(INK)


def test_the_chart_takes_the_other_colours_when_the_scheme_changes(
    new_page: PageMaker, journal: Journal
) -> None:
    page = open_chart(new_page, color_scheme="light")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => ({INK})().includes('141,176,255')")


def test_the_lines_are_chosen_by_keyboard_and_pointer(
    new_page: PageMaker, journal: Journal
) -> None:
    page = open_chart(new_page)
    names = ("Right of the last 100", "Mistakes saved")
    last, saved = (page.get_by_role("button", name=name) for name in names)
    expect(saved).to_have_attribute("aria-pressed", "true")
    expect(page.locator('.key [data-model="fnn_retrained"] b')).to_have_text("0")
    expect(page.locator('.key [data-model="fnn"]')).to_be_hidden()
    last.focus()
    page.keyboard.press("Enter")
    expect(last).to_have_attribute("aria-pressed", "true")
    expect(saved).to_have_attribute("aria-pressed", "false")
    expect(page.locator('.key [data-model="fnn"]')).to_be_visible()
    page.locator("#chart").hover(position={"x": 60, "y": 100})
    expect(page.locator("#chart-at")).to_contain_text("After ")
    page.mouse.move(0, 0)
    expect(page.locator("#chart-at")).to_have_text("Now, after 100 labels")


def test_the_mean_probability_is_a_line_of_each_model(
    new_page: PageMaker, journal: Journal
) -> None:
    page = open_chart(new_page)
    page.get_by_role("button", name="Mean probability").click()
    key = {model: page.locator(f'.key [data-model="{model}"]') for model in ("answer", *MODELS)}
    expect(key["answer"]).to_be_hidden()
    # Of a hundred labels ten were said wrongly: 0.9 of 0.8 and 0.95, 0.1 of what is left of them.
    expect(key["cnn"].locator("b")).to_have_text(re.compile(r"^72\.\d\xa0%$"))
    expect(key["cnn_retrained"].locator("b")).to_have_text(re.compile(r"^85\.\d\xa0%$"))
    assert "36,87,197" in page.evaluate(INK)


def test_labels_without_probabilities_have_no_line(new_page: PageMaker, journal: Journal) -> None:
    page = open_chart(new_page)
    said = page.evaluate("""async () => {
      const { CURVES } = await import("/static/js/curves.js");
      const curve = CURVES.probability, labels = [1, 40];
      const fnns = { fnn: [null, 0.5], fnn_retrained: [null, 1] };
      const cnns = { cnn: [null, 0.7], cnn_retrained: [null, 0.9996] };
      const probability = { ...fnns, ...cnns };
      const lines = curve.of({ labels, overall: {}, recent: {}, probability });
      return [lines, curve.range(labels, lines), lines.map((line) => curve.told(line[1]))];
    }""")
    nothing = [None, None]
    assert said[0] == [nothing, [None, 0.5], [None, 1], [None, 0.7], [None, 0.9996]]
    assert said[1] == pytest.approx([0.45, 1.01])
    assert [told.replace("\xa0", " ") for told in said[2]] == [
        "",
        "50.0 %",
        "100 %",
        "70.0 %",
        "99.9 %",
    ]


def test_a_finger_on_the_chart_tells_the_figures_there(
    new_page: PageMaker, journal: Journal
) -> None:
    page = open_chart(new_page, 360, has_touch=True, is_mobile=True)
    chart = page.locator("#chart")
    chart.scroll_into_view_if_needed()
    chart.tap(position={"x": 120, "y": 100})
    expect(page.locator("#chart-at")).to_contain_text("After ")


def test_lines_that_coincide_lie_beside_each_other(new_page: PageMaker, journal: Journal) -> None:
    page = open_chart(new_page)  # whose models all say the same
    page.get_by_role("button", name="Right so far").click()
    colours = page.evaluate(INK)
    for name in ("--ink", "--bar", "--accent"):
        hexadecimal = page.evaluate(f"getComputedStyle(document.body).getPropertyValue('{name}')")
        red, green, blue = bytes.fromhex(hexadecimal.strip()[1:])
        assert f"{red},{green},{blue}" in colours, name


def test_mistakes_saved_are_what_a_retrained_net_has_right_beyond_its_original(
    new_page: PageMaker, journal: Journal
) -> None:
    page = open_chart(new_page)
    said = page.evaluate("""async () => {
      const { CURVES } = await import("/static/js/curves.js");
      const fnns = { fnn: [0.8, 0.8], fnn_retrained: [0.9, 0.85] };
      const cnns = { cnn: [1, 1], cnn_retrained: [0.9, 1] };
      const overall = { answer: [1, 1], ...fnns, ...cnns };
      const lines = CURVES.saved.of({ labels: [10, 20], overall, recent: {} });
      return [lines, lines.map((line) => CURVES.saved.told(line[0]))];
    }""")
    nothing = [None, None]
    assert said == [[nothing, nothing, [1, 1], nothing, [-1, 0]], ["", "", "+1", "", "−1"]]


def test_without_scripts_all_figures_are_there(
    browser: Browser, server_url: str, journal: Journal
) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(server_url + "/progress")
        expect(page.locator(".tiles")).to_contain_text("90.0")
        expect(page.locator("#chart")).to_be_hidden()
        page.locator("summary").click()
        expect(page.locator("[data-part=curve] tbody tr")).to_have_count(25)
        expect(page.locator('.verdict[data-net="cnn"]')).to_contain_text("gave the right digit 85.")
        expect(page.locator(".shots li")).to_have_count(20)
        expect(page.get_by_text("needs JavaScript")).to_have_count(0)


def test_new_labels_come_by_themselves_and_nothing_that_is_used_goes_away(
    new_page: PageMaker, journal: Journal
) -> None:
    page = new_page("/")
    page.clock.install()
    page.goto(page.url + "progress")
    expect(page.locator("#chart-at")).to_contain_text("Now, after 100 labels")
    page.locator("summary").click()
    page.get_by_role("button", name="Mean probability").click()
    page.locator(".scroll").focus()
    kept = page.locator("#chart canvas").element_handle()
    before = page.locator('.key [data-model="cnn"] b').inner_text()
    verdict = page.locator('.verdict[data-net="cnn"]')
    expect(verdict).to_contain_text(f"the original {before}.")
    give(journal, 3, 3)
    page.wait_for_timeout(1100)  # the server reads once a second
    page.clock.run_for(10_500)
    expect(page.locator("#chart-at")).to_have_text("Now, after 101 labels")
    expect(page.locator(".tiles")).to_contain_text("101")
    expect(page.locator("[data-part=curve]")).to_contain_text("101")
    after = page.locator('.key [data-model="cnn"] b').inner_text()
    assert after > before
    expect(verdict).to_contain_text(f"the original {after}.")
    expect(page.locator(".scroll")).to_be_focused()
    assert page.evaluate("e => e.isConnected", kept)


def test_nothing_is_asked_while_the_page_is_hidden(new_page: PageMaker, journal: Journal) -> None:
    page = new_page("/")
    page.clock.install()
    page.goto(page.url + "progress")
    expect(page.locator("#chart canvas")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    page.clock.run_for(60_000)
    assert asked == []
    with page.expect_request("**/progress/data"):
        page.evaluate(hide, False)


def test_a_server_that_goes_away_leaves_the_figures(new_page: PageMaker, journal: Journal) -> None:
    page = new_page("/")
    page.clock.install()
    page.goto(page.url + "progress")
    expect(page.locator("#chart canvas")).to_be_visible()
    page.route("**/progress/data", lambda route: route.abort())
    with page.expect_request("**/progress/data"):
        page.clock.run_for(10_500)
    expect(page.locator(".tiles")).to_contain_text("labels")
    page.unroute("**/progress/data")
    with page.expect_response("**/progress/data"):
        page.clock.run_for(10_500)


def test_the_header_leads_to_the_page_in_one_line_on_a_phone(new_page: PageMaker) -> None:
    page = new_page("/progress", width=360, height=740)
    tops = page.locator(".wordmark, .site-header li").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map((b) => b.top + b.height / 2)"
    )
    assert max(tops) - min(tops) < 4
    link = page.get_by_role("navigation").get_by_role("link", name="Progress")
    expect(link).to_have_attribute("aria-current", "page")
