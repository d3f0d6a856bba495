"""The Progress page and its data: what is shown, what never is, and to whom it is new."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions import process_image, to_bytes
from inkling.evaluation.prequential import Tally
from inkling.journal.schema import versions
from inkling.journal.writer import Journal, open_journal
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, REJECTED, Drawing, Lesson
from inkling.settings import Settings
from inkling.web.languages import ago
from inkling.web.progress_page import DRAWINGS, ROWS, VERSIONS, ProgressPage, percent
from testing.commits import commit
from testing.pen import draw
from testing.places import REJECTION
from tests.conftest import AppMaker

Open = Callable[..., FlaskClient]


@pytest.fixture
def journal(settings: Settings) -> Journal:
    return open_journal(settings)


@pytest.fixture
def open_app(settings: Settings, make_app: AppMaker) -> Open:
    def open_app(**changes: Any) -> FlaskClient:
        return make_app(replace(settings, **changes)).test_client()

    return open_app


def seen(digit: int) -> bytes:
    found = process_image(draw(digit))
    assert found is not None
    return to_bytes(found)


SEEN = {digit: seen(digit) for digit in (3, 7)}


def give(journal: Journal, label: int = 7, said: int | None = 7, **changes: Any) -> Drawing:
    """A label of a drawing that looks like a 7; all four models and the app said `said`."""
    nets = ("fnn", "fnn_retrained", "cnn", "cnn_retrained")
    values: dict[str, Any] = {
        "state": COLLECTED,
        "digit": SEEN[7],
        "answer": said,
        "said": dict.fromkeys(nets, 0 if said is None else said),
        **changes,
    }
    return journal.add(Drawing(str(uuid.uuid4()), label, b"png", **values))


def teach(journal: Journal, number: int, label: int = 7) -> None:
    drawing = give(journal, label, state=QUEUED)
    commit(journal, [Lesson(drawing, number, {})], {"fnn": "none", "cnn": "none"})


def page(client: FlaskClient) -> str:
    answer = client.get("/progress")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def data(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/progress/data").get_json()
    return found


def test_without_labels_the_page_invites_and_shows_no_figure(open_app: Open) -> None:
    client = open_app()
    text = page(client)
    assert "With the first label, the account begins." in text
    assert "%" not in re.sub(r"<[^>]*>", "", text)
    assert (data(client)["labels"], data(client)["drawings"]) == (0, [])


def test_one_label_is_told_in_the_singular(open_app: Open, journal: Journal) -> None:
    give(journal)
    text = page(open_app())
    assert "<b>1</b> <span>label</span>" in text
    assert text.count("Not yet known") >= 2


def test_the_figures_are_those_of_the_journal(open_app: Open, journal: Journal) -> None:
    for label, said in ((7, 7), (7, 1), (3, 3), (3, None)):
        give(journal, label, said, digit=SEEN[label])
    give(journal, NOT_A_DIGIT, 7)
    found = data(open_app())
    assert (found["labels"], found["no_digits"], found["version"]) == (4, 1, 0)
    assert found["per_digit"] == [0, 0, 0, 2, 0, 0, 0, 2, 0, 0]
    assert found["accuracy"]["answer"]["all"] == {"right": 2, "of": 4}
    assert found["accuracy"]["answer"]["per_digit"][7] == {"right": 1, "of": 2}
    assert found["lines"]["labels"] == [1, 2, 3, 4]
    assert found["lines"]["overall"]["answer"] == [1, 0.5, 0.66667, 0.5]
    assert found["verdicts"]["cnn"]["verdict"] == "not yet known"
    shots = [(d["label"], d["answer"], d["right"]) for d in found["drawings"]]
    assert shots == [(3, None, False), (3, 3, True), (7, 1, False), (7, 7, True)]


def sure(label: int, original: float, retrained: float) -> dict[str, list[float]]:
    """What originals and retrained nets said: these probabilities of the label."""
    given = {"fnn": original, "cnn": original, "fnn_retrained": retrained}
    given["cnn_retrained"] = retrained
    return {m: [p if n == label else (1 - p) / 9 for n in range(10)] for m, p in given.items()}


def test_the_page_tells_what_each_net_gave_the_right_digit(
    open_app: Open, journal: Journal
) -> None:
    give(journal, 7, predictions=sure(7, 0.8, 0.9))
    give(journal, 3, 3, predictions=sure(3, 0.6, 1.0))
    client = open_app()
    found = data(client)
    assert found["probability"]["labels"] == 2
    assert found["probability"]["means"]["cnn"] == pytest.approx(0.7, abs=0.003)
    assert found["lines"]["probability"]["cnn"][1] == found["probability"]["means"]["cnn"]
    text = page(client).replace("\N{NO-BREAK SPACE}", " ")
    told = re.findall(r"The retrained (\w+) gave the right digit ([\d.]+) %", text)
    assert [net for net, _ in told] == ["FNN", "CNN"]
    assert [float(share) for _, share in told] == pytest.approx([95, 95], abs=0.3)
    assert text.count("whose probabilities were kept") == 0
    newest, oldest = re.findall(r"<tr><th.*?</tr>", part(text, "curve"), re.S)[-2:]
    for row, shares in ((newest, [70, 95, 70, 95]), (oldest, [80, 90, 80, 90])):
        cells = [*map(float, re.findall(r"<td>([\d.]+)</td>", row))]
        assert cells == pytest.approx(shares, abs=0.3)


def part(text: str, name: str) -> str:
    """A table of the page."""
    return text.split(f'data-part="{name}"')[1].split("</table>")[0]


def test_rows_without_probabilities_are_told_apart(open_app: Open, journal: Journal) -> None:
    give(journal)
    client = open_app()
    assert data(client)["probability"]["means"]["fnn"] is None
    assert "The retrained" not in page(client)
    for table in ("curve", "models"):
        assert part(page(client), table).count("<td>–</td>") == 4
    give(journal, predictions=sure(7, 0.8, 0.9))
    assert "over the 1 label whose probabilities were kept" in page(open_app())


def test_what_counts_nowhere_is_told(open_app: Open, journal: Journal) -> None:
    give(journal)
    assert "count nowhere" not in page(open_app())
    for _ in range(2):
        journal.reject(give(journal, state=QUEUED).id, REJECTION)
    assert "2 labels were rejected and count nowhere." in page(open_app())
    give(journal, NOT_A_DIGIT, 7)
    client = open_app()
    both = "1 drawing was no digit and counts nowhere. 2 labels were rejected and count nowhere."
    assert both in page(client)
    assert (data(client)["labels"], data(client)["rejected"]) == (1, 2)


def test_the_page_says_right_and_wrong_by_a_sign_and_in_words(
    open_app: Open, journal: Journal
) -> None:
    give(journal, 7, 7)
    give(journal, 7, 1)
    give(journal, 7, None)
    text = page(open_app())
    shots = re.findall(r'<li data-right="(\w+)">.*?alt="([^"]*)".*?<span>(.*?)</span>', text, re.S)
    assert shots == [
        ("no", "The drawing of a 7; the app was not sure", "✗ ?"),
        ("no", "The drawing of a 7; the app said 1: wrong", "✗ 1"),
        ("yes", "The drawing of a 7; the app said 7: right", "✓"),
    ]


@pytest.mark.parametrize(
    "hidden",
    [{"state": REJECTED}, {"label": NOT_A_DIGIT}],
)
def test_what_nobody_may_see_is_not_shown(
    open_app: Open, journal: Journal, hidden: dict[str, Any]
) -> None:
    give(journal, digit=SEEN[3])
    if hidden.get("state") == REJECTED:
        journal.reject(give(journal, state=QUEUED).id, REJECTION)
    else:
        give(journal, **{"label": 7, **hidden})
    client = open_app()
    (shot,) = data(client)["drawings"]
    assert page(client).count("<li data-right") == 1
    give(journal, digit=SEEN[3])
    assert shot["input"] == data(open_app())["drawings"][0]["input"]


def test_neither_strokes_nor_ids_nor_the_picture_leave_the_journal(
    open_app: Open, journal: Journal
) -> None:
    drawing = give(journal, strokes=[[[12.5], [3.25], [777.0]]])
    client = open_app()
    for text in (page(client), json.dumps(data(client))):
        assert drawing.id not in text
        assert "777" not in text


@pytest.mark.parametrize("path", ["/", "/contribute"])
@pytest.mark.parametrize("choice", ["yes", "no"])
def test_the_consent_says_what_the_page_shows(
    open_app: Open, journal: Journal, choice: str, path: str
) -> None:
    give(journal)
    client = open_app(show_drawings=choice)
    consent = client.get(path).get_data(as_text=True)
    shown = len(data(client)["drawings"])
    assert ("are shown in the" in consent, shown) == ((True, 1) if choice == "yes" else (False, 0))
    assert ("Latest drawings" in page(client)) == (choice == "yes")


def test_only_the_newest_are_shown(open_app: Open, journal: Journal) -> None:
    for number in range(1, 31):
        teach(journal, number)
    client = open_app()
    found = data(client)
    assert len(found["drawings"]) == DRAWINGS
    assert [v["number"] for v in found["versions"]] == list(range(30, 30 - VERSIONS, -1))
    assert found["version"] == 30
    assert page(client).count("Learned a 7") == VERSIONS


def test_versions_say_what_made_them(open_app: Open, journal: Journal) -> None:
    teach(journal, 1, label=3)
    with journal.engine.begin() as connection:
        for number, kind in ((2, "rollback"), (3, "rebuild"), (4, "lesson"), (5, "rebuild")):
            target = 0 if number == 5 else None  # 0: no drawing was left out
            made = {"created_at": datetime.now(UTC), "target": target}
            row = {"number": number, "kind": kind, **made}
            connection.execute(versions.insert().values(**row, stored=True, kept=False))
    told = re.findall(r"<b>(\d+)</b> <span>([^<]*)</span> <span", page(open_app()))
    assert told == [
        ("5", "Learned all again"),
        ("4", "Learned a drawing"),
        ("3", "Rebuilt without a drawing"),
        ("2", "Rolled back to an older version"),
        ("1", "Learned a 3"),
    ]


def test_the_chart_s_table_has_its_first_and_last_point_and_not_too_many(
    settings: Settings, journal: Journal
) -> None:
    for _ in range(60):
        give(journal)
    table = ProgressPage(settings, journal).shown().table
    assert len(table) == ROWS
    assert (table[0][0], table[-1][0]) == (60, 1)
    assert [labels for labels, *_ in table] == sorted({row[0] for row in table}, reverse=True)


def test_who_has_the_figures_already_is_told_so(open_app: Open, journal: Journal) -> None:
    give(journal)
    client = open_app()
    first = client.get("/progress/data")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/progress/data", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    give(journal)
    other = open_app().get("/progress/data", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_however_many_look_the_journal_is_read_once(settings: Settings, journal: Journal) -> None:
    give(journal)
    slow, eager = ProgressPage(settings, journal, 3600), ProgressPage(settings, journal, 0)
    first = slow.shown(), eager.shown()
    give(journal)
    assert slow.shown() is first[0]
    assert eager.shown().figures.labels == first[1].figures.labels + 1


def test_the_page_has_no_inline_script_or_style(open_app: Open, journal: Journal) -> None:
    give(journal)
    text = page(open_app())
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize(
    ("tally", "words"),
    [
        (Tally(0, 0), "–"),
        (Tally(0, 3), "0.0 %"),
        (Tally(2, 3), "66.7 %"),
        (Tally(3, 3), "100 %"),
        (Tally(99_999, 100_000), "99.9 %"),
        (None, "–"),
        (0.0, "0.0 %"),
        (0.9346, "93.5 %"),
        (0.99996, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_reads_as_100_only_where_all_were_right(
    tally: Tally | float | None, words: str
) -> None:
    assert percent(tally).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "1 hour ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_times_are_told_in_words(seconds: int, words: str) -> None:
    now = datetime.now(UTC)
    assert ago(now - timedelta(seconds=seconds), now) == words
