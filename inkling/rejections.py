"""Why a label was not learned: a code with its figures, and its words for each reader.

The journal keeps code and figures. The visitor is told what concerns the drawing, who runs the app
is told the figures too. No other place has words for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inkling.words import ENGLISH, Words, marked


class Code(StrEnum):
    """Why a label was not learned."""

    SURE_OF_ANOTHER = "sure of another"  # the screen: every model is sure of another digit
    NOT_BELIEVED = "not believed"  # the screen: no model gives the label even 1 %
    NO_DIGIT = "no digit"  # the screen: it looks like no digit at all
    STEERS = "steers"  # the gate: with others like it, it moved a digit too far towards another
    TOO_COSTLY = "too costly"  # the gate of earlier releases, in journals that they wrote
    REVIEWED = "reviewed"  # a person looked at it
    ROLLED_BACK = "rolled back"  # a person went back to an older version
    NOTHING_DRAWN = "nothing drawn"  # a fault of the data
    UNREADABLE = "unreadable"  # a fault of the data: the picture cannot be decoded
    NOT_FINITE = "not finite"  # a fault of the data: the step would have made weights infinite


OPERATOR = {
    Code.SURE_OF_ANOTHER: "Every model is sure that this is {said}, not {label}.",
    Code.NOT_BELIEVED: "No model sees {label} in this.",
    Code.NO_DIGIT: "It looks like no digit (by {score:+.1f}).",
    Code.STEERS: (
        "With labels like this one the {net} had moved {digit}s towards {towards}s "
        "by {nats:.1f} nats."
    ),
    Code.REVIEWED: "A person rejected it.",
    Code.TOO_COSTLY: (
        "The {net} would have read {errors} of {count} probe digits wrongly (loss {loss:+.3f})."
    ),
    Code.ROLLED_BACK: "Rolled back to version {version}.",
    Code.NOTHING_DRAWN: "Nothing is drawn.",
    Code.UNREADABLE: "The picture cannot be read ({error}).",
    Code.NOT_FINITE: "The step would have made weights infinite.",
}
VISITOR = {
    Code.SURE_OF_ANOTHER: marked("Every model is sure that this is %(said)s."),
    Code.NOT_BELIEVED: marked("No model sees %(label)s in this."),
    Code.NO_DIGIT: marked("This does not look like a digit to the models."),
    Code.STEERS: marked(
        "Too many labels like this one would make the models read %(digit)ss as %(towards)ss. "
        "It waits until a person has looked at it."
    ),
    Code.REVIEWED: marked("A person looked at it and rejected it."),
    Code.TOO_COSTLY: marked("The step would have made the %(net)s worse at other digits."),
    Code.ROLLED_BACK: marked("The models went back to version %(version)s."),
}
DIGITS = ("said", "label")  # the figures that are digits, told with their article


@dataclass(frozen=True)
class Rejection:
    """Why a label was not learned.

    >>> Rejection(Code.NOT_BELIEVED, {"label": 8}).for_visitor()
    'No model sees an 8 in this.'
    """

    code: Code
    figures: Mapping[str, Any] = field(default_factory=dict)

    def for_operator(self) -> str:
        """Return all of it as a sentence, for who runs the app."""
        return OPERATOR[self.code].format(**self._values(ENGLISH))

    def for_visitor(self, say: Words = ENGLISH) -> str | None:
        """Return a sentence for the visitor; None where there is nothing to tell."""
        if self.code not in VISITOR:
            return None
        return say.text(VISITOR[self.code], **self._values(say))

    def _values(self, say: Words) -> dict[str, Any]:
        articles = {n: say.a_digit(d) for n, d in self.figures.items() if n in DIGITS}
        return {**self.figures, **articles}

    def to_json(self) -> dict[str, Any]:
        """Return code and figures as JSON values."""
        return {"code": self.code.value, **self.figures}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Rejection":
        """Return the rejection that `to_json` wrote. Raises ValueError for an unknown code."""
        figures = dict(values)
        return cls(Code(figures.pop("code")), figures)
