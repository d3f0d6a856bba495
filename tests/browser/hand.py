"""A visitor's hand: draws digits on the page by mouse and by touch, and reads what was posted."""

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import CDPSession, Page, Request, Route, expect

from testing.pen import STROKES, Stroke

Point = tuple[float, float]

IMAGE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgAB"
    "SK+kcQAAAABJRU5ErkJggg=="
)


def on_screen(page: Page, strokes: list[Stroke]) -> Iterator[list[Point]]:
    """Strokes in the page's pixels, in the middle of the canvas."""
    canvas = page.locator("#canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        yield [
            (
                box["x"] + box["width"] * (0.2 + 0.006 * float(x)),
                box["y"] + box["height"] * (0.2 + 0.006 * float(y)),
            )
            for x, y in stroke.T
        ]


def draw_by_mouse(page: Page, digit: int) -> None:
    """Draw a digit with the left button held down."""
    draw_strokes_by_mouse(page, STROKES[digit])


def draw_strokes_by_mouse(page: Page, strokes: list[Stroke]) -> None:
    """Draw any strokes with the left button held down."""
    for (x, y), *rest in on_screen(page, strokes):
        page.mouse.move(x, y)
        page.mouse.down()
        for to_x, to_y in rest:
            page.mouse.move(to_x, to_y, steps=2)
        page.mouse.up()


def draw_by_touch(page: Page, digit: int) -> None:
    """Draw a digit with one finger."""
    session = page.context.new_cdp_session(page)
    for first, *rest in on_screen(page, STROKES[digit]):
        touch(session, "touchStart", first)
        for point in rest:
            touch(session, "touchMove", point)
        touch(session, "touchEnd")


def touch(session: CDPSession, kind: str, *points: Point) -> None:
    """What the touch screen reports: these fingers are on it."""
    fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def see_answer(page: Page) -> None:
    """Wait until the drawing is answered."""
    expect(page.locator("#not-a-digit")).to_be_enabled()


def agree(page: Page) -> None:
    """Say that what the app sees is right."""
    page.locator(".digit[data-guess]").click()


def label_as(page: Page, digit: int) -> None:
    """Say which digit it is."""
    page.locator(f'.digit[data-digit="{digit}"]').click()


def posts(page: Page, path: str) -> list[dict[str, Any]]:
    """The bodies posted to a path from now on: the list grows as they are sent."""
    bodies: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(path):
            bodies.append(json.loads(request.post_data or ""))

    page.on("request", note)
    return bodies


def picture(data_url: str) -> NDArray[np.uint8]:
    """The pixels of a posted PNG, (height, width, 3)."""
    head, _, data = data_url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def prediction(answer: int | None, probability: float = 0.9, version: int = 4) -> dict[str, Any]:
    """An answer of POST /predict in which all four models say the same."""
    digit = answer or 0
    top = [
        {"digit": digit, "probability": probability},
        {"digit": (digit + 1) % 10, "probability": (1 - probability) / 2},
        {"digit": (digit + 2) % 10, "probability": (1 - probability) / 4},
    ]
    return {
        "answer": None if answer is None else str(answer),
        "message": "I am not sure what this is." if answer is None else "",
        "code": "unsure" if answer is None else "",
        "version": version,
        "digits": [probability if n == digit else (1 - probability) / 9 for n in range(10)],
        "models": {key: top for key in ("fnn", "fnn_retrained", "cnn", "cnn_retrained")},
        "input": IMAGE,
    }


def always(page: Page, path: str, status: int = 200, **answer: Any) -> None:
    """From now on the server answers a path so."""
    page.route(f"**{path}", lambda route: route.fulfill(status=status, json=answer))


def unreachable(page: Page, path: str) -> None:
    """From now on the server cannot be reached at a path."""
    page.route(f"**{path}", lambda route: route.abort())


def reachable(page: Page, path: str) -> None:
    """From now on the real server answers a path again."""
    page.unroute(f"**{path}")


def caught(page: Page, routes: list[Route]) -> Route:
    """The first request that `held` keeps, once there is one."""
    for _ in range(1000):
        if routes:
            return routes[0]
        page.wait_for_timeout(10)
    raise AssertionError("No request came.")


def held(page: Page, path: str) -> list[Route]:
    """From now on requests to a path wait in this list for the test to answer them."""
    routes: list[Route] = []
    page.route(f"**{path}", lambda route: routes.append(route))
    return routes
