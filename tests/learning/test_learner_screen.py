"""The learner's screen: what looks like no digit is not learned, unless it was learned before."""

import shutil
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from functions import Grey, encode_png, process_image, to_bytes
from inkling import checkpoints
from inkling.learning.learner import Learner
from inkling.learning.replay_buffer import Refused
from inkling.nets.unlike_digits import FILE
from inkling.records import Drawing
from inkling.rejections import Code
from inkling.settings import ROOT
from testing import junk
from testing.pen import draw
from two_layer_net import TwoLayerNet

MODELS = ROOT / "models"
ORIGINALS = checkpoints.originals(MODELS)


def drawn(page: Grey, label: int) -> Drawing:
    """A row as the web worker makes it of a page."""
    seen = process_image(page)
    assert seen is not None
    return Drawing(str(uuid.UUID(int=1)), label, encode_png(page), to_bytes(seen))


SMILEY = drawn(junk.draw("smiley", 1, seed=3)[0], 8)


def learner(models_folder: Path = MODELS) -> Learner:
    nets = {"fnn": TwoLayerNet(ORIGINALS["fnn"])}
    return Learner(nets, ORIGINALS, models_folder=models_folder)


def test_a_label_of_what_looks_like_no_digit_is_refused_and_moves_nothing() -> None:
    found = learner()
    before = found.states()["fnn"]
    with pytest.raises(Refused) as refused:
        found.learn(SMILEY, screened=True)
    assert refused.value.rejection.code is Code.NO_DIGIT
    after = found.states()["fnn"]
    assert all((before[name] == after[name]).all() for name in before)
    assert found.learn(drawn(draw(7), 7), screened=True)


def test_what_was_learned_is_learned_again_by_replay_whatever_it_looks_like() -> None:
    """Replay does not screen: what is in the journal as trained stays what it was."""
    assert learner().learn(SMILEY)


def test_without_the_net_that_tells_only_the_models_are_asked(tmp_path: Path) -> None:
    for path in MODELS.iterdir():
        if path.is_file() and path.name != FILE:
            shutil.copy(path, tmp_path)
    found = learner(tmp_path)
    said = {digit: _outcome(found, digit) for digit in range(10)}
    assert None in said.values()  # some digit is believed, and learned
    assert Code.NO_DIGIT not in said.values()


def _outcome(found: Learner, digit: int) -> Code | None:
    try:
        found.learn(replace(SMILEY, label=digit), screened=True)
    except Refused as refused:
        return refused.rejection.code
    return None
