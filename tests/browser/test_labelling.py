"""From the answer to the receipt: the right digit, another drawing."""

import uuid

from playwright.sync_api import Page, expect

from tests.browser.hand import (
    agree,
    always,
    caught,
    draw_by_mouse,
    draw_by_touch,
    held,
    posts,
    prediction,
    see_answer,
)
from tests.browser.test_receipt import LEARNED, RECEIPT, receipt


def test_the_guess_by_mouse_brings_the_receipt(page: Page) -> None:
    page.locator("#consent").check()
    predicted, sent = posts(page, "/predict"), posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#words")).to_have_text("I see a 7")
    page.get_by_role("button", name="7", exact=True).click()
    expect(page.locator("#receipt-words")).to_have_text(RECEIPT, timeout=LEARNED)
    expect(page.locator("#announcer")).to_have_text(RECEIPT)
    (body,) = sent
    assert body["digit"] == 7
    assert body["imageBase64"] == predicted[-1]["imageBase64"]
    assert uuid.UUID(body["key"]).version == 4
    assert len(body["strokes"]) == 1


def test_another_digit_by_touch_brings_the_receipt(phone: Page) -> None:
    sent = posts(phone, "/train")
    draw_by_touch(phone, 3)
    see_answer(phone)
    phone.get_by_label("Keep my drawing to teach the models").tap()
    phone.get_by_role("button", name="3", exact=True).tap()
    expect(phone.locator("#receipt-words")).to_have_text(RECEIPT, timeout=LEARNED)
    assert [body["digit"] for body in sent] == [3]
    phone.get_by_role("button", name="Draw another").tap()
    expect(phone.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(phone.locator("#frame")).to_be_in_viewport(ratio=1)


def test_an_unsure_answer_asks_for_the_digit(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    always(page, "/predict", **prediction(None, 0.3))
    draw_by_mouse(page, 5)
    expect(page.locator("#words")).to_have_text("I am not sure what this is.")
    expect(page.locator(".digit[data-guess]")).to_have_count(0)
    page.get_by_role("button", name="5", exact=True).click()
    expect(page.locator("#another")).to_be_visible()
    assert [body["digit"] for body in sent] == [5]


def test_a_stroke_after_the_receipt_begins_a_new_drawing(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    for _ in range(2):
        draw_by_mouse(page, 1)
        see_answer(page)
        expect(page.locator(".change").nth(1)).to_be_empty()
        agree(page)
        expect(page.locator("#another")).to_be_visible()
    first, second = sent
    assert first["key"] != second["key"]
    assert len(first["strokes"]) == len(second["strokes"]) == 1


def test_a_receipt_that_comes_during_the_next_drawing_is_dropped(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    waiting = held(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    older = caught(page, waiting)
    draw_by_mouse(page, 7)
    see_answer(page)
    with page.expect_response("**/train"):
        older.fulfill(json=receipt((0.1, 0.2), (0.1, 0.2)))
    expect(page.locator("#panel-ask")).to_be_visible()
    expect(page.locator("#receipt-words")).to_be_empty()
    expect(page.locator("#waiting")).to_be_hidden()


def test_a_page_without_random_uuid_makes_its_own_keys(page: Page) -> None:
    page.add_init_script("delete Crypto.prototype.randomUUID")
    page.reload()
    page.locator("#consent").check()
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    expect(page.locator("#another")).to_be_visible()
    assert uuid.UUID(sent[0]["key"]).version == 4
