"""The account: what was said before each label, scored once, whatever becomes of the label."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sql
from click.testing import CliRunner

from functions import encode_png, to_bytes
from inkling.cli.main import inkling
from inkling.evaluation.prequential import Figures, PrequentialAccuracy, Tally
from inkling.evaluation.running_figures import POINTS, WINDOW
from inkling.evaluation.scored_labels import SCORED
from inkling.evaluation.sequential_test import HELPED, NOT_YET_KNOWN
from inkling.history.rollback import rollback
from inkling.journal.changes import relabel
from inkling.journal.schema import drawings
from inkling.journal.writer import Journal
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, REJECTED, TRAINED, Drawing, State
from testing.pen import draw
from testing.places import KINDS, ORIGINALS, Place, fnn, open_place

PNG = encode_png(draw(7))
NETS = SCORED[:-1]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with open_place(request.param, tmp_path, request) as place:
        yield place


@pytest.fixture
def journal(place: Place) -> Journal:
    return place.journal


def row(
    label: int,
    said: int | None = None,
    state: State = QUEUED,
    given: float | None = None,
    **more: Any,
) -> Drawing:
    """A labelled drawing of which all said the same, but for what `more` says.

    given: the probability of the label in what all of them said; none: the row has none.
    """
    if given is not None:
        more["predictions"] = dict.fromkeys(NETS, of_label(label, given))
    of = {name: more.pop(f"said_{name}", said) for name in NETS}
    values: dict[str, Any] = {
        "png": PNG,
        "digit": bytes(784),
        "said": {name: digit for name, digit in of.items() if digit is not None},
        "answer": more.pop("said_answer", said),
        "state": state,
    }
    return Drawing(str(uuid.uuid4()), label, **values | more)


def of_label(label: int, given: float) -> list[float]:
    """Ten probabilities, of which the label's is this one."""
    return [given if digit == label else (1 - given) / 9 for digit in range(10)]


def add(journal: Journal, *rows: Drawing) -> None:
    for drawing in rows:
        journal.add(drawing)


def change(journal: Journal, position: int, **values: Any) -> None:
    with journal.engine.begin() as connection:
        connection.execute(drawings.update().where(drawings.c.position == position).values(values))


def forget(journal: Journal, *positions: int) -> None:
    with journal.engine.begin() as connection:
        connection.execute(drawings.delete().where(drawings.c.position.in_(positions)))


def right(figures: Figures, model: str = "cnn") -> Tally:
    return figures.records[model].all


def test_an_empty_journal_has_an_account(journal: Journal) -> None:
    figures = PrequentialAccuracy(journal).figures()
    assert (figures.labels, figures.no_digits, figures.per_digit) == (0, 0, (0,) * 10)
    assert right(figures) == Tally(0, 0)
    assert right(figures).share is None
    assert {*figures.probability.means.values()} == {None}
    assert figures.lines.labels == ()
    assert figures.verdicts["cnn"].verdict == NOT_YET_KNOWN
    json.dumps(figures.as_json(), allow_nan=False)


def test_each_model_and_the_app_is_scored_by_what_it_said(journal: Journal) -> None:
    add(
        journal,
        row(7, 7, said_fnn=1, said_cnn=1),
        row(7, 7, said_fnn=1, said_answer=None),  # unsure: not right
        row(1, 7, said_cnn_retrained=1, said_answer=1),
    )
    figures = PrequentialAccuracy(journal).figures()
    counts = {name: record.all.right for name, record in figures.records.items()}
    assert counts == {"fnn": 0, "fnn_retrained": 2, "cnn": 1, "cnn_retrained": 3, "answer": 2}
    assert {record.all.of for record in figures.records.values()} == {3}
    assert figures.records["cnn"].per_digit[7] == Tally(1, 2)
    assert figures.records["cnn"].per_digit[1] == Tally(0, 1)
    assert figures.per_digit == (0, 1, 0, 0, 0, 0, 0, 2, 0, 0)
    fnn, cnn = figures.verdicts["fnn"], figures.verdicts["cnn"]
    assert (fnn.labels, fnn.helped, fnn.hurt) == (3, 2, 0)
    assert (cnn.labels, cnn.helped, cnn.hurt) == (3, 2, 0)
    assert fnn.in_words("FNN").startswith("Not yet known whether learning helped the FNN")


@pytest.mark.parametrize("state", [QUEUED, TRAINED, COLLECTED])
def test_labels_count_from_when_they_come(journal: Journal, state: State) -> None:
    add(journal, row(7, 7, state))
    assert right(PrequentialAccuracy(journal).figures()) == Tally(1, 1)


def test_what_is_rejected_no_digit_or_never_scored_is_not_counted(journal: Journal) -> None:
    add(
        journal,
        row(7, 7),
        row(7, 1, REJECTED),
        row(NOT_A_DIGIT, 7, COLLECTED),
        row(7, 7, said_fnn=None),
    )
    figures = PrequentialAccuracy(journal).figures()
    assert (figures.labels, figures.no_digits, figures.rejected) == (1, 1, 1)
    assert right(figures) == Tally(1, 1)


def test_the_last_labels_are_told_apart_from_all(journal: Journal) -> None:
    add(journal, *(row(3, 4) for _ in range(30)), *(row(3, 3) for _ in range(90)))
    record = PrequentialAccuracy(journal).figures().records["answer"]
    assert (record.all, record.last) == (Tally(90, 120), Tally(90, WINDOW))


def test_the_lines_run_over_all_labels_and_over_the_last_hundred(journal: Journal) -> None:
    rng = np.random.default_rng(1)
    flags = rng.random(340) < 0.8
    insert(journal, [row(5, 5 if flag else 6) for flag in flags])
    figures = PrequentialAccuracy(journal).figures()
    lines = figures.lines
    assert len(lines.labels) == POINTS
    assert (lines.labels[0], lines.labels[-1]) == (1, 340)
    assert list(lines.labels) == sorted(set(lines.labels))
    for at, end in enumerate(lines.labels):
        mean = float(flags[:end].mean())
        assert lines.overall["cnn"][at] == pytest.approx(mean, abs=1e-5)
        recent = float(flags[max(0, end - WINDOW) : end].mean())
        assert lines.recent["answer"][at] == pytest.approx(recent, abs=1e-5)
    assert {*lines.overall} == {*lines.recent} == {*SCORED}


def insert(journal: Journal, rows: list[Drawing]) -> None:
    """Many rows in one transaction."""
    with journal.engine.begin() as connection:
        for drawing in rows:
            journal._insert(connection, drawing)


Change = Callable[[Journal], None]


def changed(position: int, **values: Any) -> Change:
    return lambda journal: change(journal, position, **values)


def added(drawing: Drawing) -> Change:
    return lambda journal: add(journal, drawing)


def forgotten(*positions: int) -> Change:
    return lambda journal: forget(journal, *positions)


CHANGES: dict[str, list[Change]] = {
    "another label": [added(row(2, 2, given=0.7))],
    "learned": [changed(3, state=TRAINED, version=1)],
    "rejected": [changed(3, state=REJECTED, rejection={"code": "not believed", "label": 3})],
    "rolled back": [changed(n, state=REJECTED) for n in (5, 6, 7, 8)],
    "accepted after all": [changed(2, state=QUEUED)],
    "forgotten": [forgotten(4)],
    "the newest forgotten": [forgotten(8)],
    "all forgotten": [forgotten(*range(1, 9))],
    "one forgotten, another there": [forgotten(4), added(row(4, 4, given=0.2))],
    "one rejected, another not": [changed(1, state=REJECTED), changed(2, state=QUEUED)],
    "a rejected one more": [added(row(2, 2, REJECTED))],
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_account_that_is_kept_says_what_a_new_one_says(journal: Journal, name: str) -> None:
    add(
        journal, *(row(n, n if n % 3 else 0, given=n / 10 if n != 6 else None) for n in range(1, 9))
    )
    change(journal, 2, state=REJECTED)
    kept = PrequentialAccuracy(journal)
    before = kept.figures()
    for step in CHANGES[name]:
        step(journal)
    after = kept.figures()
    assert after == PrequentialAccuracy(journal).figures()
    assert (after == before) is (name == "learned")


def test_what_was_said_before_a_label_stands_when_it_is_learned(place: Place) -> None:
    seen = Drawing.of(7, draw(7))
    drawing = place.journal.add(row(7, 1, said_answer=None, png=seen.png, digit=seen.digit))
    before = PrequentialAccuracy(place.journal).figures()
    place.learn()
    found = place.journal.find(drawing.id)
    assert found is not None
    assert found.state == TRAINED
    assert PrequentialAccuracy(place.journal).figures() == before
    assert [record.all for record in before.records.values()] == [Tally(0, 1)] * len(SCORED)


def test_a_rollback_that_swaps_labels_is_seen_whatever_their_positions_add_up_to(
    place: Place,
) -> None:
    said: list[int | None] = [1, 2, 0, 0, 5]  # what was said of the labels 1 to 5

    def label(*numbers: int) -> None:
        for number in numbers:
            seen = Drawing.of(number, draw(number))
            drawing = row(number, said[number - 1], png=seen.png, digit=seen.digit)
            place.journal.add(drawing)
        place.learn()

    label(1)
    label(2)  # version 2
    rollback(place.outbox, ORIGINALS, fnn(), 1)
    label(3, 4)  # version 5
    rollback(place.outbox, ORIGINALS, fnn(), 2)
    label(5)
    kept = PrequentialAccuracy(place.journal)
    assert right(kept.figures()) == Tally(3, 3)
    rollback(place.outbox, ORIGINALS, fnn(), 5)  # the 2nd and 5th out, the 3rd and 4th in
    assert right(kept.figures()) == Tally(1, 3)
    assert kept.figures() == PrequentialAccuracy(place.journal).figures()


def test_a_label_that_is_committed_late_is_counted(journal: Journal) -> None:
    """PostgreSQL gives positions before rows are seen: a later one may be there first."""
    add(journal, row(1, 1), row(2, 1), row(3, 1))
    late = read_row(journal, 2)
    forget(journal, 2)
    kept = PrequentialAccuracy(journal)
    assert kept.figures().labels == 2
    with journal.engine.begin() as connection:
        connection.execute(drawings.insert().values(late))
    assert kept.figures() == PrequentialAccuracy(journal).figures()
    assert kept.figures().labels == 3


def read_row(journal: Journal, position: int) -> dict[str, Any]:
    with journal.engine.begin() as connection:
        query = drawings.select().where(drawings.c.position == position)
        found = dict(connection.execute(query).mappings().one())
    return {n: sql.null() if v is None else v for n, v in found.items()}


def test_no_row_is_read_twice(journal: Journal) -> None:
    add(journal, *(row(n, n) for n in range(5)))
    account = PrequentialAccuracy(journal)
    account.figures()
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        statements.append(statement)

    sql.event.listen(journal.engine, "before_cursor_execute", note)
    account.figures()
    assert not any("said" in statement for statement in statements)
    add(journal, row(7, 7))
    statements.clear()
    assert account.figures().labels == 6
    reading = [statement for statement in statements if "said" in statement]
    assert len(reading) == 1
    assert "png" not in reading[0]
    assert "position >=" in reading[0]


def test_threads_share_an_account(journal: Journal) -> None:
    account = PrequentialAccuracy(journal)
    found: list[int] = []

    def look() -> None:
        found.append(account.figures().labels)

    for n in range(1, 6):
        add(journal, row(n, n))
        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [n for n in range(1, 6) for _ in range(4)]


def test_what_the_nets_saw_comes_back_from_the_row(journal: Journal) -> None:
    digit = np.random.default_rng(2).random((28, 28)).astype(np.float32)
    drawing = row(7, 7, digit=to_bytes(digit))
    add(journal, drawing)
    found = journal.find(drawing.id)
    assert found is not None
    np.testing.assert_allclose(found.seen(), digit, atol=1 / 500)


# --- the command ---


def told(place: Place, *words: str) -> str:
    done = CliRunner().invoke(inkling, ["account", *words], env=place.environ)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_command_tells_the_tables_and_the_verdict(place: Place) -> None:
    assert told(place).startswith("0 labels scored.\n\nNot yet known")
    better: dict[str, Any] = {"said_fnn": 1, "said_cnn": 1}
    insert(place.journal, [row(7, 7, given=1, **better) for _ in range(8)])
    insert(place.journal, [row(1, 7, given=1, **better), row(NOT_A_DIGIT, 1, COLLECTED)])
    insert(place.journal, [row(7, 1, REJECTED) for _ in range(2)])
    assert told(place).splitlines() == [
        "9 labels scored. Left out: 1 that is no digit, 2 rejected.",
        "",
        "                    right  accuracy    last 9  mean probability",
        "fnn                     1    11.11%    11.11%           100.00%",
        "fnn_retrained           8    88.89%    88.89%           100.00%",
        "cnn                     1    11.11%    11.11%           100.00%",
        "cnn_retrained           8    88.89%    88.89%           100.00%",
        "answer                  8    88.89%    88.89%                 –",
        "",
        "Right per digit, of how many",
        cells("", *range(10)),
        cells("fnn", 0, 1, *[0] * 8),
        cells("fnn_retrained", *[0] * 7, 8, 0, 0),
        cells("cnn", 0, 1, *[0] * 8),
        cells("cnn_retrained", *[0] * 7, 8, 0, 0),
        cells("answer", *[0] * 7, 8, 0, 0),
        cells("of", 0, 1, *[0] * 5, 8, 0, 0),
        "",
        *verdict_lines("FNN"),
        "",
        *verdict_lines("CNN"),
    ]


def cells(name: str, *numbers: int) -> str:
    return f"{name:15}" + "".join(f"{number:8}" for number in numbers)


def verdict_lines(net: str) -> list[str]:
    return [
        f"Learning has helped the {net}: on 9 labels it put 8 mistakes of the original right "
        "and made 1 that the original did not make.",
        "  helped, known since label 7; e-value 5.59, at its highest 50.3; 20 decides",
    ]


def test_the_command_gives_everything_as_json(place: Place) -> None:
    insert(place.journal, [row(7, 7, said_cnn=1) for _ in range(8)])
    found = json.loads(told(place, "--json"))
    assert found["records"]["cnn_retrained"]["all"] == {"right": 8, "of": 8}
    assert found["verdicts"]["cnn"]["verdict"] == HELPED
    assert found["verdicts"]["fnn"]["verdict"] == NOT_YET_KNOWN
    assert found == json.loads(json.dumps(PrequentialAccuracy(place.journal).figures().as_json()))


def test_a_corrected_label_is_scored_as_it_is_now(journal: Journal) -> None:
    account = PrequentialAccuracy(journal)
    first = journal.add(row(3, said=3))
    journal.add(row(4, said=4))
    assert account.figures().records["cnn"].all == Tally(2, 2)
    with journal.alone() as change:
        relabel(change, first.id, 8)
    now = account.figures()
    assert now.records["cnn"].all == Tally(1, 2)
    assert now.per_digit[8] == 1
    assert now == PrequentialAccuracy(journal).figures()
