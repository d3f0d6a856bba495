"""The receipt: what the models made of a label, in words, in a picture and on their cards."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hand import agree, always, draw_by_mouse, label_as, prediction, see_answer

RECEIPT = re.compile(r"^Learned(\. The CNN .+| as version \d+.+)\.$")  # of a real label
LEARNED = 60_000  # ms until the trainer has learned it, on a machine with other work


def receipt(cnn: tuple[float, float], fnn: tuple[float, float]) -> dict[str, Any]:
    """An answer of POST /train: before and after, by net."""
    moves = {"cnn_retrained": cnn, "fnn_retrained": fnn}
    return {
        "drawing": "x",
        "state": "trained",
        "version": 4,
        "receipt": {net: {"before": move[0], "after": move[1]} for net, move in moves.items()},
    }


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            receipt((0.52, 0.97), (0.78, 0.81)),
            "Learned. The CNN is now 97 % sure that it is a 7 (52 % before). "
            "The FNN is now 81 % sure (78 % before).",
        ),
        (
            receipt((0.970101, 0.970102), (0.781, 0.784)),
            "Learned. The CNN is still 97 % sure that it is a 7. "
            "The FNN is now 78.4 % sure (78.1 % before).",
        ),
        (
            receipt((0.000021, 0.000034), (0.99991, 0.99994)),
            "Learned. The CNN still sees no 7 in it. The FNN knew your 7 already.",
        ),
        (
            receipt((0.5, 0.4), (0.2, 0.2)),
            "Learned. The CNN is now 40 % sure that it is a 7 (50 % before). "
            "The FNN is still 20 % sure.",
        ),
        (
            receipt(cnn=(0.9991, 0.9993), fnn=(0.997, 0.996)),
            "Learned as version 4. Both nets knew your 7 already.",
        ),
        (
            receipt(cnn=(0.9991, 0.9993), fnn=(0.78, 0.81)),
            "Learned. The CNN knew your 7 already. The FNN is now 81 % sure (78 % before).",
        ),
        (
            receipt(cnn=(0.0, 0.000001), fnn=(0.2, 0.2)),
            "Learned as version 4, by one small step. "
            "The CNN still sees no 7 in it. The FNN is still 20 % sure that it is a 7.",
        ),
        (
            receipt(cnn=(0.3, 0.3), fnn=(0.2, 0.2)),
            "Learned as version 4, by one small step. "
            "The CNN is still 30 % sure that it is a 7. The FNN is still 20 % sure.",
        ),
        (
            receipt(cnn=(0.0, 0.000001), fnn=(0.001, 0.004)),
            "Learned as version 4, by one small step. Both nets still see no 7 in it.",
        ),
        ({"state": "trained", "receipt": None}, "Learned."),
        ({"state": "queued"}, "Saved. The models will learn it in a moment."),
        ({"state": "rejected", "reason": None}, "Saved for review, but not learned."),
        (
            {"state": "rejected", "reason": "Every model is sure that this is a 1."},
            "Saved for review, but not learned. Every model is sure that this is a 1.",
        ),
    ],
)
def test_the_receipt_in_words(page: Page, answer: dict[str, Any], words: str) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    always(page, "/train", **answer)
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    expect(page.locator("#receipt-words")).to_have_text(words)
    expect(page.locator("#receipt-picture .move")).to_have_count(2 if answer.get("receipt") else 0)
    expect(page.locator("#receipt-picture img")).to_have_count(1 if answer.get("receipt") else 0)


def test_a_label_that_waits_is_told_once_it_is_learned(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    always(page, "/train", state="queued", drawing="an-id")
    always(page, "/drawings/an-id", state="queued", drawing="an-id")
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    with page.expect_response("**/drawings/an-id"):
        expect(page.locator("#receipt-words")).to_have_text(
            "Saved. The models will learn it in a moment."
        )
    always(page, "/drawings/an-id", **receipt((0.52, 0.97), (0.78, 0.81)))
    always(page, "/predict", **prediction(7, 0.97, version=9))
    expect(page.locator("#receipt-words")).to_contain_text(
        "97 % sure that it is a 7 (52 % before)."
    )
    expect(page.locator("#version")).to_have_text("Retrained: version 9")


def test_a_label_that_every_model_is_sure_is_wrong_is_told_as_such(page: Page) -> None:
    page.locator("#consent").check()
    draw_by_mouse(page, 0)
    see_answer(page)
    label_as(page, 1)
    words = "Saved for review, but not learned. Every model is sure that this is a 0."
    expect(page.locator("#receipt-words")).to_have_text(words, timeout=LEARNED)
    expect(page.locator("#announcer")).to_have_text(words)
    expect(page.locator("#receipt-picture > *")).to_have_count(0)
    expect(page.locator(".change").nth(1)).to_be_empty()


def test_after_learning_the_cards_show_what_changed(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7, 0.52, version=3))
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#version")).to_have_text("Retrained: version 3")
    always(page, "/predict", **prediction(7, 0.55, version=4))
    always(page, "/train", **receipt((0.52, 0.55), (0.522, 0.518)))
    agree(page)
    expect(page.locator("#version")).to_have_text("Retrained: version 4")
    cnn, fnn = (page.locator(f'[data-model="{net}_retrained"]') for net in ("cnn", "fnn"))
    expect(cnn.locator(".bar-percent").first).to_have_text("55 %")
    expect(cnn.locator(".change")).to_have_text("7: +3 points")
    expect(fnn.locator(".change")).to_have_text("7: −0.4 points")
    expect(page.locator('[data-model="cnn"] .change')).to_be_empty()


@pytest.mark.parametrize(
    ("move", "words", "change"),
    [
        (
            (0.4851, 0.5349),
            "53 % sure that it is a 7 (49 % before)",
            "7: +4 points",
        ),  # 4.98 between them
        ((0.4949, 0.4951), "50 % sure that it is a 7 (49 % before)", "7: +1 point"),
        ((0.5349, 0.4851), "49 % sure that it is a 7 (53 % before)", "7: −4 points"),
        ((0.4901, 0.4908), "49.1 % sure that it is a 7 (49.0 % before)", "7: +0.1 points"),
        ((0.99031, 0.99034), "99.034 % sure that it is a 7 (99.031 % before)", ""),
    ],
)
def test_the_cards_count_what_lies_between_the_numbers_that_are_shown(
    page: Page, move: tuple[float, float], words: str, change: str
) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(7))
    always(page, "/train", **receipt(move, (0.2, 0.2)))
    draw_by_mouse(page, 7)
    see_answer(page)
    agree(page)
    expect(page.locator("#version")).to_have_text("Retrained: version 4")
    expect(page.locator("#receipt-words")).to_contain_text(words)
    expect(page.locator('[data-model="cnn_retrained"] .change')).to_have_text(change)


def test_what_changed_stays_within_its_card(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(8))
    always(page, "/train", **receipt((0.99, 0.12), (0.2321, 0.2279)))
    draw_by_mouse(page, 8)
    see_answer(page)
    agree(page)
    for width in (360, 768, 960, 1024, 1280, 1360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for net, moved in (("cnn_retrained", "−87"), ("fnn_retrained", "−0.4")):
            head = page.locator(f'[data-model="{net}"] .model-head')
            expect(head.locator(".change")).to_contain_text(moved, use_inner_text=True)
            assert head.evaluate("e => e.scrollWidth - e.clientWidth") == 0, width
