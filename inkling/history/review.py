"""Drawings that somebody should look at, and what a person then says of them.

An accepted label is learned as the next one, past screen and gate; a rejected one leaves the nets.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from inkling.history.changes import apply_changes
from inkling.history.rebuild import Originals
from inkling.history.replay import Progress
from inkling.journal import changes
from inkling.journal.outbox import Outbox
from inkling.journal.writer import Journal
from inkling.learning.learner import Learner
from inkling.nets.registry import MODELS
from inkling.records import NOT_A_DIGIT, REJECTED, Drawing, drawing_id
from inkling.rejections import Code

SURE = 0.99  # that each model must have given its digit for a label to be suspicious


@dataclass(frozen=True)
class Reviewed:
    """A drawing with what there is to say of it."""

    drawing: Drawing
    suspicious: bool  # rejected or not
    said: dict[str, tuple[int, float]]  # digit and probability before the label, by model
    reason: str

    @property
    def rejected(self) -> bool:
        """Whether it was, suspicious or not."""
        return self.drawing.state == REJECTED


def to_review(journal: Journal, last: int | None = None) -> list[Reviewed]:
    """Return the last rejected and suspicious drawings, or all, in the order of their labels.

    What a person has looked at already is left out. A drawing is suspicious where its label is a
    digit and each of the four models, before it had the label, gave another digit more than 99 %.
    """
    found: deque[Reviewed] = deque(maxlen=last)
    for drawing in journal.doubted():
        if drawing.accepted or _is_reviewed(drawing):
            continue
        said = _said(drawing.predictions)
        suspicious = _is_suspicious(drawing, said)
        if drawing.state == REJECTED:
            why = drawing.rejection.for_operator() if drawing.rejection else ""
            found.append(Reviewed(drawing, suspicious, said, why))
        elif suspicious:
            reason = f"All four models were sure that it is no {drawing.label}."
            found.append(Reviewed(drawing, True, said, reason))
    return [*found]


def _is_reviewed(drawing: Drawing) -> bool:
    return drawing.rejection is not None and drawing.rejection.code == Code.REVIEWED


def accept(journal: Journal, ids: Sequence[str]) -> None:
    """Let the trainer learn the rejected ones of these drawings next, whatever screen and gate say.

    The others stay what they are, and count as looked at. Safe beside a running server. Raises
    InvalidInput, and changes nothing, for what is no id of a drawing.
    """
    with journal.alone() as change:
        for id in map(drawing_id, ids):
            changes.accept(change, id)


def reject(
    outbox: Outbox,
    originals: Originals,
    open_nets: Callable[[], Learner],
    ids: Sequence[str],
    progress: Progress = lambda done, of: None,
) -> None:
    """Reject these drawings; make the weights those of a run without the ones that were learned.

    Safe beside a running server. Raises InvalidInput, and changes nothing, for what is no id of a
    drawing; CannotReplay where the other drawings cannot be learned again.
    """
    with outbox.journal.alone() as change:
        for id in map(drawing_id, ids):
            changes.reject(change, id)
    while apply_changes(outbox, originals, open_nets, progress):
        pass


def _said(predictions: Mapping[str, list[float]]) -> dict[str, tuple[int, float]]:
    found = {model: predictions[model] for model in MODELS if predictions.get(model)}
    return {model: (p.index(max(p)), max(p)) for model, p in found.items()}


def _is_suspicious(drawing: Drawing, said: Mapping[str, tuple[int, float]]) -> bool:
    if drawing.label == NOT_A_DIGIT:
        return False
    others = [digit != drawing.label and sure > SURE for digit, sure in said.values()]
    return len(others) == len(MODELS) and all(others)
