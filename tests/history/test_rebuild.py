"""All labels learned again, because the rule or the originals changed."""

import logging
from dataclasses import replace

import pytest
from click.testing import CliRunner

from inkling import checkpoints
from inkling.cli.main import inkling
from inkling.history.forget import forget
from inkling.history.rebuild import AT_ONCE, Relearning, outdated
from inkling.history.replay import CannotReplay
from inkling.history.rollback import rollback
from inkling.journal.schema import drawings as rows
from inkling.journal.schema import versions
from inkling.learning.learner import Learner
from inkling.learning.rule import FIRST, RULES, Rule
from inkling.trainer.trainer import Trainer
from testing.places import BOTH, ORIGINALS, Place, both, fnn, labelled
from tests.history.conftest import equal, fold, newest_fnn, problems, teach
from two_layer_net import TwoLayerNet


def by_the_first_rule(place: Place, count: int) -> None:
    """Labels learned as the first releases did."""
    for number in range(count):
        place.journal.add(labelled(number))
    nets = Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, FIRST)
    trainer = Trainer(place.outbox, ORIGINALS, nets)
    while trainer.work():
        pass
    place.deliver()
    with place.journal.engine.begin() as connection:  # they had no such part
        for number, objects in place.journal.kept_versions().items():
            older = {part: name for part, name in objects.items() if part != "fnn_optimizer"}
            row = versions.update().where(versions.c.number == number)
            connection.execute(row.values(objects=older))


def test_weights_of_the_first_rule_are_learned_again_before_anything_else(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    by_the_first_rule(place, AT_ONCE + 5)
    assert outdated(place.journal, AT_ONCE + 5)
    learned = [*place.journal.lessons(AT_ONCE + 5)]
    queued = place.journal.add(labelled(3))
    with caplog.at_level(logging.INFO, "inkling.trainer"):
        place.learn()
    assert "all is learned again" in caplog.text
    assert f"has learned {AT_ONCE + 5} labels again" in caplog.text
    assert place.journal.current_version() == AT_ONCE + 7
    assert equal(newest_fnn(place), fold([*learned, queued]))
    assert not outdated(place.journal, AT_ONCE + 7)
    assert problems(place) == []


def test_an_empty_journal_and_one_of_today_are_not_learned_again(place: Place) -> None:
    assert not outdated(place.journal, 0)
    teach(place, 2)
    assert not outdated(place.journal, 2)


def test_labels_that_come_meanwhile_and_those_that_are_undone_count_as_they_should(
    place: Place,
) -> None:
    drawings = teach(place, AT_ONCE + 8, together=True)
    again = Relearning(place.outbox, ORIGINALS, fnn())
    assert again.work()
    drawings += teach(place, 2, first=50)
    forget(place.outbox, ORIGINALS, fnn, drawings.pop(4).id)
    assert again.work()  # from the beginning
    while again.work():
        pass
    assert again.version == place.journal.current_version()
    assert equal(newest_fnn(place), fold(drawings))
    rollback(place.outbox, ORIGINALS, fnn(), AT_ONCE + 8)
    assert problems(place) == []


def test_another_rule_shows_in_verify_and_the_command_makes_it_right(place: Place) -> None:
    assert isinstance(RULES["fnn"], Rule)
    slower = {"fnn": replace(RULES["fnn"], rate=1e-3)}
    for number in range(3):
        place.journal.add(labelled(number))
    nets = Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, slower)
    Trainer(place.outbox, ORIGINALS, nets).work()
    assert any("are not what the journal implies" in p or "off" in p for p in problems(place))
    again = Relearning(place.outbox, ORIGINALS, fnn())
    while again.work():
        pass
    assert (again.version, again.done) == (4, 3)
    place.deliver()
    assert problems(place) == []


def test_a_label_that_cannot_be_learned_again_is_named_and_learning_goes_on(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    by_the_first_rule(place, 3)
    with place.journal.engine.begin() as connection:
        connection.execute(
            rows.update().where(rows.c.version == 2).values(png=b"no image", digit=bytes(784))
        )
    with pytest.raises(CannotReplay, match="of version 2 cannot be learned any more"):
        Relearning(place.outbox, ORIGINALS, fnn()).work()
    place.journal.add(labelled(7))
    place.learn()
    assert "The weights stay as an older rule made them. Drawing" in caplog.text
    assert place.journal.current_version() == 4


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
