"""A visitor's drawing as pages show it: 28×28 dots, the label, what the app had said."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from functions import digit_data_url, from_bytes
from inkling.records import AnsweredDigit
from inkling.web.languages import SAY


@dataclass(frozen=True)
class Shot:
    """A visitor's drawing: what the nets saw, its label, the app's answer (none: unsure), when."""

    input: str
    label: int
    answer: int | None
    made: datetime

    @classmethod
    def of(cls, drawing: AnsweredDigit) -> "Shot":
        """Return what is shown of a drawing."""
        picture = digit_data_url(from_bytes(drawing.digit))
        return cls(picture, drawing.label, drawing.answer, drawing.made)

    @property
    def right(self) -> bool:
        """Whether the app said the label before it heard it."""
        return self.answer == self.label

    @property
    def words(self) -> str:
        """As a sentence, for those who do not see the picture."""
        label = SAY.a_digit(self.label)
        if self.answer is None:
            return SAY.text("The drawing of %(label)s; the app was not sure", label=label)
        told = {"label": label, "answer": self.answer}
        if self.right:
            return SAY.text("The drawing of %(label)s; the app said %(answer)s: right", **told)
        return SAY.text("The drawing of %(label)s; the app said %(answer)s: wrong", **told)

    def as_json(self) -> dict[str, Any]:
        """Return the same for scripts."""
        return {**asdict(self), "made": self.made.isoformat(), "right": self.right}
