"""The account's mean probability: what each model gave the right digit, where its row says so."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkling.evaluation.prequential import PrequentialAccuracy, Tally
from inkling.evaluation.running_figures import POINTS
from inkling.journal.writer import Journal
from inkling.records import COLLECTED, NOT_A_DIGIT, REJECTED
from testing.places import KINDS, open_place
from tests.evaluation.test_prequential import NETS, add, forget, insert, of_label, right, row


@pytest.fixture(params=KINDS)
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    with open_place(request.param, tmp_path, request) as place:
        yield place.journal


def test_the_mean_probability_is_of_what_each_model_gave_the_label(journal: Journal) -> None:
    said = {"fnn": 0.5, "fnn_retrained": 0.75, "cnn": 1.0, "cnn_retrained": 0.0}
    predictions = {model: of_label(7, given) for model, given in said.items()}
    add(journal, row(7, 7, predictions=predictions), row(1, 1, given=0.9))
    found = PrequentialAccuracy(journal).figures()
    assert found.probability.labels == 2
    means = {model: (given + 0.9) / 2 for model, given in said.items()}
    assert found.probability.means == pytest.approx(means, abs=0.003)
    last = {model: line[-1] for model, line in found.lines.probability.items()}
    assert last == found.probability.means


def test_the_probability_s_line_runs_over_all_labels(journal: Journal) -> None:
    given = np.random.default_rng(3).beta(8, 1, 340)
    insert(journal, [row(n % 10, 0, given=float(p)) for n, p in enumerate(given)])
    lines = PrequentialAccuracy(journal).figures().lines
    assert len(lines.labels) == POINTS
    for at, end in enumerate(lines.labels):
        mean = float(given[:end].mean())
        assert lines.probability["cnn"][at] == pytest.approx(mean, abs=0.003 if end < 30 else 0.001)


LACKING: dict[str, Any] = {
    "none": {},
    "null": None,
    "one model's": {model: of_label(7, 0.1) for model in NETS[1:]},
    "a digit's": dict.fromkeys(NETS, [0.1] * 7),
    "numbers": dict.fromkeys(NETS, ["0.1"] * 10),
    "those of nets now gone": {"ann": of_label(7, 0.1)},
}


@pytest.mark.parametrize("lacking", LACKING)
def test_a_row_that_lacks_probabilities_counts_in_all_but_their_mean(
    journal: Journal, lacking: str
) -> None:
    add(journal, row(7, 7, predictions=LACKING[lacking]), row(7, 7, given=0.9))
    figures = PrequentialAccuracy(journal).figures()
    assert right(figures) == Tally(2, 2)
    assert figures.probability.labels == 1
    assert figures.probability.means["fnn"] == pytest.approx(0.9, abs=0.003)
    assert figures.lines.probability["fnn"] == (None, figures.probability.means["fnn"])
    forget(journal, 2)
    figures = PrequentialAccuracy(journal).figures()
    assert (figures.probability.labels, {*figures.probability.means.values()}) == (0, {None})


def test_what_is_rejected_or_no_digit_has_no_part_in_the_mean(journal: Journal) -> None:
    none = row(NOT_A_DIGIT, 7, COLLECTED, predictions=dict.fromkeys(NETS, [0.1] * 10))
    add(journal, row(7, 7, given=0.8), row(7, 7, REJECTED, given=0.1), none)
    found = PrequentialAccuracy(journal).figures().probability
    assert found.labels == 1
    assert found.means["cnn"] == pytest.approx(0.8, abs=0.003)
