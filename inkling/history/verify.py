"""Whether what is served is what the journal implies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from inkling import checkpoints
from inkling.errors import InvalidInput
from inkling.history.replay import CannotReplay, Difference, difference, replay
from inkling.journal.consistency import Misfit, misfits
from inkling.journal.networks import ANEW as NETWORK_ANEW
from inkling.journal.networks import unreadable
from inkling.journal.outbox import Outbox, Overtaken, drawing_objects
from inkling.journal.snapshot import Snapshot
from inkling.learning.learner import Learner
from inkling.storage.base import ANEW, ObjectMissing

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

REMEDIES = {Misfit.HOLDS_FORGOTTEN: "Forget it once more: inkling forget ID."}

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
    they are not replayed. Raises OSError or JournalUnavailable where store or database fail.
    """
    report = Report()
    if damage := outbox.journal.damage():
        report.findings.append(Finding(f"The journal's file is damaged ({damage}).", RESTORE))
        return report  # what a damaged file says of its rows is worth nothing
    with outbox.journal.snapshot() as snapshot:
        report.findings += _misfits(snapshot)
    try:
        report.version, stored = _newest(outbox, originals)
    except _Unreadable as error:
        report.findings.append(error.args[0])
    else:
        if open_nets and report.version:
            _compare_replay(report, outbox, originals, open_nets(), stored, progress)
    report.findings += _broken_networks(outbox)
    if with_drawings:
        _compare_objects(report, outbox, progress)
    return report


def _misfits(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each kind of what does not fit in the rows."""
    for kind, rows in misfits(snapshot):
        problem = f"{kind.value[0].upper()}{kind.value[1:]}: {{}}."
        yield from _finding(problem, rows, REMEDIES.get(kind, RESTORE))


def _broken_networks(outbox: Outbox) -> Iterator[Finding]:
    """Yield a finding for each network that cannot be served."""
    try:
        for name, error in unreadable(outbox).items():
            yield Finding(f"The network {name} cannot be read. {error.message}", NETWORK_ANEW)
    except InvalidInput as error:
        yield Finding(error.message, error.remedy)


def _finding(problem: str, rows: Sequence[object], remedy: str = RESTORE) -> Iterator[Finding]:
    """Yield a finding that names the first rows, where there are any."""
    if rows:
        named = ", ".join(map(str, rows[:NAMED]))
        more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
        yield Finding(problem.format(named + more), remedy)


def _newest(
    outbox: Outbox, originals: Mapping[str, checkpoints.Arrays]
) -> tuple[int, dict[str, checkpoints.Arrays]]:
    """Return the newest version and its nets' states, read at once: soon they may be thinned."""
    try:
        return outbox.load_newest(originals, optimizer=True)
    except Overtaken as error:
        raise _Unreadable(Finding(error.message, error.remedy)) from error
    except (ObjectMissing, checkpoints.BadWeights) as error:
        version = outbox.journal.current_version()
        problem = f"The weights of version {version} cannot be read. {error.message}"
        raise _Unreadable(Finding(problem, ANEW)) from error


def _compare_replay(
    report: Report,
    outbox: Outbox,
    originals: Mapping[str, checkpoints.Arrays],
    nets: Learner,
    stored: Mapping[str, checkpoints.Arrays],
    progress: Progress,
) -> None:
    """Replay up to the version whose weights were read, and compare the states."""

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
    """Check whether the store has what the journal says that it has."""
    report.drawings, wrong = 0, list[object]()
    of = sum(outbox.journal.counts().values()) - outbox.counts().drawings
    for drawing in outbox.journal.stored():
        objects = drawing_objects(drawing).items()
        wrong += [name for name, content in objects if not _has(outbox, name, content)]
        report.drawings += 1
        progress("Comparing drawings", report.drawings, max(of, report.drawings))
    report.findings += _finding("The object store lacks, or differs in: {}.", wrong, FILE_ANEW)


def _has(outbox: Outbox, name: str, content: bytes) -> bool:
    try:
        return outbox.store.get(name) == content
    except ObjectMissing:
        return False
