"""Drawings that somebody should look at: rejected ones, and labels that no model believes."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from inkling.journal.writer import Journal
from inkling.nets.registry import MODELS
from inkling.records import NOT_A_DIGIT, REJECTED, Drawing

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

    A drawing is suspicious where its label is a digit and each of the four models, before it had
    the label, gave another digit more than 99 %.
    """
    found: deque[Reviewed] = deque(maxlen=last)
    for drawing in journal.doubted():
        said = _said(drawing.predictions)
        suspicious = _is_suspicious(drawing, said)
        if drawing.state == REJECTED:
            why = drawing.rejection.for_operator() if drawing.rejection else ""
            found.append(Reviewed(drawing, suspicious, said, why))
        elif suspicious:
            reason = f"All four models were sure that it is no {drawing.label}."
            found.append(Reviewed(drawing, True, said, reason))
    return [*found]


def _said(predictions: Mapping[str, list[float]]) -> dict[str, tuple[int, float]]:
    found = {model: predictions[model] for model in MODELS if predictions.get(model)}
    return {model: (p.index(max(p)), max(p)) for model, p in found.items()}


def _is_suspicious(drawing: Drawing, said: Mapping[str, tuple[int, float]]) -> bool:
    if drawing.label == NOT_A_DIGIT:
        return False
    others = [digit != drawing.label and sure > SURE for digit, sure in said.values()]
    return len(others) == len(MODELS) and all(others)
