"""The outbox: what the journal holds until the object store has it.

A drawing lives in its row, the newest weights beside them, so that nobody who draws, learns or
answers ever waits for a store behind a network. `uploader.py` carries it all there.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling import checkpoints
from inkling.errors import Unavailable
from inkling.journal.database import JournalUnavailable
from inkling.journal.exclusive import erase, held
from inkling.journal.reader import UNSTORED
from inkling.journal.schema import drawings, unwanted, versions
from inkling.journal.writer import Journal
from inkling.records import DELETING, Drawing
from inkling.storage import keys
from inkling.storage.base import ObjectMissing, ObjectStore

TRIES = 5  # versions that were replaced before their weights could be read

log = logging.getLogger("inkling.outbox")

Named = dict[int, dict[str, str]]  # names of objects by part, by version


class Overtaken(Unavailable):
    """Versions come faster than their weights can be read."""


@dataclass(frozen=True)
class Unstored:
    """How much the object store does not have yet."""

    drawings: int
    versions: int


def drawing_objects(drawing: Drawing) -> dict[str, bytes]:
    """Return what the object store has of a drawing, by name: picture, and strokes if any."""
    objects = {keys.drawing_key(drawing.label, drawing.id, "png"): drawing.png}
    if drawing.strokes is not None:
        strokes = json.dumps(drawing.strokes).encode()
        objects[keys.drawing_key(drawing.label, drawing.id, "json")] = strokes
    return objects


class Outbox:
    """What is on its way from the journal to the object store, and both as one to read from."""

    def __init__(self, journal: Journal, store: ObjectStore) -> None:
        self.journal, self.store = journal, store

    def get(self, name: str) -> bytes:
        """Return the journal's object, else the store's. Raises ObjectMissing where neither has it.

        Raises ObjectMissing where neither has it.
        """
        with self.journal.read() as connection:
            content = held(connection, name)
        return self.store.get(name) if content is None else content

    def load(
        self, version: int, nets: Iterable[str], *, optimizer: bool = False
    ) -> dict[str, checkpoints.Arrays]:
        """Return a stored version's weights by net, with its optimizer's state if asked for.

        Raises ObjectMissing where they are not stored any more, BadWeights where they are damaged,
        OSError where the store does not answer.
        """
        objects = self.journal.objects(version)
        if objects is None:
            raise ObjectMissing(f"The list of version {version}'s weights")
        return checkpoints.load(self, objects, nets, optimizer=optimizer)

    def load_newest(
        self, nets: Iterable[str], *, optimizer: bool = False
    ) -> tuple[int, dict[str, checkpoints.Arrays]]:
        """Return the newest version that has weights, and these; the originals, 0, have none here.

        It may be thinned before it is read, because newer weights have come: then those are
        loaded. Raises as `load` does.
        """
        nets, version = [*nets], self.journal.newest_stored()
        for _ in range(TRIES):
            try:
                return version, self.load(version, nets, optimizer=optimizer) if version else {}
            except ObjectMissing:
                newest = self.journal.newest_stored()
                if newest == version:
                    raise
                version = newest
        raise Overtaken(
            f"{TRIES} times the newest weights were replaced before they could be read.",
            "Try again while fewer labels come in.",
        )

    def publish(self, objects: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Store weights under new names; return what the journal must hold instead.

        That is all of them where the store is behind a network, or fails.
        """
        if self.store.remote:
            return objects
        try:
            for name, content in objects.items():
                self.store.put(name, content)
        except OSError as error:
            log.error("The store takes no weights; the journal holds them meanwhile. %s", error)
            return objects
        return {}

    def take_back(self, names: Iterable[str]) -> None:
        """Delete published weights that no version came to name; no harm where that fails.

        Call it only after the number in their names was given to others, or can no more be theirs.
        """
        if self.store.remote:
            return  # `publish` stored nothing
        try:
            for name in {*names} - self.journal.kept_objects():
                self.store.delete(name)
        except (OSError, JournalUnavailable) as error:
            log.warning("Unused weights stay until a trainer starts. %s", error)

    def counts(self) -> Unstored:
        """Return how much the object store does not have yet."""
        with self.journal.read() as connection:
            return Unstored(
                _count(connection, UNSTORED),
                _count(connection, versions.c.stored.is_(False)),
            )

    def drawings(self, limit: int) -> list[Drawing]:
        """Return the drawings that the store does not have yet, oldest first, at most `limit`."""
        return self.journal.unstored(limit)

    def mark_drawing(self, drawing: Drawing) -> bool:
        """Note that the store has a drawing; return False where that is another or gone by now."""
        same = (drawings.c.id == drawing.id) & (drawings.c.label == drawing.label)
        same &= drawings.c.state != DELETING
        return self._note(drawings.update().where(same).values(stored=True)) == 1

    def delete_unwanted(self) -> bool:
        """Delete the objects that the store shall not have any more; return False for none."""
        with self.journal.read() as connection:
            names = [*connection.execute(sql.select(unwanted.c.name)).scalars()]
        for name in names:
            self.store.delete(name)
        if names:
            with self.journal.write() as connection:
                erase(connection)
                connection.execute(unwanted.delete().where(unwanted.c.name.in_(names)))
        return bool(names)

    def versions(self) -> Named:
        """Return the versions whose weights the store does not have yet."""
        return self._named(versions.c.stored.is_(False))

    def mark_version(self, number: int) -> None:
        """Note that the store has this version's weights."""
        self._note(versions.update().where(versions.c.number == number).values(stored=True))

    def thinned(self) -> Named:
        """Return the versions whose weights are to be deleted from the store."""
        return self._named(versions.c.kept.is_(False))

    def mark_deleted(self, number: int) -> None:
        """Note that this version's weights are stored no more."""
        self._note(versions.update().where(versions.c.number == number).values(objects=None))

    def _note(self, update: sql.Update) -> int:
        with self.journal.write() as connection:
            return connection.execute(update).rowcount

    def _named(self, condition: sql.ColumnElement[bool]) -> Named:
        query = sql.select(versions.c.number, versions.c.objects).order_by(versions.c.number)
        query = query.where(condition & versions.c.objects.is_not(None))
        with self.journal.read() as connection:
            return {number: objects for number, objects in connection.execute(query)}


def _count(connection: Connection, condition: sql.ColumnElement[bool]) -> int:
    return int(connection.execute(sql.select(sql.func.count()).where(condition)).scalar_one())
