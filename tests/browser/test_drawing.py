"""The canvas: what is drawn by mouse and touch is what is posted, shown and answered."""

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from testing.pen import STROKES
from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    agree,
    always,
    caught,
    draw_by_mouse,
    draw_by_touch,
    draw_strokes_by_mouse,
    held,
    on_screen,
    picture,
    posts,
    prediction,
    see_answer,
    touch,
)

FILLED = """() => {
  const button = document.querySelector('.digit[data-digit="7"]');
  return button.style.getPropertyValue("--part") > 0.5;
}"""
INK_PIXELS = """canvas => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height)
    .getContext("2d", {willReadFrequently: true});
  copy.drawImage(canvas, 0, 0);
  const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
  let ink = 0;
  for (let i = 3; i < data.length; i += 4) ink += data[i] > 127;
  return ink / (canvas.width * canvas.height);
}"""


def ink_on_screen(page: Page) -> float:
    """The inked part of the canvas, 0 to 1, once it has been painted."""
    page.evaluate("() => new Promise(requestAnimationFrame)")
    return float(page.locator("#canvas").evaluate(INK_PIXELS))


@pytest.mark.parametrize("digit", [0, 1, 3, 7])
def test_a_digit_drawn_by_mouse_is_seen(page: Page, digit: int) -> None:
    draw_by_mouse(page, digit)
    expect(page.locator("#words")).to_have_text(f"I see a {digit}")
    expect(page.locator("#numeral")).to_have_text(str(digit))
    expect(page.locator("#announcer")).to_have_text(f"I see a {digit}")


def test_what_looks_like_no_digit_gets_no_answer(page: Page) -> None:
    """A smiley: a face, two eyes and a mouth."""
    face = [(140 + 90 * math.cos(n / 4), 140 + 90 * math.sin(n / 4)) for n in range(26)]
    mouth = [(140 + 45 * math.cos(n / 3), 150 + 40 * math.sin(n / 3)) for n in range(1, 9)]
    eyes = [[(x, 110), (x, 116)] for x in (110, 170)]
    draw_strokes_by_mouse(page, [np.array(way, np.float32).T for way in (face, mouth, *eyes)])
    expect(page.locator("#words")).to_have_text("This does not look like a digit to me.")
    expect(page.locator("#numeral")).to_have_text("?")
    expect(page.locator(".digit[data-guess]")).to_have_count(0)
    expect(page.locator('[data-model="cnn"] .bar-percent')).to_have_count(3)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [(0.6, 0.3, "Probably an 8, or a 3?"), (0.6, 0.1, "I see an 8"), (0.8, 0.19, "I see an 8")],
)
def test_doubt_is_told(page: Page, first: float, second: float, words: str) -> None:
    said = prediction(8)
    said["digits"] = [second if n == 3 else first if n == 8 else 0.01 for n in range(10)]
    always(page, "/predict", **said)
    draw_by_mouse(page, 8)
    see_answer(page)
    expect(page.locator("#words")).to_have_text(words)


@pytest.mark.parametrize("digit", [2, 7])
def test_a_digit_drawn_by_touch_is_seen(phone: Page, digit: int) -> None:
    draw_by_touch(phone, digit)
    expect(phone.locator("#words")).to_have_text(f"I see a {digit}")


def test_four_models_answer_with_three_bars_each(page: Page) -> None:
    draw_by_mouse(page, 7)
    see_answer(page)
    for model in ("fnn", "fnn_retrained", "cnn", "cnn_retrained"):
        percents = page.locator(f'[data-model="{model}"] .bar-percent')
        expect(percents).to_have_text([re.compile(r"^\d+\s%$")] * 3)
    seen = page.locator("#saw")
    assert seen.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
    assert seen.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_picture_is_dark_on_white_on_every_screen(
    new_page: PageMaker, scheme: str, width: int
) -> None:
    page = new_page(width=width, color_scheme=scheme)
    sent = posts(page, "/predict")
    draw_by_mouse(page, 1)
    see_answer(page)
    pixels = picture(sent[-1]["imageBase64"])
    assert pixels.shape == (280, 280, 3)
    assert (pixels[0, 0] == 255).all()
    assert (pixels[150] == 0).any()
    widths = (pixels[150, :, 0] < 128).sum()
    assert 18 <= widths <= 23  # the pen, whatever the size of the canvas on the screen


def test_the_strokes_are_in_canvas_units_and_timed(phone: Page) -> None:
    phone.locator("#consent").check()
    sent = posts(phone, "/train")
    draw_by_touch(phone, 4)
    see_answer(phone)
    agree(phone)
    expect(phone.locator("#another")).to_be_visible()
    strokes = sent[0]["strokes"]
    assert len(strokes) == 2
    for xs, ys, ts in strokes:
        assert len(xs) == len(ys) == len(ts)
        assert all(0 <= value <= 280 for value in [*xs, *ys])
        assert ts == sorted(ts)
    first_x, first_y = strokes[0][0][0], strokes[0][1][0]
    assert abs(first_x - 280 * (0.2 + 0.006 * 44)) < 1.5
    assert abs(first_y - 280 * 0.2) < 1.5
    assert strokes[0][2][0] == 0


def test_a_tap_leaves_a_dot(page: Page) -> None:
    sent = posts(page, "/predict")
    page.locator("#canvas").click()
    see_answer(page)
    ink = (picture(sent[-1]["imageBase64"])[:, :, 0] < 128).sum()
    assert 280 <= ink <= 350  # a disc 20 across has 314


def test_the_right_button_and_a_second_finger_do_not_draw(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    phone.locator("#canvas").click(button="right")
    expect(phone.locator("#frame")).to_have_attribute("data-empty", "true")
    sent = posts(phone, "/predict")
    touch(session, "touchStart", (100, 150))
    touch(session, "touchStart", (100, 150), (250, 250))
    touch(session, "touchMove", (100, 250), (250, 150))
    touch(session, "touchEnd")
    see_answer(phone)
    columns = (picture(sent[-1]["imageBase64"])[:, :, 0] < 128).any(axis=0)
    assert columns.sum() < 30  # one upright line


def test_undo_takes_one_stroke_back_and_clear_all(page: Page) -> None:
    sent, pictures = posts(page, "/predict"), []
    for (x, y), *rest in on_screen(page, STROKES[4]):
        page.mouse.move(x, y)
        page.mouse.down()
        for point in rest:
            page.mouse.move(*point)
        page.mouse.up()
        see_answer(page)
        pictures.append(picture(sent[-1]["imageBase64"]))
    one, two = pictures
    page.locator("#undo").click()
    see_answer(page)
    assert (picture(sent[-1]["imageBase64"]) == one).all()
    assert (one != two).any()
    page.keyboard.press("Control+z")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    assert ink_on_screen(page) == 0
    draw_by_mouse(page, 4)
    see_answer(page)
    page.locator("#clear").click()
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(page.locator("#not-a-digit")).to_be_disabled()
    expect(page.locator("#numeral")).to_be_empty()
    expect(page.locator("#clear")).to_be_disabled()
    assert ink_on_screen(page) == 0


@pytest.mark.parametrize("ratio", [1, 1.5, 3])
def test_the_canvas_is_sharp_and_survives_a_turn_of_the_device(
    new_page: PageMaker, ratio: float
) -> None:
    page = new_page(width=400, height=800, device_scale_factor=ratio)
    canvas = page.locator("#canvas")
    draw_by_mouse(page, 7)
    ink = ink_on_screen(page)
    assert ink > 0.03
    sizes = "canvas => [canvas.width, canvas.clientWidth * devicePixelRatio]"
    drawn, shown = canvas.evaluate(sizes)
    assert abs(drawn - shown) <= 1
    page.set_viewport_size({"width": 800, "height": 400})
    page.wait_for_function(
        "before => document.getElementById('canvas').width !== before", arg=drawn
    )
    drawn, shown = canvas.evaluate(sizes)
    assert abs(drawn - shown) <= 1
    assert abs(ink_on_screen(page) - ink) < 0.005


def test_a_late_answer_to_an_older_drawing_is_dropped(page: Page) -> None:
    waiting = held(page, "/predict")
    draw_by_mouse(page, 1)
    older = caught(page, waiting)
    always(page, "/predict", **prediction(4))
    draw_by_mouse(page, 4)
    expect(page.locator("#words")).to_have_text("I see a 4")
    older.fulfill(json=prediction(1))
    page.evaluate("() => new Promise(done => setTimeout(done, 100))")
    expect(page.locator("#words")).to_have_text("I see a 4")


def test_a_new_stroke_makes_the_old_answer_wait(page: Page) -> None:
    draw_by_mouse(page, 1)
    see_answer(page)
    waiting = held(page, "/predict")
    draw_by_mouse(page, 4)
    page.wait_for_timeout(500)  # longer than the pen rests
    expect(page.locator("#not-a-digit")).to_be_disabled()
    expect(page.locator('.digit[data-digit="1"]')).to_be_disabled()
    waiting[-1].fulfill(json=prediction(4))
    see_answer(page)


def draw_slowly(page: Page, digit: int, pause: int) -> None:
    """Draw a digit's first stroke, with pauses in milliseconds, and leave the pen on the paper."""
    first, *rest = next(on_screen(page, STROKES[digit]))
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=4)
        page.wait_for_timeout(pause)


def test_bars_follow_the_pen_and_the_label_waits_until_it_rests(page: Page) -> None:
    sent = posts(page, "/predict")
    draw_slowly(page, 7, pause=60)
    bar = page.locator('.digit[data-digit="7"]')
    page.wait_for_function(FILLED)
    expect(page.locator("#not-a-digit")).to_be_disabled()
    expect(page.locator(".digit[data-guess]")).to_have_count(0)
    assert 1 < len(sent) <= 20
    page.mouse.up()
    see_answer(page)
    expect(bar).to_have_attribute("data-guess", "")


def test_one_live_request_is_under_way_at_a_time(page: Page) -> None:
    waiting = held(page, "/predict")
    draw_slowly(page, 7, pause=100)
    assert len(waiting) == 1
    waiting[0].fulfill(json=prediction(7))
    page.wait_for_timeout(300)
    assert len(waiting) == 2  # the newest picture, where the drawing went on meanwhile
    page.mouse.up()


def test_touching_the_canvas_does_not_scroll(phone: Page) -> None:
    assert phone.locator("#canvas").evaluate("c => getComputedStyle(c).touchAction") == "none"
    draw_by_touch(phone, 1)
    assert phone.evaluate("scrollY") == 0
