"""Which labels are suspected of having steered the nets, and how many of them are left out."""

from dataclasses import replace

import numpy as np

from inkling.learning.gate import Drift
from inkling.learning.steering import AT_FIRST, attempts, digits_to_check, doubtful
from inkling.records import Drawing
from testing.pen import draw
from testing.places import fnn
from tests.trainer.test_screen_and_gate import AS_WHAT, DOUBTFUL, LIE, eager, probe_of


def test_one_more_digit_is_checked_with_each_version_in_turn() -> None:
    assert [digits_to_check([4, 4], version) for version in (19, 20, 24)] == [{4, 9}, {4, 0}, {4}]
    assert {n for version in range(10) for n in digits_to_check([], version)} == {*range(10)}


def test_the_latest_are_left_out_first_and_at_last_all() -> None:
    drawings = [Drawing.of(1, draw(1)) for _ in range(2 * AT_FIRST + 3)]
    chosen = [*attempts(drawings)]
    assert [len(part) for part in chosen] == [AT_FIRST, 2 * AT_FIRST, 2 * AT_FIRST + 3]
    assert all(part == drawings[-len(part) :] for part in chosen)
    assert [*attempts(drawings[:3])] == [drawings[:3]]


def test_suspected_is_a_label_that_the_originals_doubt_and_no_person_accepted() -> None:
    clear, other = Drawing.of(LIE, draw(LIE)), Drawing.of(1, draw(1))
    lie, accepted = Drawing.of(LIE, DOUBTFUL), replace(Drawing.of(LIE, DOUBTFUL), accepted=True)
    drawings = [clear, lie, other, accepted, lie]
    assert doubtful(fnn(), drawings, LIE) == [lie, lie]
    assert doubtful(fnn(), drawings, 1) == []
    assert doubtful(fnn(), drawings, 8) == []


def test_what_the_nets_learned_since_does_not_make_a_label_less_doubtful() -> None:
    learner, lie = fnn(), Drawing.of(LIE, DOUBTFUL)
    for _ in range(5):
        learner.learn(replace(lie, id=Drawing.of(LIE, DOUBTFUL).id))
    assert learner["fnn"].probabilities(lie.seen()[np.newaxis])[0, LIE] > 0.5
    assert doubtful(learner, [lie], LIE) == [lie]


def test_a_drift_is_found_where_the_probe_has_digits_near_what_was_learned() -> None:
    near, far = (eager(probe) for probe in (probe_of(DOUBTFUL, AS_WHAT, LIE), probe_of(draw(1), 1)))
    for nets in (near, far):
        assert nets.drift(range(10)) is None
        nets.learn(Drawing.of(LIE, DOUBTFUL))
    drift = near.drift([LIE])
    assert drift is not None
    assert drift[:3] == ("fnn", AS_WHAT, LIE)
    assert drift.nats > 2
    assert near.drift([AS_WHAT]) is None
    assert near.is_within(drift, 10)
    assert not near.is_within(drift, 2)
    assert far.is_within(Drift("fnn", 4, LIE, 0), 2)
