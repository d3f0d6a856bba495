"""The Models page and its pictures, described."""

from typing import Annotated

from msgspec import Meta

from inkling.web.openapi.operation import (
    JOURNAL_AWAY,
    NOT_CHANGED,
    PAGE,
    Area,
    File,
    Operation,
    Parameter,
)

NAME = "^(fnn|cnn)-(diagram|history)(-dark)?$"

AREA = Area(
    "Models",
    "What the nets are, and how good they are.",
    {
        "models.page": Operation(PAGE, otherwise=JOURNAL_AWAY),
        "models.plot": Operation(
            File("image/svg+xml", "The picture."),
            parameters={
                "name": Parameter(
                    "Net, kind of picture, and whether it is for a dark page.",
                    "fnn-diagram",
                    Annotated[str, Meta(pattern=NAME)],
                ),
                "v": Parameter("A fingerprint: then it may be kept for a year.", None),
            },
            otherwise=NOT_CHANGED | {404: "There is no such picture."},
        ),
    },
)
