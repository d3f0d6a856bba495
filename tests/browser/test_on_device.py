"""The page answers on the device: live and without a request; the server's answer counts."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from functions import process_image
from testing.pen import STROKES
from tests.browser.conftest import PageMaker
from tests.browser.hand import (
    always,
    draw_by_mouse,
    held,
    on_screen,
    picture,
    posts,
    prediction,
    see_answer,
    unreachable,
)

READY = "() => performance.getEntriesByType('resource').some(e => /weights.original/.test(e.name))"


@pytest.fixture
def device(new_page: PageMaker) -> Page:
    """A drawing page that has the weights."""
    return with_weights(new_page(device=True))


def with_weights(page: Page) -> Page:
    page.wait_for_function(READY)
    page.wait_for_load_state("networkidle")
    return page


def draw_and_hold(page: Page, digit: int) -> None:
    """Draw a digit of one stroke, and keep the pen on the paper."""
    (points,) = on_screen(page, STROKES[digit][:1])
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y, steps=3)


def test_the_answer_follows_the_pen_without_any_request(device: Page) -> None:
    asked: list[str] = []
    device.on("request", lambda request: asked.append(request.url))
    draw_and_hold(device, 3)
    expect(device.locator("#words")).to_have_text("I see a 3")
    expect(device.locator("#numeral")).to_have_text("3")
    expect(device.locator("#version")).to_contain_text("On this device")
    expect(device.locator('[data-model="cnn"] .bar-digit').first).to_have_text("3")
    expect(device.locator("#not-a-digit")).to_be_disabled()  # the label waits for the pen
    assert asked == []
    device.mouse.up()
    see_answer(device)
    assert len([url for url in asked if url.endswith("/predict")]) == 1


def test_the_server_is_asked_when_the_pen_rests_and_says_the_same(device: Page) -> None:
    sent = posts(device, "/predict")
    for digit in (1, 2, 7):
        draw_by_mouse(device, digit)
        see_answer(device)
        expect(device.locator("#words")).to_have_text(f"I see a {digit}")
        expect(device.locator("#version")).not_to_contain_text("differ")
        device.locator("#clear").click()
    assert len(sent) == 3


def test_where_they_differ_it_is_told_and_the_server_s_answer_counts(device: Page) -> None:
    version = int(device.evaluate("fetch('/weights').then(r => r.json()).then(w => w.version)"))
    always(device, "/predict", **prediction(4, version=version))
    draw_by_mouse(device, 7)
    see_answer(device)
    expect(device.locator("#words")).to_have_text("I see a 4")
    expect(device.locator("#version")).to_contain_text("This device and the server differ")


def test_without_a_server_the_device_answers(device: Page) -> None:
    unreachable(device, "/predict")
    draw_by_mouse(device, 7)
    see_answer(device)
    expect(device.locator("#words")).to_have_text("I see a 7")
    expect(device.locator("#version")).to_contain_text("On this device")


def test_an_answer_to_an_older_drawing_never_comes(device: Page) -> None:
    waiting = held(device, "/predict")
    draw_by_mouse(device, 7)
    device.wait_for_timeout(300)
    device.locator("#clear").click()
    for route in waiting:
        route.continue_()
    device.wait_for_timeout(300)
    expect(device.locator("#numeral")).to_be_empty()
    expect(device.locator("#words")).to_have_text("Draw a digit, and I will say what I see.")


def test_the_picture_that_is_sent_is_the_digit_that_the_device_sees(device: Page) -> None:
    sent = posts(device, "/predict")
    draw_by_mouse(device, 5)
    see_answer(device)
    expected = process_image(np.asarray(picture(sent[-1]["imageBase64"])[:, :, 0]))
    assert expected is not None
    seen = device.locator("#saw").get_attribute("src")
    assert seen
    assert np.abs(picture(seen)[:, :, 0] / 255 - expected).max() <= 1 / 255


def test_who_saves_data_fetches_no_weights(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    draw_by_mouse(page, 7)
    see_answer(page)
    page.wait_for_timeout(300)
    assert not [url for url in asked if "weights" in url]
