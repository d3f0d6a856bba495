"""Whether what is served is what the journal implies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sql
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from inkling import checkpoints
from inkling.history.replay import CannotReplay, Difference, difference, replay
from inkling.journal.lineage import LESSON, ROLLBACK, Lineage, Version, read_lineage
from inkling.journal.outbox import Outbox, Overtaken, drawing_objects
from inkling.journal.schema import drawings, versions
from inkling.journal.snapshot import PAGE, snapshot
from inkling.learning.learner import Learner
from inkling.records import NOT_A_DIGIT, QUEUED, TRAINED
from inkling.storage.base import ObjectMissing

NAMED = 5  # rows that a finding names; of more it tells the number
RESTORE = "Restore a backup: inkling restore FILE."
OTHER_ORIGINALS = (
    "Perhaps the originals in MODELS_FOLDER are not those that learning began with: put those "
    "back. Else restore a backup: inkling restore FILE."
)
FILE_ANEW = (
    "The journal has what is missing: inkling backup FILE, and inkling restore FILE to an empty "
    "journal, where the trainer stores every drawing anew."
)

Progress = Callable[[str, int, int], None]  # what is looked at, how many are done, of how many


@dataclass(frozen=True)
class Finding:
    """Something that does not fit: what is wrong, what to do."""

    problem: str
    remedy: str


@dataclass
class Report:
    """What was looked at, and what does not fit."""

    version: int | None = None  # whose weights were read; None where they could not be
    differences: list[Difference] = field(default_factory=list)  # to the replay, if there was one
    drawings: int | None = None  # whose objects were compared; None where they were not
    findings: list[Finding] = field(default_factory=list)


class _Unreadable(Exception):
    """The newest weights cannot be read; the finding says why."""


def verify(
    outbox: Outbox,
    originals: Mapping[str, checkpoints.Arrays],
    open_nets: Callable[[], Learner] | None,
    with_drawings: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> Report:
    """Compare journal, weights and, if asked to, objects; safe beside a running server.

    `originals` go by net. `open_nets` makes the nets that replay the lessons; where it is None,
    they are not replayed. Raises OSError or SQLAlchemyError where store or database fail.
    """
    report = Report()
    report.findings += _damage(outbox)
    if report.findings:
        return report  # what a damaged file says of its rows is worth nothing
    with snapshot(outbox.journal) as connection:
        report.findings += _misfits(connection)
    try:
        report.version, stored = _newest(outbox, originals)
    except _Unreadable as error:
        report.findings.append(error.args[0])
    else:
        if open_nets and report.version:
            _compare_replay(report, outbox, originals, open_nets(), stored, progress)
    if with_drawings:
        _compare_objects(report, outbox, progress)
    return report


def _damage(outbox: Outbox) -> Iterator[Finding]:
    """What SQLite finds wrong with its file; PostgreSQL looks after its own."""
    if outbox.journal.engine.dialect.name != "sqlite":
        return
    try:
        with outbox.journal.reading.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalars().all()
    except DatabaseError as error:
        said = [str(error.orig)]
    if said != ["ok"]:
        words = " ".join(said[0].split())
        yield Finding(f"The journal's file is damaged ({words}).", RESTORE)


def _misfits(connection: Connection) -> Iterator[Finding]:
    """Versions and drawings that do not name each other, a finding for each kind."""

    def column(query: sql.Select[tuple[object]]) -> Sequence[object]:
        return connection.execute(query).scalars().all()

    numbers = connection.execute(sql.select(versions.c.number)).scalars().all()
    gaps = sorted({*range(1, max(numbers, default=0) + 1)} - {*numbers})
    yield from _finding("Versions have gaps; missing: {}.", gaps)
    yield from _finding("Versions are below 1: {}.", [n for n in numbers if n < 1])

    lineage = read_lineage(connection)
    same = (drawings.c.id == versions.c.drawing) & (drawings.c.version == versions.c.number)
    found = sql.select(versions.c.number).order_by(versions.c.number)
    found = found.outerjoin(drawings, same & (drawings.c.state == TRAINED))
    found = found.where(drawings.c.id.is_(None) & versions.c.drawing.is_not(None))
    unmade = [n for n in connection.execute(found).scalars() if n in lineage.current or n < 1]
    yield from _finding("Versions that no trained drawing made: {}.", unmade)

    trained = sql.select(drawings.c.id).where(drawings.c.state == TRAINED)
    found = trained.order_by(drawings.c.position).outerjoin(versions, same)
    found = found.where(versions.c.number.is_(None))
    yield from _finding("Trained drawings that made no version: {}.", column(found))

    untrained = (drawings.c.state != TRAINED) & drawings.c.version.is_not(None)
    found = sql.select(drawings.c.id).where(untrained).order_by(drawings.c.position)
    yield from _finding("Drawings that have a version and were not trained: {}.", column(found))
    yield from _undone(connection, lineage)

    learnable = drawings.c.state.in_((QUEUED, TRAINED))
    found = sql.select(drawings.c.id).where(learnable & (drawings.c.label == NOT_A_DIGIT))
    yield from _finding("Drawings that are no digit and are learned: {}.", column(found))


def _undone(connection: Connection, lineage: Lineage) -> Iterator[Finding]:
    """What rollbacks and forgotten drawings left and should not have."""
    known = {None, *connection.execute(sql.select(drawings.c.id)).scalars()}
    numbers = sorted(lineage.versions)
    off = [n for n in numbers if n not in lineage.current and n > 0]
    gone = [n for n in off if lineage.versions[n].drawing not in known]
    yield from _finding("Versions whose drawing is neither there nor forgotten: {}.", gone)

    trained = sql.select(drawings.c.version).where(drawings.c.state == TRAINED)
    back = {*connection.execute(trained).scalars()} & {*off}
    yield from _finding("Versions that were rolled back and count as trained: {}.", sorted(back))

    others = [v for v in lineage.versions.values() if v.kind != LESSON]
    odd = [v.number for v in others if v.drawing or not _is_aimed(v, lineage)]
    yield from _finding("Versions that are no lesson and do not say of what: {}.", odd)

    kept = connection.execute(sql.select(versions.c.number).where(versions.c.kept)).scalars().all()
    holding = [n for n in kept if lineage.lost(n)]
    again = "Forget it once more: inkling forget ID."
    yield from _finding("Versions whose weights hold a forgotten drawing: {}.", holding, again)


def _is_aimed(version: Version, lineage: Lineage) -> bool:
    """Whether a rollback or a rebuild names what it can be of."""
    if version.target is None or version.target >= version.number:
        return False
    if version.kind == ROLLBACK:
        return version.target >= 0
    if version.target == 0:
        return True  # all was learned again
    left_out = lineage.versions.get(version.target)
    return left_out is not None and left_out.kind == LESSON and left_out.drawing is None


def _finding(problem: str, rows: Sequence[object], remedy: str = RESTORE) -> Iterator[Finding]:
    """A finding that names the first rows, where there are any."""
    if rows:
        named = ", ".join(map(str, rows[:NAMED]))
        more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
        yield Finding(problem.format(named + more), remedy)


def _newest(
    outbox: Outbox, originals: Mapping[str, checkpoints.Arrays]
) -> tuple[int, dict[str, checkpoints.Arrays]]:
    """The newest version and its nets' states, read at once: soon they may be thinned."""
    try:
        return outbox.load_newest(originals, optimizer=True)
    except Overtaken as error:
        raise _Unreadable(Finding(error.args[0], "")) from error
    except (ObjectMissing, checkpoints.BadWeights) as error:
        why = f"{error.args[0]} is missing." if isinstance(error, KeyError) else str(error)
        version = outbox.journal.current_version()
        problem = f"The weights of version {version} cannot be read. {why}"
        raise _Unreadable(Finding(problem, RESTORE)) from error


def _compare_replay(
    report: Report,
    outbox: Outbox,
    originals: Mapping[str, checkpoints.Arrays],
    nets: Learner,
    stored: Mapping[str, checkpoints.Arrays],
    progress: Progress,
) -> None:
    """Replay up to the version whose weights were read, and compare."""

    def told(done: int, of: int) -> None:
        progress("Replaying", done, of)

    version = report.version or 0
    try:
        replayed = replay(outbox.journal, originals, nets, version, told)
    except CannotReplay as error:
        report.findings.append(Finding(str(error), RESTORE))
        return
    report.differences = [difference(net, replayed[net], stored[net]) for net in nets]
    report.findings += [
        Finding(
            f"The {d.net.upper()} of version {version} is not what the journal's drawings make "
            f"of the originals: its weights are off by up to {d.largest:.3g}.",
            OTHER_ORIGINALS,
        )
        for d in report.differences
        if not d.fits
    ]


def _compare_objects(report: Report, outbox: Outbox, progress: Progress) -> None:
    """Look whether the store has what the journal says that it has."""
    position, report.drawings, wrong = 0, 0, list[object]()
    stored = drawings.c.stored
    of = sum(outbox.journal.counts().values()) - outbox.counts().drawings
    while page := outbox.journal.select(stored & (drawings.c.position > position), PAGE):
        for drawing in page:
            objects = drawing_objects(drawing).items()
            wrong += [name for name, content in objects if not _has(outbox, name, content)]
        position = page[-1].position or 0
        report.drawings += len(page)
        progress("Comparing drawings", report.drawings, max(of, report.drawings))
    report.findings += _finding("The object store lacks, or differs in: {}.", wrong, FILE_ANEW)


def _has(outbox: Outbox, name: str, content: bytes) -> bool:
    try:
        return outbox.store.get(name) == content
    except ObjectMissing:
        return False
