"""From the answer to the receipt: consent, Yes, No and the digit, not a digit, another drawing."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hand import (
    always,
    caught,
    draw_by_mouse,
    draw_by_touch,
    held,
    posts,
    prediction,
    see_answer,
)

RECEIPT = re.compile(r"^(Learned\. The CNN .+\s%\.|Saved)")


def receipt(cnn: tuple[float, float], fnn: tuple[float, float]) -> dict[str, Any]:
    """An answer of POST /train: before and after, by net."""
    moves = {"cnn_retrained": cnn, "fnn_retrained": fnn}
    return {
        "drawing": "x",
        "state": "trained",
        "version": 4,
        "receipt": {net: {"before": move[0], "after": move[1]} for net, move in moves.items()},
    }


def test_yes_by_mouse_brings_the_receipt(page: Page) -> None:
    page.locator("#consent").check()
    predicted, sent = posts(page, "/predict"), posts(page, "/train")
    draw_by_mouse(page, 7)
    expect(page.locator("#words")).to_have_text("I see a 7")
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("#receipt-words")).to_have_text(RECEIPT)
    expect(page.locator("#announcer")).to_have_text(RECEIPT)
    (body,) = sent
    assert body["digit"] == 7
    assert body["imageBase64"] == predicted[0]["imageBase64"]
    assert uuid.UUID(body["key"]).version == 4
    assert len(body["strokes"]) == 1


def test_no_and_the_digit_by_touch_bring_the_receipt(phone: Page) -> None:
    sent = posts(phone, "/train")
    draw_by_touch(phone, 3)
    see_answer(phone)
    phone.get_by_label("Keep my drawing to teach the models").tap()
    phone.get_by_role("button", name="No", exact=True).tap()
    phone.get_by_role("button", name="3", exact=True).tap()
    expect(phone.locator("#receipt-words")).to_have_text(RECEIPT)
    assert [body["digit"] for body in sent] == [3]
    phone.get_by_role("button", name="Draw another").tap()
    expect(phone.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(phone.locator("#frame")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("button", ["Yes", "No"])
def test_without_consent_nothing_is_sent(page: Page, button: str) -> None:
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#consent")).not_to_be_checked()
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#consent")).to_be_focused()
    expect(page.locator("#consent-hint")).to_have_text(f"Tick the box first, then press {button}.")
    expect(page.locator("#panel-ask")).to_be_visible()
    page.keyboard.press("Space")
    expect(page.locator("#consent-hint")).to_be_empty()
    assert sent == []  # a tick alone sends nothing either
    page.get_by_role("button", name="Yes").click()
    expect(page.locator("#another")).to_be_visible()
    assert len(sent) == 1


def test_consent_is_remembered_and_can_be_taken_back(page: Page) -> None:
    page.locator("#consent").check()
    page.reload()
    expect(page.locator("#consent")).to_be_checked()
    page.locator("#consent").uncheck()
    page.reload()
    expect(page.locator("#consent")).not_to_be_checked()


def test_not_a_digit_stores_nothing(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    draw_by_mouse(page, 8)
    see_answer(page)
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="It wasn’t a digit").click()
    expect(page.locator("#words")).to_have_text("Fine. Nothing was stored.")
    expect(page.locator("#announcer")).to_have_text("Fine. Nothing was stored.")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    expect(page.locator("#canvas")).to_be_focused()
    assert sent == []


def test_an_unsure_answer_asks_for_the_digit(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    always(page, "/predict", **prediction(None, 0.3))
    draw_by_mouse(page, 5)
    expect(page.locator("#words")).to_have_text("I am not sure what this is.")
    expect(page.locator("#yes")).to_be_hidden()
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("button", name="5", exact=True).click()
    expect(page.locator("#another")).to_be_visible()
    assert [body["digit"] for body in sent] == [5]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            receipt((0.52, 0.97), (0.78, 0.81)),
            "Learned. The CNN now gives your 7 97 %; before, 52 %. The FNN 81 %; before, 78 %.",
        ),
        (
            receipt((0.970101, 0.970102), (0.781, 0.784)),
            "Learned. The CNN still gives your 7 97 %. The FNN 78.4 %; before, 78.1 %.",
        ),
        (
            receipt((0.000021, 0.000034), (0.99991, 0.99994)),
            "Learned. The CNN now gives your 7 0.003 %; before, 0.002 %. "
            "The FNN 99.994 %; before, 99.991 %.",
        ),
        (
            receipt((0.5, 0.4), (0.2, 0.2)),
            "Learned. The CNN now gives your 7 40 %; before, 50 %. The FNN still 20 %.",
        ),
        ({"state": "trained", "receipt": None}, "Learned."),
        ({"state": "queued"}, "Saved. The models will learn it in a moment."),
        (
            {"state": "rejected"},
            "Saved, but not learned: the models could make nothing good of it.",
        ),
    ],
)
def test_the_receipt_in_words(page: Page, answer: dict[str, Any], words: str) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    always(page, "/train", **answer)
    draw_by_mouse(page, 7)
    see_answer(page)
    page.locator("#yes").click()
    expect(page.locator("#receipt-words")).to_have_text(words)
    expect(page.locator("#receipt-bars .pair")).to_have_count(2 if answer.get("receipt") else 0)


def test_a_label_that_waits_is_told_once_it_is_learned(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    always(page, "/train", state="queued", drawing="an-id")
    always(page, "/drawings/an-id", state="queued", drawing="an-id")
    draw_by_mouse(page, 7)
    see_answer(page)
    page.locator("#yes").click()
    with page.expect_response("**/drawings/an-id"):
        expect(page.locator("#receipt-words")).to_have_text(
            "Saved. The models will learn it in a moment."
        )
    always(page, "/drawings/an-id", **receipt((0.52, 0.97), (0.78, 0.81)))
    always(page, "/predict", **prediction(7, 0.97, version=9))
    expect(page.locator("#receipt-words")).to_contain_text("your 7 97 %; before, 52 %.")
    expect(page.locator("#version")).to_have_text("Retrained: version 9")


def test_after_learning_the_cards_show_what_changed(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7, 0.52, version=3))
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#version")).to_have_text("Retrained: version 3")
    always(page, "/predict", **prediction(7, 0.55, version=4))
    always(page, "/train", **receipt((0.52, 0.55), (0.522, 0.518)))
    page.locator("#yes").click()
    expect(page.locator("#version")).to_have_text("Retrained: version 4")
    cnn, fnn = (page.locator(f'[data-model="{net}_retrained"]') for net in ("cnn", "fnn"))
    expect(cnn.locator(".bar-percent").first).to_have_text("55 %")
    expect(cnn.locator(".change")).to_have_text("your 7 +3 %")
    expect(fnn.locator(".change")).to_have_text("your 7 −0.4 %")
    expect(page.locator('[data-model="cnn"] .change')).to_be_empty()


def test_a_stroke_after_the_receipt_begins_a_new_drawing(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    for _ in range(2):
        draw_by_mouse(page, 1)
        see_answer(page)
        expect(page.locator(".change").nth(1)).to_be_empty()
        page.locator("#yes").click()
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
    page.locator("#yes").click()
    older = caught(page, waiting)
    draw_by_mouse(page, 7)
    see_answer(page)
    with page.expect_response("**/train"):
        older.fulfill(json=receipt((0.1, 0.2), (0.1, 0.2)))
    expect(page.locator("#panel-ask")).to_be_visible()
    expect(page.locator("#receipt-words")).to_be_empty()
    expect(page.locator("#notice")).to_be_hidden()


def test_a_page_without_random_uuid_makes_its_own_keys(page: Page) -> None:
    page.add_init_script("delete Crypto.prototype.randomUUID")
    page.reload()
    page.locator("#consent").check()
    sent = posts(page, "/train")
    draw_by_mouse(page, 7)
    see_answer(page)
    page.locator("#yes").click()
    expect(page.locator("#another")).to_be_visible()
    assert uuid.UUID(sent[0]["key"]).version == 4
