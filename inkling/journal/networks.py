"""The networks that were trained or imported here: rows of the journal, objects of the store."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from inkling.errors import InklingError, InvalidInput
from inkling.failpoints import failpoint
from inkling.journal.database import in_utc
from inkling.journal.outbox import Outbox
from inkling.journal.reader import JournalReader
from inkling.journal.schema import networks
from inkling.nets.description import Description
from inkling.storage import keys
from inkling.storage.base import ObjectMissing, ObjectStore, store_once

log = logging.getLogger("inkling.networks")

ANEW = "Train or import the network anew, or remove it."


class DamagedNetwork(InvalidInput):
    """An object of a network is not what was stored under its name."""


@dataclass(frozen=True)
class NetworkRow:
    """A network of the journal, with the names of its objects."""

    description: Description
    weights: str
    graph: str
    created_at: datetime


def networks_of(journal: JournalReader) -> dict[str, NetworkRow]:
    """Return the networks by name; the log tells of those whose description cannot be read."""
    found: dict[str, NetworkRow] = {}
    for name, row in _rows_now(journal).items():
        try:
            description = Description.from_json(row.description)
            made = in_utc(row.created_at)
            found[name] = NetworkRow(description, row.weights, row.graph, made)
        except InvalidInput as error:  # the others answer on
            log.warning("The network %s is passed over. %s", name, error)
    return found


def rows_within(connection: Connection) -> dict[str, sql.Row[Any]]:
    """Return the networks' rows by name, as a transaction sees them, readable or not."""
    return {row.name: row for row in connection.execute(networks.select().order_by("name"))}


def newest_networks(journal: JournalReader) -> dict[str, tuple[str, datetime]]:
    """Return what changes with each network: the name of its graph, and when it was stored."""
    with journal.read() as connection:
        query = sql.select(networks.c.name, networks.c.graph, networks.c.created_at)
        return {name: (graph, in_utc(made)) for name, graph, made in connection.execute(query)}


def publish_network(
    outbox: Outbox,
    description: Description,
    weights: bytes,
    graph: bytes,
    also: Callable[[Connection], None] = lambda connection: None,
) -> NetworkRow:
    """Store a network, instead of the one that has its name; web workers serve it within moments.

    weights: an .npz file. graph: what LiteRT serves. Its objects are stored before its row is;
    killed in between, the former one stays. `also` is done in the row's transaction: what it
    raises leaves the former network in place. Raises OSError where the store fails,
    JournalUnavailable.
    """
    named = [
        (keys.network_key(description.name, _fingerprint(content), end), content)
        for content, end in ((weights, "npz"), (graph, "tflite"))
    ]
    own = networks.select().where(networks.c.name == description.name)
    with outbox.journal.read() as connection:
        before = connection.execute(own).first()
    _store(outbox.store, named)
    failpoint("network stored")
    (weights_key, _), (graph_key, _) = named
    # Not when it was made: another description of the same weights may be of the same second.
    row = NetworkRow(description, weights_key, graph_key, datetime.now(UTC))
    with outbox.journal.write() as connection:
        former = connection.execute(own).first()
        connection.execute(networks.delete().where(networks.c.name == description.name))
        connection.execute(
            networks.insert().values(
                name=description.name,
                description=description.to_json(),
                weights=weights_key,
                graph=graph_key,
                created_at=row.created_at,
            )
        )
        also(connection)
    if former != before:  # equal networks share objects, and what was there took its own along
        _store(outbox.store, named)
    if former:
        _delete(outbox.store, {former.weights, former.graph} - {weights_key, graph_key})
    return row


def _store(store: ObjectStore, named: Sequence[tuple[str, bytes]]) -> None:
    for key, content in named:
        store_once(store, key, content)


def remove_network(outbox: Outbox, name: str) -> bool:
    """Delete a network and its objects; return False where the journal has none of this name."""
    with outbox.journal.write() as connection:
        own = networks.c.name == name
        former = connection.execute(networks.select().where(own)).first()
        connection.execute(networks.delete().where(own))
    if former:
        _delete(outbox.store, {former.weights, former.graph})
    return former is not None


def read_object(store: ObjectStore, key: str) -> bytes:
    """Return a network's object. Raises ObjectMissing, OSError, DamagedNetwork."""
    content = store.get(key)
    if _fingerprint(content) not in key:
        raise DamagedNetwork(f"{key} does not hold what was stored.", ANEW)
    return content


def read_network(store: ObjectStore, row: sql.Row[Any]) -> dict[str, bytes]:
    """Return the objects of a network's row by name, all of it being readable.

    Raises ObjectMissing, OSError, or InvalidInput for an object or a description that is damaged.
    """
    Description.from_json(row.description)
    return {key: read_object(store, key) for key in (row.weights, row.graph)}


def _rows_now(journal: JournalReader) -> dict[str, sql.Row[Any]]:
    with journal.read() as connection:
        return rows_within(connection)


def unreadable(outbox: Outbox) -> dict[str, InklingError]:
    """Return what is wrong, by name, with the networks that cannot be served.

    Raises OSError where the store fails.
    """
    found: dict[str, InklingError] = {}
    for name, row in _rows_now(outbox.journal).items():
        try:
            read_network(outbox.store, row)
        except (ObjectMissing, InvalidInput) as error:
            if _rows_now(outbox.journal).get(name) == row:  # else it has just been replaced
                found[name] = error
    return found


def _delete(store: ObjectStore, names: set[str]) -> None:
    """Delete objects that no row names any more; no harm where that fails."""
    try:
        for name in names:
            store.delete(name)
    except OSError as error:
        log.warning("Objects of a former network stay in the store. %s", error)


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
