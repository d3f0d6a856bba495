"""Whether learning helped: fair bets in exact small cases, errors and power by simulation."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from inkling.evaluation.sequential_test import (
    ALPHA,
    HELPED,
    HURT,
    NOT_YET_KNOWN,
    Verdict,
    log_fortunes,
    sequential_test,
)

Flags = NDArray[np.bool_]


def flags(text: str) -> Flags:
    return np.array([letter == "+" for letter in text], np.bool_)


def judged(pairs: str, **more: float) -> Verdict:
    """The verdict on pairs: + helped, - hurt, = both right, . both wrong."""
    retrained = np.array([letter in "+=" for letter in pairs], np.bool_)
    original = np.array([letter in "-=" for letter in pairs], np.bool_)
    return sequential_test(original, retrained, **more)


@pytest.mark.parametrize(
    ("pairs", "fortunes"),
    [
        ("+", [1]),  # the first stake is even
        ("++", [1, 3 / 2]),
        ("+++", [1, 3 / 2, 5 / 2]),  # × 2 · (5/2)/3
        ("++++", [1, 3 / 2, 5 / 2, 35 / 8]),  # × 2 · (7/2)/4
        ("+-", [1, 1 / 2]),
        ("+-+", [1, 1 / 2, 1 / 2]),  # × 2 · (3/2)/3
        ("--+", [1, 3 / 2, 1 / 2]),  # × 2 · (1/2)/3
    ],
)
def test_the_fortune_is_what_a_hand_computes(pairs: str, fortunes: list[float]) -> None:
    np.testing.assert_allclose(np.exp(log_fortunes(flags(pairs))), fortunes, rtol=1e-12)


def test_the_fortune_is_the_mixture_of_all_fixed_bets() -> None:
    """∫ (2θ)^h (2 − 2θ)^u dBeta(1/2, 1/2), in closed form, whatever the order."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        helped = rng.random(rng.integers(1, 60)) < 0.7
        h, n = int(helped.sum()), len(helped)
        beta = math.lgamma(h + 0.5) + math.lgamma(n - h + 0.5) - math.lgamma(n + 1)
        exact = n * math.log(2) + beta - math.log(math.pi)
        assert log_fortunes(helped)[-1] == pytest.approx(exact, abs=1e-9)


def test_fair_pairs_leave_the_fortune_where_it_was_on_average() -> None:
    """Over all 2^10 sequences of ten pairs its mean is 1, as a martingale's that began there."""
    sequences = np.array([[bool(n >> bit & 1) for bit in range(10)] for n in range(1024)])
    last = [math.exp(log_fortunes(sequence)[-1]) for sequence in sequences]
    assert sum(last) / 1024 == pytest.approx(1, rel=1e-12)


def test_seven_of_a_kind_are_the_fewest_that_tell() -> None:
    """1, 3/2, 5/2, 35/8, 63/8, 231/16, 429/16: the seventh is beyond 20."""
    assert judged("+" * 6).verdict == NOT_YET_KNOWN
    found = judged("+" * 7)
    assert (found.verdict, found.since) == (HELPED, 7)
    assert found.e_value == found.highest == pytest.approx(429 / 16)
    assert judged("-" * 7).verdict == HURT


def test_labels_on_which_both_are_alike_change_nothing_but_their_number() -> None:
    found = judged("=.+=+.=+++..++==")
    assert (found.labels, found.helped, found.hurt, found.since) == (16, 7, 0, 14)
    assert found.e_value == judged("+" * 7).e_value
    assert found.in_words("FNN") == (
        "Learning has helped the FNN: on 16 labels it put 7 mistakes of the original right "
        "and made none that the original did not make."
    )


def test_without_evidence_nothing_is_known() -> None:
    empty, even = judged(""), judged("+-" * 50)
    assert empty == Verdict(NOT_YET_KNOWN, 0, 0, 0, 1.0, 1.0, None)
    assert empty.in_words("FNN").endswith("there are no labels.")
    assert (even.verdict, even.helped, even.hurt, even.since) == (NOT_YET_KNOWN, 50, 50, None)
    assert even.e_value < 1 == even.highest
    assert even.in_words("FNN").startswith(
        "Not yet known whether learning helped the FNN: on 100 labels"
    )
    assert judged("==").in_words("FNN") == (
        "Not yet known whether learning helped the FNN: on 2 labels it put no mistake of the "
        "original right and made none that the original did not make."
    )
    assert "put 1 mistake of the original right and made none" in judged("+").in_words("FNN")


def test_a_verdict_is_kept_when_the_fortune_falls_and_turns_when_the_other_side_tells() -> None:
    kept = judged("+" * 7 + "-" * 7)
    assert (kept.verdict, kept.since) == (HELPED, 7)
    assert kept.e_value < 1 < 20 < kept.highest
    turned = judged("+" * 12 + "-" * 60)
    assert turned.verdict == HURT
    assert turned.since is not None
    losses = turned.since - 12
    assert judged("+" * 12 + "-" * (losses - 1)).verdict == HELPED
    assert judged("+" * 12 + "-" * losses).verdict == HURT


def test_both_sides_are_alike() -> None:
    rng = np.random.default_rng(4)
    mirror = {HELPED: HURT, HURT: HELPED, NOT_YET_KNOWN: NOT_YET_KNOWN}
    for chance in rng.random(50):
        original, retrained = rng.random((2, 400)) < [[0.5], [chance]]
        one, other = (
            sequential_test(original, retrained),
            sequential_test(retrained, original),
        )
        assert other.verdict == mirror[one.verdict]
        assert (other.helped, other.hurt) == (one.hurt, one.helped)
        assert (other.e_value, other.highest, other.since) == (one.e_value, one.highest, one.since)


def test_a_stricter_reader_waits_longer() -> None:
    assert judged("+" * 7, alpha=0.01).verdict == NOT_YET_KNOWN
    assert judged("+" * 11, alpha=0.01).verdict == HELPED


def ever(chance: float, sequences: int, pairs: int, seed: int) -> tuple[float, float]:
    """The shares of sequences in which, looking after every pair, helped and hurt were ever said.

    `chance` is that of a pair to favour the retrained net.
    """
    rng = np.random.default_rng(seed)
    counts = {HELPED: 0, HURT: 0}
    for _ in range(sequences):
        helped = rng.random(pairs) < chance
        told = log_fortunes(helped) >= -np.log(ALPHA)
        lead = np.cumsum(np.where(helped, 1, -1))
        counts[HELPED] += bool((told & (lead > 0)).any())
        counts[HURT] += bool((told & (lead < 0)).any())
    return counts[HELPED] / sequences, counts[HURT] / sequences


def test_where_learning_changes_nothing_a_verdict_is_rarely_ever_given() -> None:
    """4,000 sequences of 2,000 fair pairs, looked at after each: either verdict in at most 5 %."""
    helped, hurt = ever(0.5, 4000, 2000, seed=1)
    assert 0.005 < helped + hurt <= ALPHA
    assert helped > 0.002 < hurt


@pytest.mark.parametrize("chance", [0.49, 0.45, 0.3])
def test_where_learning_hurts_helped_is_rarely_ever_said(chance: float) -> None:
    helped, _ = ever(chance, 2000, 1000, seed=2)
    assert helped <= ALPHA / 2


def test_pairs_that_depend_on_the_past_win_nothing_either() -> None:
    """Fair given the past is all that is asked: here labels stop coming once it looks good."""
    rng = np.random.default_rng(6)
    told = 0
    for _ in range(1500):
        helped = rng.random(1000) < 0.5
        lead = np.cumsum(np.where(helped, 1, -1)) / np.sqrt(np.arange(1, 1001))
        stop = int(np.argmax(lead > 1.96)) + 1 if (lead > 1.96).any() else 1000
        told += log_fortunes(helped[:stop])[-1] >= -np.log(ALPHA)
    assert told / 1500 <= ALPHA


@pytest.mark.parametrize(("chance", "pairs", "least"), [(0.75, 60, 0.85), (0.65, 200, 0.85)])
def test_what_is_there_is_found(chance: float, pairs: int, least: float) -> None:
    helped, hurt = ever(chance, 1000, pairs, seed=5)
    assert helped > least
    assert hurt < 0.01
    assert ever(1 - chance, 1000, pairs, seed=5)[1] > least


def test_an_overwhelming_verdict_is_a_finite_number() -> None:
    found = judged("+" * 3000)
    assert found.verdict == HELPED
    assert found.e_value == found.highest == pytest.approx(1e300)
