"""The drawing page's endpoints: what each answers, and that bad input changes nothing."""

import base64
import io
import json
import math
import uuid
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image

from functions import (
    decode_png,
    digit_data_url,
    from_bytes,
    process_image,
    to_bytes,
    to_data_url,
)
from inkling.journal.outbox import drawing_objects
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED
from inkling.web.app import Inkling
from testing import junk
from testing.pen import draw
from tests.web.posting import BLANK, SEVEN, check_refused, post, rows

MODELS = ["fnn", "fnn_retrained", "cnn", "cnn_retrained"]


def test_predict_answers_as_the_contract_says(client: FlaskClient) -> None:
    answer = post(client, "/predict", imageBase64=SEVEN)
    assert answer.status_code == 200
    said = answer.get_json()
    assert list(said) == ["answer", "message", "code", "version", "digits", "models", "input"]
    assert said["answer"] == "7"
    assert len(said["digits"]) == 10
    assert said["digits"][7] == max(said["digits"]) > 0.5
    assert sum(said["digits"]) == pytest.approx(1, abs=0.001)
    assert (said["message"], said["code"]) == ("", "")
    assert said["version"] == 0
    assert list(said["models"]) == MODELS
    for top in said["models"].values():
        assert len(top) == 3
        assert [*top[0]] == ["digit", "probability"]
        probabilities = [entry["probability"] for entry in top]
        assert probabilities == sorted(probabilities, reverse=True)
        assert math.fsum(probabilities) <= 1.001


def test_predict_shows_what_the_nets_saw(client: FlaskClient) -> None:
    shown = post(client, "/predict", imageBase64=SEVEN).get_json()["input"]
    png = base64.b64decode(shown.removeprefix("data:image/png;base64,"))
    expected = process_image(draw(7))
    assert expected is not None
    assert np.array_equal(decode_png(png), np.rint(expected * 255))


@pytest.mark.parametrize("digit", range(10))
def test_originals_know_a_plain_digit(client: FlaskClient, digit: int) -> None:
    said = post(client, "/predict", imageBase64=to_data_url(draw(digit))).get_json()
    assert said["answer"] == str(digit)


def test_a_form_answers_like_json(client: FlaskClient) -> None:
    form = client.post("/predict", data={"imageBase64": SEVEN})
    assert form.get_json() == post(client, "/predict", imageBase64=SEVEN).get_json()


@pytest.mark.parametrize("kind", ["smiley", "star", "wave", "word"])
def test_no_answer_to_what_looks_like_no_digit(client: FlaskClient, kind: str) -> None:
    page = junk.draw(kind, 1, seed=3)[0]
    said = post(client, "/predict", imageBase64=to_data_url(page)).get_json()
    assert said["answer"] is None
    assert said["message"] == "This does not look like a digit to me."
    assert said["code"] == "no digit"
    assert list(said["models"]) == MODELS  # what the nets see in it is still told


def test_no_answer_where_both_nets_are_unsure(
    app: Inkling, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.recognizer, "is_digit", lambda digit: True)  # scribbles are not
    rng = np.random.default_rng(3)
    for _ in range(200):  # scribbles, until one leaves both retrained nets under 50 %
        points = rng.uniform(40, 240, (2, 9)).astype(np.float32)
        said = post(client, "/predict", imageBase64=to_data_url(scribble(points))).get_json()
        best = [said["models"][name][0] for name in ("fnn_retrained", "cnn_retrained")]
        if max(b["probability"] for b in best) < 0.5 and best[0]["digit"] != best[1]["digit"]:
            assert said["answer"] is None
            assert (said["message"], said["code"]) == ("I am not sure what this is.", "unsure")
            return
        assert said["answer"] is not None
        assert (said["message"], said["code"]) == ("", "")
    raise AssertionError("No scribble left both nets unsure.")


def scribble(points: Any) -> Any:
    from inkling.data.rendering import render_strokes

    return render_strokes([points], width=14, size=180)


def test_an_old_version_answers_a_prediction_on_request(client: FlaskClient) -> None:
    fields = {"imageBase64": SEVEN}
    plain = client.post("/predict", data=fields)
    for version in ("", "0", 0, None):
        found = client.post("/predict", json={**fields, "version": version})
        assert (found.status_code, found.get_json()) == (200, plain.get_json())
    gone = client.post("/predict", json={**fields, "version": 12})
    assert gone.status_code == 404
    assert gone.get_json()["error"].startswith("Version 12 is not stored. GET /versions lists")
    for wrong in ("-1", "1.5", "x", True, [1], 10**12):
        refused = client.post("/predict", json={**fields, "version": wrong})
        assert refused.status_code == 400
        assert refused.get_json()["error"].startswith("The version is ")
    assert client.get("/versions").get_json() == {
        "newest": 0,
        "versions": [{"number": 0, "kind": "original", "made": None}],
    }


def test_a_picture_is_shown_to_every_stored_version(client: FlaskClient) -> None:
    (first,) = post(client, "/versions", imageBase64=SEVEN).get_json()["versions"]
    assert list(first) == ["number", "kind", "made", "answer", "models"]
    assert (first["number"], first["kind"], first["made"]) == (0, "original", None)
    assert first["answer"] == "7"
    assert list(first["models"]) == ["fnn_retrained", "cnn_retrained"]
    assert first["models"]["cnn_retrained"][0]["digit"] == 7
    check_refused(post(client, "/versions"), 400)
    check_refused(post(client, "/versions", imageBase64=BLANK), 422)


def test_train_commits_the_row_before_it_answers(app: Inkling, client: FlaskClient) -> None:
    strokes = [[[10, 20.5], [30, 40], [0, 16]]]
    answer = post(client, "/train", imageBase64=SEVEN, digit="7", strokes=strokes)
    assert answer.status_code == 200
    assert list(answer.get_json()) == ["drawing", "object", "state", "version", "receipt", "reason"]
    assert answer.get_json()["state"] == "queued"
    assert answer.get_json()["receipt"] is None
    row = app.journal.find(answer.get_json()["drawing"])
    assert row is not None
    assert (row.label, row.state, row.strokes) == (7, QUEUED, strokes)
    assert np.array_equal(decode_png(row.png), draw(7))
    assert sorted(row.predictions) == sorted(MODELS)
    assert all(abs(sum(p) - 1) < 1e-3 for p in row.predictions.values())


def test_strokes_may_come_as_text_in_a_form(app: Inkling, client: FlaskClient) -> None:
    strokes = [[[1, 2], [3, 4]]]
    form = {"imageBase64": SEVEN, "digit": "7", "strokes": json.dumps(strokes)}
    id = client.post("/train", data=form).get_json()["drawing"]
    row = app.journal.find(id)
    assert row is not None
    assert row.strokes == strokes


def test_what_is_stored_is_small_and_is_what_was_answered(
    app: Inkling, client: FlaskClient
) -> None:
    """A large picture full of noise: learning starts from the stored one, and sees the same."""
    noise = np.random.default_rng(5).integers(0, 60, (1300, 1500)).astype(np.uint8)
    page = Image.fromarray(draw(7)).resize((1500, 1300))
    large = to_data_url(np.minimum(np.asarray(page), 255 - noise))
    assert len(large) > 1_500_000
    answer = post(client, "/predict", imageBase64=large).get_json()
    row = app.journal.find(post(client, "/train", imageBase64=large, digit=7).get_json()["drawing"])
    assert row is not None
    assert max(decode_png(row.png).shape) <= 512
    assert len(row.png) < 512 * 512
    relearned = process_image(decode_png(row.png))
    assert relearned is not None
    assert to_bytes(relearned) == row.digit
    assert answer["input"] == digit_data_url(relearned)


def test_strokes_are_stored_as_finely_as_anybody_draws(app: Inkling, client: FlaskClient) -> None:
    sent = [[[1 / 3, 280, 1e9], [0.12345678901234, -2.0004, 7], [0, 16.6667, 33]]]
    id = post(client, "/collect", imageBase64=SEVEN, digit=7, strokes=sent).get_json()["drawing"]
    row = app.journal.find(id)
    assert row is not None
    assert row.strokes == [[[0.333, 280, 1e9], [0.123, -2.0, 7], [0, 16.667, 33]]]


@pytest.mark.parametrize("path", ["/train", "/collect"])
def test_the_same_key_twice_is_one_drawing(app: Inkling, client: FlaskClient, path: str) -> None:
    key = str(uuid.uuid4())
    first = post(client, path, imageBase64=SEVEN, digit=7, key=key).get_json()
    again = post(client, path, imageBase64=SEVEN, digit=7, key=key.upper()).get_json()
    assert first == again
    assert first["drawing"] == key
    assert rows(app.journal) == 1


OTHERS: dict[str, dict[str, Any]] = {
    "another digit": {"digit": 1},
    "no digit at all": {"digit": "none"},
    "another picture": {"imageBase64": to_data_url(draw(1))},
    "nearly the same picture": {"imageBase64": to_data_url(draw(7) // 2 * 2)},
}


@pytest.mark.parametrize("path", ["/train", "/collect"])
@pytest.mark.parametrize("case", OTHERS)
def test_a_key_belongs_to_one_label_of_one_picture(
    app: Inkling, client: FlaskClient, path: str, case: str
) -> None:
    fields = {"imageBase64": SEVEN, "digit": 7, "key": str(uuid.uuid4())}
    first = post(client, path, **fields).get_json()
    check_refused(post(client, path, **fields | OTHERS[case]), 409)
    assert post(client, path, **fields).get_json() == first
    assert rows(app.journal) == 1


def test_the_same_picture_in_another_file_is_the_same(app: Inkling, client: FlaskClient) -> None:
    file = io.BytesIO()
    Image.fromarray(draw(7)).save(file, "PNG", compress_level=9)
    fields = {"digit": 7, "key": str(uuid.uuid4())}
    for picture in (SEVEN, "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()):
        assert post(client, "/train", imageBase64=picture, **fields).status_code == 200
    assert rows(app.journal) == 1


@pytest.mark.parametrize("kind", ["json", "data"])
def test_a_picture_is_taken_in_every_format_with_a_head_and_without(
    app: Inkling, client: FlaskClient, kind: str
) -> None:
    key = str(uuid.uuid4())
    for format in ("PNG", "BMP", "TIFF"):  # which lose nothing: all of them are the same drawing
        file = io.BytesIO()
        Image.fromarray(draw(7)).save(file, format)
        bare = base64.b64encode(file.getvalue()).decode()
        for picture in (bare, f"data:image/{format.lower()};base64,{bare}"):
            fields: Any = {"imageBase64": picture, "digit": 7}
            assert client.post("/predict", **{kind: fields}).get_json()["answer"] == "7"
            assert client.post("/train", **{kind: fields | {"key": key}}).status_code == 200
    for format in ("JPEG", "WEBP"):
        file = io.BytesIO()
        Image.fromarray(draw(7)).save(file, format)
        fields = {"imageBase64": base64.b64encode(file.getvalue()).decode()}
        assert client.post("/predict", **{kind: fields}).get_json()["answer"] == "7"
    assert rows(app.journal) == 1


def test_collect_stores_and_never_queues(app: Inkling, client: FlaskClient) -> None:
    answer = post(client, "/collect", imageBase64=SEVEN, digit=7).get_json()
    assert (answer["state"], answer["receipt"]) == ("collected", None)
    assert app.journal.counts()[COLLECTED] == 1
    assert app.journal.queued(10) == []


@pytest.mark.parametrize("path", ["/train", "/collect"])
@pytest.mark.parametrize("kind", ["json", "data"])
def test_what_is_no_digit_is_stored_and_never_queued(
    app: Inkling, client: FlaskClient, path: str, kind: str
) -> None:
    fields: Any = {kind: {"imageBase64": SEVEN, "digit": "none"}}
    answer = client.post(path, **fields).get_json()
    assert (answer["state"], answer["version"], answer["receipt"]) == ("collected", 0, None)
    row = app.journal.find(answer["drawing"])
    assert row is not None
    assert (row.label, row.state, row.said["cnn"]) == (NOT_A_DIGIT, COLLECTED, 7)
    assert [*drawing_objects(row)] == [f"drawings/none/{row.id}.png"]
    expected, seen = process_image(draw(7)), row.seen()
    assert expected is not None
    assert seen is not None
    assert np.array_equal(seen, from_bytes(to_bytes(expected)))
    assert app.journal.queued(10) == []
    assert client.get(f"/drawings/{row.id}").get_json() == answer


def bomb() -> str:
    """A PNG of some kilobytes that unpacks to 400 million pixels."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000), 1).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


BAD_PICTURES = {
    "missing": (None, 400),
    "no text": (7, 400),
    "a text": ("seven", 400),
    "half a PNG in bare base64": ("iVBORw0KGgo=", 400),
    "a link": ("https://example.org/7.png", 400),
    "not base64": ("data:image/png;base64,@@@@", 400),
    "not an image": ("data:image/png;base64," + base64.b64encode(b"no image").decode(), 400),
    "another type": ("data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=", 400),
    "cut off": (SEVEN[: len(SEVEN) // 2 // 4 * 4], 400),
    "nothing drawn": (BLANK, 422),
    "too many pixels": (bomb(), 413),
    "too many bytes": ("data:image/png;base64," + "A" * 8_400_000, 413),
    "an enormous body": ("data:image/png;base64," + "A" * 12_000_000, 413),
}


@pytest.mark.parametrize("path", ["/predict", "/train", "/collect"])
@pytest.mark.parametrize("case", BAD_PICTURES)
@pytest.mark.parametrize("kind", ["json", "data"])
def test_a_bad_picture_is_refused(
    app: Inkling, client: FlaskClient, path: str, case: str, kind: str
) -> None:
    picture, status = BAD_PICTURES[case]
    fields = {"digit": "7"} | ({} if picture is None else {"imageBase64": picture})
    check_refused(client.post(path, **{kind: fields}), status)
    assert rows(app.journal) == 0


BAD_FIELDS: dict[str, tuple[dict[str, Any], int]] = {
    "no digit": ({}, 400),
    "null": ({"digit": None}, 400),
    "ten": ({"digit": 10}, 400),
    "minus one": ({"digit": "-1"}, 400),
    "minus zero": ({"digit": -0.0}, 400),
    "minus zero in a text": ({"digit": "-0"}, 400),
    "a word": ({"digit": "seven"}, 400),
    "true": ({"digit": True}, 400),
    "a fraction": ({"digit": 7.5}, 400),
    "a list": ({"digit": [7]}, 400),
    "an Arabic seven": ({"digit": "٧"}, 400),
    "an empty digit": ({"digit": ""}, 400),
    "another word for none": ({"digit": "None"}, 400),
    "nothing in a list": ({"digit": ["none"]}, 400),
    "no UUID": ({"digit": 7, "key": "mine"}, 400),
    "a number as key": ({"digit": 7, "key": 5}, 400),
    "no strokes": ({"digit": 7, "strokes": "[[1"}, 400),
    "strokes of words": ({"digit": 7, "strokes": [[["a"], ["b"]]]}, 400),
    "strokes of infinity": ({"digit": 7, "strokes": [[[math.inf], [1]]]}, 400),
    "strokes of a huge number": ({"digit": 7, "strokes": [[[10**400], [1]]]}, 400),
    "strokes out of step": ({"digit": 7, "strokes": [[[1, 2], [1]]]}, 400),
    "an empty stroke": ({"digit": 7, "strokes": [[[], []]]}, 400),
    "strokes without end": ({"digit": 7, "strokes": [[[0] * 20_001, [0] * 20_001]]}, 413),
}


@pytest.mark.parametrize("path", ["/train", "/collect"])
@pytest.mark.parametrize("case", BAD_FIELDS)
def test_a_bad_field_is_refused(app: Inkling, client: FlaskClient, path: str, case: str) -> None:
    fields, status = BAD_FIELDS[case]
    check_refused(post(client, path, imageBase64=SEVEN, **fields), status)
    assert rows(app.journal) == 0


@pytest.mark.parametrize(
    "body", ["", "{", "[1]", "7", '"x"', "[" * 100_000, "\ufffd", "NaN", '{"x": NaN}']
)
def test_a_bad_body_is_refused(app: Inkling, client: FlaskClient, body: str) -> None:
    check_refused(client.post("/train", data=body, content_type="application/json"), 400)
    assert rows(app.journal) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + b'{"digit": 7, "imageBase64": "%s"}',  # as some programs begin a text
        b' {"digit": 3, "imageBase64": "%s", "digit": 7, "other": [1, {"a": null}]}\r\n',
        b'{"digit": 7.0, "imageBase64": "%s"}',  # a whole number all the same
    ],
)
def test_an_odd_body_that_is_json_is_taken(app: Inkling, client: FlaskClient, body: bytes) -> None:
    text = body.replace(b"%s", SEVEN.encode())
    answer = client.post("/collect", data=text, content_type="application/json")
    row = app.journal.find(answer.get_json()["drawing"])
    assert row is not None
    assert row.label == 7


@pytest.mark.parametrize("minus_zero", ["-0", "-0.0", "-0e1"])
def test_minus_zero_is_no_digit(app: Inkling, client: FlaskClient, minus_zero: str) -> None:
    body = f'{{"imageBase64": "{SEVEN}", "digit": {minus_zero}}}'
    check_refused(client.post("/train", data=body, content_type="application/json"), 400)
    assert rows(app.journal) == 0


@pytest.mark.parametrize("path", ["/", "/contribute"])
def test_pages_are_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert "<script>" not in answer.text
    assert "//cdn" not in answer.text
