"""The whole way by keyboard: draw, consent, choose the digit, draw another."""

from playwright.sync_api import Page, expect

from tests.browser.hand import always, posts, prediction, see_answer


def draw_a_one(page: Page) -> None:
    """A line down from where the pen is, on a canvas that has the focus."""
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")


def test_from_the_first_tab_to_another_drawing(page: Page) -> None:
    sent = posts(page, "/train")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "canvas":
            break
    expect(page.locator("#canvas")).to_be_focused()
    expect(page.locator("#canvas-help")).to_contain_text("Space lowers and lifts it")
    draw_a_one(page)
    expect(page.locator("#words")).to_have_text("I see a 1")
    page.keyboard.press("Enter")
    expect(page.locator('[data-digit="1"]')).to_be_focused()
    page.keyboard.press("Enter")  # it is right
    expect(page.locator("#consent")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#another")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#canvas")).to_be_focused()
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    assert [body["digit"] for body in sent] == [1]
    ((xs, ys, ts),) = sent[0]["strokes"]
    assert len(xs) == len(ys) == len(ts) == 11
    assert ys[-1] - ys[0] == 140


def test_pen_up_and_down_are_announced(page: Page) -> None:
    page.locator("#canvas").focus()
    page.keyboard.press("Space")
    expect(page.locator("#announcer")).to_have_text("Pen down")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    see_answer(page)


def test_undo_delete_and_enter_on_the_canvas(page: Page) -> None:
    sent = posts(page, "/predict")
    page.locator("#canvas").focus()
    draw_a_one(page)
    see_answer(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    see_answer(page)
    page.locator("#canvas").focus()
    page.keyboard.press("Delete")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    assert sent


def test_a_digits_key_labels_and_enter_begins_anew(page: Page) -> None:
    page.locator("#consent").check()
    sent = posts(page, "/train")
    page.keyboard.press("5")  # there is nothing to label yet
    page.locator("#canvas").focus()
    draw_a_one(page)
    see_answer(page)
    page.keyboard.press("Control+1")  # the browser's own
    expect(page.locator("#panel-ask")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator("#another")).to_be_visible()
    page.keyboard.press("2")  # it is given once
    page.keyboard.press("Enter")
    expect(page.locator("#frame")).to_have_attribute("data-empty", "true")
    assert [body["digit"] for body in sent] == [1]


def test_enter_on_an_unsure_answer_labels_nothing(page: Page) -> None:
    page.locator("#consent").check()
    always(page, "/predict", **prediction(None, 0.3))
    sent = posts(page, "/train")
    page.locator("#canvas").focus()
    draw_a_one(page)
    see_answer(page)
    page.keyboard.press("Enter")
    expect(page.locator("#digits")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("6")
    expect(page.locator("#another")).to_be_visible()
    assert [body["digit"] for body in sent] == [6]
