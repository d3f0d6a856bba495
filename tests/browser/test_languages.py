"""What scripts say, in the visitor's language: answers, receipts, numbers, prompts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PageMaker
from tests.browser.hand import draw_by_mouse, label_as, see_answer, unreachable
from tests.browser.test_layout import fits_sideways

ANSWERS = {"de": "Ich sehe eine 7", "ru": "Я вижу 7", "ja": "7 に見えます"}
RECEIPTS = {"de": "Gelernt", "ru": "Выучено", "ja": "学びました"}
PROMPTS = {"de": "Zeichne eine", "ru": "Нарисуйте", "ja": "を描いてください"}


@pytest.mark.parametrize("language", ANSWERS)
def test_drawing_and_labelling_are_told_in_the_page_s_language(
    new_page: PageMaker, language: str
) -> None:
    page = new_page(locale=language, width=360, height=740)
    draw_by_mouse(page, 7)
    see_answer(page)
    expect(page.locator("#words")).to_have_text(ANSWERS[language])
    label_as(page, 7)
    page.locator("#consent").check()
    expect(page.locator("#receipt-words")).to_contain_text(RECEIPTS[language])
    assert fits_sideways(page)


@pytest.mark.parametrize("language", PROMPTS)
def test_the_digit_stands_out_wherever_the_language_has_it(
    new_page: PageMaker, language: str
) -> None:
    page = new_page("/contribute", locale=language, width=360, height=740)
    expect(page.locator("#prompt")).to_contain_text(PROMPTS[language])
    digit = page.locator(".prompt-digit").text_content()
    assert digit
    assert re.sub(r"\D", "", page.locator("#prompt").text_content() or "") == digit
    assert fits_sideways(page)


def test_what_fails_is_told_in_the_page_s_language(new_page: PageMaker) -> None:
    page = new_page(locale="de")
    unreachable(page, "/predict")
    draw_by_mouse(page, 7)
    expect(page.locator("#words")).to_contain_text("Der Server ist nicht erreichbar.")


@pytest.mark.parametrize("path", ["/progress", "/models", "/about", "/gallery", "/my-drawings"])
@pytest.mark.parametrize("language", ANSWERS)
def test_every_page_fits_on_a_phone(new_page: PageMaker, language: str, path: str) -> None:
    assert fits_sideways(new_page(path, locale=language, width=360, height=740))
