"""All labels learned again, because the rule or the originals changed."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from inkling import checkpoints
from inkling.cli.main import inkling
from inkling.history.forget import forget
from inkling.history.rebuild import AT_ONCE, relearn_all
from inkling.history.replay import CannotReplay
from inkling.history.rollback import rollback
from inkling.journal.schema import drawings as rows
from inkling.learning.learner import Learner
from inkling.learning.rule import MEMORY, RULES, LearningRule
from inkling.trainer.trainer import Trainer
from testing.places import BOTH, ORIGINALS, Place, both, fnn, labelled
from tests.history.conftest import equal, fold, newest_fnn, problems, teach
from two_layer_net import TwoLayerNet


def test_labels_that_come_meanwhile_and_those_that_are_undone_count_as_they_should(
    place: Place,
) -> None:
    drawings = teach(place, AT_ONCE + 8, together=True)
    came: list[int] = []

    def progress(done: int, of: int) -> None:
        if not came:  # while the first lessons are learned again
            came.append(of)
            drawings.extend(teach(place, 2, first=50))
            forget(place.outbox, ORIGINALS, fnn, drawings.pop(4).id)

    version, learned = relearn_all(place.outbox, ORIGINALS, fnn(), progress)
    assert version == place.journal.current_version()
    assert learned == len(drawings)
    assert equal(newest_fnn(place), fold(drawings))
    rollback(place.outbox, ORIGINALS, fnn(), AT_ONCE + 8)
    assert problems(place) == []


def test_another_rule_shows_in_verify_and_the_command_makes_it_right(place: Place) -> None:
    slower = LearningRule(MEMORY.name, {"fnn": replace(RULES["fnn"], rate=1e-3)})
    for number in range(3):
        place.journal.add(labelled(number))
    nets = Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, slower)
    Trainer(place.outbox, ORIGINALS, nets).work()
    assert any("are not what the journal implies" in p or "off" in p for p in problems(place))
    assert relearn_all(place.outbox, ORIGINALS, fnn()) == (4, 3)
    place.deliver()
    assert problems(place) == []


def test_weights_of_before_all_was_learned_again_are_no_base_for_what_is_forgotten_later(
    place: Place,
) -> None:
    slower = LearningRule(MEMORY.name, {"fnn": replace(RULES["fnn"], rate=1e-3)})
    nets = Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, slower)
    trainer, drawings = Trainer(place.outbox, ORIGINALS, nets), []
    for number in range(3):
        drawings.append(place.journal.add(labelled(number)))
        trainer.work()
        place.deliver()
    relearn_all(place.outbox, ORIGINALS, fnn())
    place.deliver()
    assert {1, 2, 3, 4} == {*place.journal.kept_versions()}
    forget(place.outbox, ORIGINALS, fnn, drawings[1].id)
    assert equal(newest_fnn(place), fold([drawings[0], drawings[2]]))


def test_a_label_that_cannot_be_learned_again_is_named_and_nothing_is_changed(place: Place) -> None:
    teach(place, 3)
    with place.journal.engine.begin() as connection:
        connection.execute(rows.update().where(rows.c.version == 2).values(png=b"no image"))
    before = place.rows()
    with pytest.raises(CannotReplay, match="of version 2 cannot be learned any more"):
        relearn_all(place.outbox, ORIGINALS, fnn())
    assert place.rows() == before


def test_the_command_learns_all_again_with_both_nets(place: Place) -> None:
    for number in range(2):
        place.journal.add(labelled(number))
    nets = both()
    Trainer(place.outbox, BOTH, nets).work()
    done = CliRunner().invoke(inkling, ["relearn"], env=place.environ)
    assert done.exit_code == 0, done.output
    assert "Version 3 has learned 2 labels again." in done.output
    names = place.journal.objects(3) or {}
    for net in ("fnn", "cnn"):
        for part, arrays in checkpoints.parts(net, nets[net].state()).items():
            assert equal(checkpoints.get(place.outbox, names[part]), arrays)


def test_the_command_says_when_there_is_nothing_to_learn_again(place: Place) -> None:
    done = CliRunner().invoke(inkling, ["relearn"], env=place.environ)
    assert done.exit_code != 0
    assert "Nothing was learned yet" in done.output
