"""How it works: what becomes of a picture, as the nets' own steps make it."""

import numpy as np
from flask.testing import FlaskClient

from functions import augment, decode_image, process_image
from tests.web.posting import BLANK, SEVEN, check_refused, post


def test_the_steps_are_those_of_the_nets(client: FlaskClient) -> None:
    steps = post(client, "/steps", imageBase64=SEVEN).get_json()
    assert list(steps) == ["crop", "input", "variants"]
    grey = decode_image(SEVEN)
    digit, variants = process_image(grey), augment(grey, seed=0)
    assert digit is not None
    assert variants is not None
    np.testing.assert_array_equal(decode_image(steps["input"]), np.rint(digit * 255))
    shown = decode_image(steps["variants"])
    assert shown.shape == (4 * 28, 6 * 28)
    for n, variant in enumerate(variants):
        top, left = 28 * (n // 6), 28 * (n % 6)
        np.testing.assert_array_equal(
            shown[top : top + 28, left : left + 28], np.rint(variant * 255)
        )


def test_the_crop_is_the_ink_alone(client: FlaskClient) -> None:
    crop = decode_image(post(client, "/steps", imageBase64=SEVEN).get_json()["crop"])
    grey = decode_image(SEVEN)
    assert crop.shape < grey.shape
    for edge in (crop[0], crop[-1], crop[:, 0], crop[:, -1]):
        assert edge.min() < 200
    np.testing.assert_array_equal(process_image(crop), process_image(grey))


def test_what_shows_nothing_is_refused(client: FlaskClient) -> None:
    check_refused(post(client, "/steps", imageBase64=BLANK), 422)
    check_refused(post(client, "/steps"), 400)


def test_the_page_is_complete_without_scripts(client: FlaskClient) -> None:
    text = client.get("/about").text
    for title in ("What the nets see", "What one label teaches", "What is kept"):
        assert title in text
