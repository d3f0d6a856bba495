"""What load balancers and monitoring ask, described."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from inkling.web.openapi.operation import JOURNAL_AWAY, Area, File, Operation

Count = Annotated[int, Meta(ge=0)]


class Alive(Struct):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Unstored(Struct):
    """What waits for the object store."""

    drawings: Count
    versions: Count


class Readiness(Struct):
    """Models and journal answer."""

    status: Literal["ready"]
    version: Annotated[int, Meta(description="The newest that is served.")]
    trainer: Annotated[
        Literal["running", "not running"], Meta(description="Running: ready to learn.")
    ]
    trouble: Annotated[str | None, Meta(description="What keeps the trainer from learning.")]
    queued: Annotated[Count, Meta(description="Labels that wait to be learned.")]
    unstored: Unstored


AREA = Area(
    "Health",
    "For load balancers and monitoring.",
    {
        "health.healthz": Operation(Alive()),
        "health.readyz": Operation(
            Readiness("ready", 13, "running", None, 0, Unstored(0, 0)),
            otherwise={503: "The newest weights cannot be loaded, or the journal is away."},
        ),
        "health.metrics": Operation(
            File("text/plain", "Prometheus’s text format."), otherwise=JOURNAL_AWAY
        ),
    },
)
