"""The newest weights are gone or damaged: a trainer makes them anew from the journal."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from inkling.checkpoints import get
from inkling.history.verify import verify
from inkling.journal.schema import contents, versions
from inkling.learning.learner import Learner
from inkling.learning.rule import MEMORY, RULES, LearningRule
from inkling.storage.folder import FolderStore
from inkling.trainer.trainer import Trainer
from testing.places import BOTH, ORIGINALS, Place, both, fnn, labelled
from tests.history.conftest import equal, fold, newest_fnn, place, problems, teach
from two_layer_net import TwoLayerNet

__all__ = ["place"]  # the fixture


def forget_held(place: Place) -> None:
    """Nothing but the store has the newest weights, as where it was changed for another."""
    with place.journal.engine.begin() as connection:
        connection.execute(contents.delete())


def delete_newest(place: Place) -> None:
    for name in (place.journal.objects(place.journal.current_version()) or {}).values():
        place.store.delete(name)


def delete_all(place: Place) -> None:
    for name in [*place.store.names("weights/")]:
        place.store.delete(name)


def damage(place: Place) -> None:
    objects = place.journal.objects(place.journal.current_version()) or {}
    assert isinstance(place.store, FolderStore)
    file = place.store.folder / objects["fnn"]
    file.write_bytes(file.read_bytes()[:-100])


@pytest.mark.parametrize("lose", [delete_newest, delete_all, damage])
def test_lost_weights_are_made_anew_bit_for_bit_and_no_label_is_lost(
    place: Place, lose: Callable[[Place], None], caplog: pytest.LogCaptureFixture
) -> None:
    drawings = teach(place, 13)
    before = newest_fnn(place)
    forget_held(place)
    lose(place)
    drawings.append(place.journal.add(labelled(20)))  # that waits meanwhile
    trainer = place.trainer()
    assert trainer.version == 13
    assert equal(newest_fnn(place), before)
    assert caplog.text.count("The newest weights are lost.") == 1
    assert caplog.text.count("The weights of version 13 are there again") == 1
    while trainer.work():
        pass
    place.deliver()
    assert equal(newest_fnn(place), fold(drawings))
    assert problems(place) == []
    objects = place.journal.objects(14) or {}
    assert equal(get(place.store, objects["fnn"]), newest_fnn(place))


def test_weights_that_were_not_stored_yet_are_learned_again_without_a_word(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    drawings = teach(place, 13)
    before = newest_fnn(place)
    with place.journal.engine.begin() as connection:
        newest = versions.c.number == place.journal.current_version()
        connection.execute(versions.update().where(newest).values(objects=None, kept=False))
    drawings.append(place.journal.add(labelled(20)))
    trainer = place.trainer()
    assert trainer.version == 13
    assert equal(newest_fnn(place), before)
    while trainer.work():
        pass
    place.deliver()
    assert equal(newest_fnn(place), fold(drawings))
    assert problems(place) == []
    assert "lost" not in caplog.text


def test_only_what_no_stored_version_has_is_learned_again(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    teach(place, 6)
    forget_held(place)
    delete_newest(place)
    place.trainer()
    assert "bit for bit; labels learned again: 1." in caplog.text


def test_the_weights_of_another_rule_become_a_version_of_their_own(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    slower = LearningRule(MEMORY.name, {"fnn": replace(RULES["fnn"], rate=1e-3)})
    for number in range(3):
        place.journal.add(labelled(number))
    nets = Learner({"fnn": TwoLayerNet(ORIGINALS["fnn"])}, ORIGINALS, slower)
    Trainer(place.outbox, ORIGINALS, nets).work()
    place.deliver()
    forget_held(place)
    delete_newest(place)
    assert place.trainer().version == 4
    assert "learned by the rule and the originals of today; labels learned again: 3." in caplog.text
    place.deliver()
    assert problems(place) == []


def test_both_nets_come_out_as_they_were(place: Place) -> None:
    for number in range(3):
        place.journal.add(labelled(number))
    nets = both()
    Trainer(place.outbox, BOTH, nets).work()
    place.deliver()
    before = nets.states()
    forget_held(place)
    delete_newest(place)
    assert Trainer(place.outbox, BOTH, nets).version == 3
    for net, state in nets.states().items():
        assert equal(state, before[net])
    assert verify(place.outbox, BOTH, None).findings == []


def test_it_ends_where_it_is_another_ones_turn_and_changes_nothing(place: Place) -> None:
    teach(place, 3)
    forget_held(place)
    delete_all(place)
    before = place.rows()

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trainer(place.outbox, ORIGINALS, fnn(), remaking=stop)
    assert place.rows() == before
    assert [*place.store.names("weights/")] == []


def test_a_store_that_is_away_is_waited_for(place: Place) -> None:
    teach(place, 2)
    forget_held(place)

    class Away(type(place.store)):  # type: ignore[misc]
        def get(self, name: str) -> bytes:
            raise OSError("The store is away.")

    place.store.__class__ = Away
    with pytest.raises(OSError, match="away"):
        place.trainer()
    assert place.journal.current_version() == 2
