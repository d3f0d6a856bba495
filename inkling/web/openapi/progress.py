"""The Progress page and its figures, described."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

from inkling.evaluation.prequential import MeanProbability, Record, Tally
from inkling.evaluation.running_figures import Lines
from inkling.evaluation.sequential_test import Verdict
from inkling.web.openapi.operation import (
    ANSWERED,
    JOURNAL_AWAY,
    MADE,
    NOT_CHANGED,
    PAGE,
    Area,
    Operation,
    Time,
)

Digit = Annotated[int, Meta(ge=0, le=9)]
Count = Annotated[int, Meta(ge=0)]


class MadeVersion(Struct):
    """A version: what made it, when, and the label that it learned if it did."""

    number: int
    kind: Literal["original", "lesson", "rollback", "rebuild", "relabel"]
    made: Time
    label: int | None
    target: Annotated[
        int | None,
        Meta(
            description="Gone back to by a rollback, left out by a rebuild, learned "
            "under another label by a relabel."
        ),
    ]


class ShownDrawing(Struct):
    """A visitor's drawing, where the site shows them."""

    input: Annotated[str, Meta(description="The 28×28 that the nets saw, a PNG as a data URL.")]
    label: Digit
    answer: Annotated[Digit | None, Meta(description="The app’s, before the label.")]
    made: Time
    right: bool


@dataclass(frozen=True)
class ToldVerdict(Verdict):
    """A verdict with its sentence."""

    sentence: Annotated[str, Meta(description="The verdict in English.")]


class Progress(Struct):
    """How the models have done, label by label, before they could learn it."""

    version: Annotated[int, Meta(description="The newest.")]
    labels: Annotated[Count, Meta(description="That were scored.")]
    per_digit: Annotated[
        list[Count], Meta(min_length=10, max_length=10, description="Of each digit.")
    ]
    no_digits: Annotated[Count, Meta(description="Drawings called no digit: never scored.")]
    rejected: Annotated[Count, Meta(description="Labels that were rejected: not scored.")]
    accuracy: Annotated[
        Mapping[str, Record], Meta(description="By model, and of the app (`answer`).")
    ]
    probability: Annotated[
        MeanProbability,
        Meta(description="What each model gave the right digit before the label, on average."),
    ]
    lines: Annotated[
        Lines,
        Meta(
            description="Points of the chart, by model: shares that were right of all labels so "
            "far (`overall`) and of the last 100 (`recent`), and the mean probability of the right "
            "digit so far, null where none is known."
        ),
    ]
    verdicts: Annotated[Mapping[str, ToldVerdict], Meta(description="By net: did learning help?")]
    versions: list[MadeVersion]
    drawings: list[ShownDrawing]


class Latest(Struct):
    """What visitors gave lately."""

    version: Annotated[MadeVersion | None, Meta(description="The newest; null before the first.")]
    drawings: list[ShownDrawing]


TALLY = Tally(39, 40)
EXAMPLE = Progress(
    version=13,
    labels=40,
    per_digit=[4] * 10,
    no_digits=1,
    rejected=2,
    accuracy={"cnn": Record(TALLY, TALLY, (Tally(4, 4),) * 10)},
    probability=MeanProbability(40, {"cnn": 0.96113}),
    lines=Lines((1, 40), {"cnn": (1.0, 0.975)}, {"cnn": (1.0, 0.975)}, {"cnn": (0.991, 0.96113)}),
    verdicts={
        "cnn": ToldVerdict(
            "not yet known", 40, 1, 0, 1.5, 1.5, None, "Not yet known whether learning helped…"
        )
    },
    versions=[MadeVersion(13, "lesson", MADE, 7, None)],
    drawings=[ShownDrawing(ANSWERED, 7, 7, MADE, True)],
)
GIVEN = Latest(EXAMPLE.versions[0], EXAMPLE.drawings)

AREA = Area(
    "Progress",
    "Whether learning helps.",
    {
        "progress.page": Operation(PAGE, otherwise=JOURNAL_AWAY),
        "progress.data": Operation(EXAMPLE, otherwise=JOURNAL_AWAY | NOT_CHANGED),
        "progress.latest": Operation(GIVEN, otherwise=JOURNAL_AWAY | NOT_CHANGED),
    },
)
