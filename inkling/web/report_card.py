"""Scores as a page shows them: words, bars, and confusion matrices shaded by how often."""

from collections.abc import Mapping
from dataclasses import dataclass

from inkling.evaluation.metrics import (
    ANSWER,
    MNIST_TEST,
    NO_ANSWER,
    VALIDATION_WRITERS,
    Score,
    Scores,
)
from inkling.nets.registry import MODELS
from inkling.web.languages import SAY
from inkling.words import marked

ORDER = (ANSWER, *MODELS)
TITLES = {ANSWER: (marked("The app’s answer"), "")} | {
    key: (model.title, model.kind) for key, model in MODELS.items()
}
SETS = {
    MNIST_TEST: (
        marked("Scanned handwriting"),
        marked("MNIST’s test digits, which no net learned from."),
    ),
    VALIDATION_WRITERS: (
        marked("Pen drawings"),
        marked("By people of whom the nets never learned a drawing."),
    ),
    # What the project's own originals are measured on beside these (docs/models.md).
    "pen-digits-measure": (
        marked("Pen drawings, kept apart"),
        marked("By people whose drawings nothing was chosen by either."),
    ),
}
# A cell's class is heat-0 to heat-6: how many of these shares of its row it reaches.
HEAT = (1e-9, 0.002, 0.005, 0.01, 0.02, 0.05)
MIX_UPS = 3  # the commonest ones that are told in words


@dataclass(frozen=True)
class Cell:
    """A count of a confusion matrix and how it is shaded: `right`, or `heat-0` to `heat-6`."""

    count: int
    shade: str


@dataclass(frozen=True)
class Line:
    """How one model did on one set of digits.

    bar: its mistakes as a share of the most that any model of the set made, in [0, 100].
    fewer: how many mistakes fewer than its original a retrained net made; None where there is
    nothing to compare.
    """

    model: str
    score: Score
    bar: float
    fewer: int | None

    @property
    def net(self) -> str:
        """The net's short name, or the app's answer."""
        return SAY.text(TITLES[self.model][0])

    @property
    def kind(self) -> str:
        """`original`, `retrained`, or nothing for the app's answer."""
        return TITLES[self.model][1]

    @property
    def percent(self) -> str:
        """The accuracy with two decimals."""
        return _percent(self.score.accuracy)

    @property
    def wrong_words(self) -> str:
        """How many of a thousand digits go wrong, or of so many where there are fewer."""
        wrong, count = mistakes(self.score), self.score.count
        if not wrong:
            return SAY.text("none wrong")
        if count >= 1000:
            rate = 1000 * wrong / count
            told, of = SAY.number(rate, 0 if rate >= 1 else 1), SAY.number(1000)
        else:
            told, of = SAY.number(wrong), SAY.number(count)
        return SAY.text("%(wrong)s of %(of)s wrong", wrong=told, of=of)

    @property
    def fewer_words(self) -> str:
        """What learning changed, in words; nothing where it changed nothing."""
        if not self.fewer:
            return ""
        if self.fewer > 0:
            return SAY.plural(
                "%(num)s mistake fewer than the original",
                "%(num)s mistakes fewer than the original",
                self.fewer,
            )
        return SAY.plural(
            "%(num)s mistake more than the original",
            "%(num)s mistakes more than the original",
            -self.fewer,
        )

    @property
    def worst(self) -> str:
        """The digit that was said right least often, with its share."""
        digit = self.score.worst_digit
        if digit is None:
            return ""
        return f"{digit} ({_percent(self.score.per_digit[digit] or 0.0)})"

    @property
    def said(self) -> list[str]:
        """The headings of the matrix's columns: ten digits, and `?` where no answer came."""
        unsure = any(row[NO_ANSWER] for row in self.score.confusion)
        return [*map(str, range(10)), *(["?"] if unsure else [])]

    @property
    def matrix(self) -> list[list[Cell]]:
        """A row of cells for each digit that was drawn, a cell for each that was said."""
        columns = len(self.said)
        return [
            [
                Cell(count, _shade(digit, i, count, sum(row)))
                for i, count in enumerate(row[:columns])
            ]
            for digit, row in enumerate(self.score.confusion)
        ]

    @property
    def mix_ups(self) -> list[str]:
        """The commonest mistakes in words, commonest first."""
        found = [
            (-count, digit, said)
            for digit, row in enumerate(self.score.confusion)
            for said, count in enumerate(row[:NO_ANSWER])
            if said != digit and count
        ]
        return [
            SAY.text("%(digit)s taken for %(said)s (%(times)s×)", digit=d, said=s, times=-n)
            for n, d, s in sorted(found)[:MIX_UPS]
        ]


@dataclass(frozen=True)
class Card:
    """One set of digits: what it is, and a line for each model that was measured on it."""

    name: str
    lines: list[Line]

    @property
    def title(self) -> str:
        """What visitors call such digits; the set's own name where that is another one."""
        return SAY.text(SETS[self.name][0]) if self.name in SETS else self.name

    @property
    def about(self) -> str:
        """One line on where the digits come from."""
        return SAY.text(SETS[self.name][1]) if self.name in SETS else ""

    @property
    def count(self) -> str:
        """How many digits there are, in words."""
        count = max(line.score.count for line in self.lines)
        return SAY.plural("%(num)s digit", "%(num)s digits", count)


def cards(scores: Scores) -> list[Card]:
    """Return a card for each set that has a score of a model that is known here."""
    found = [Card(name, _lines(models)) for name, models in scores.items()]
    return [card for card in found if card.lines]


def _lines(scores: Mapping[str, Score]) -> list[Line]:
    shown = [model for model in ORDER if model in scores]
    most = max((_error_rate(scores[model]) for model in shown), default=0.0) or 1.0
    return [
        Line(m, scores[m], round(100 * _error_rate(scores[m]) / most, 2), _fewer(m, scores))
        for m in shown
    ]


def _fewer(model: str, scores: Mapping[str, Score]) -> int | None:
    if model not in MODELS or not MODELS[model].retrained:
        return None
    original = scores.get(MODELS[model].network.key)
    if original is None:
        return None
    if original.count != scores[model].count:
        return None  # other digits: their mistakes cannot be compared
    return mistakes(original) - mistakes(scores[model])


def mistakes(score: Score) -> int:
    """Return how many digits were not said right."""
    return score.count - sum(row[digit] for digit, row in enumerate(score.confusion))


def _error_rate(score: Score) -> float:
    return mistakes(score) / max(1, score.count)


def _shade(digit: int, said: int, count: int, drawn: int) -> str:
    if digit == said:
        return "right"
    share = count / max(1, drawn)
    return f"heat-{sum(share >= least for least in HEAT)}"


def _percent(share: float) -> str:
    return f"{SAY.number(100 * share, 2)}\N{NO-BREAK SPACE}%"
