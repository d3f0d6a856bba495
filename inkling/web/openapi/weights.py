"""The nets' weights for pages that answer by themselves, described."""

from typing import Annotated

from msgspec import Meta, Struct

from inkling.web.openapi.operation import JOURNAL_AWAY, Area, File, Operation, Parameter

ORIGINALS = "df1e8f2fddca3e80"  # those that are shipped
NOT_STORED = {404: "These weights are not stored, or not any more: ask for the newest."}
PACK = (
    "Four bytes, little-endian: the length of the header. The header, JSON: by name the shape of "
    "each array. Then all arrays, float32, their bytes apart: the lowest byte of each number, then "
    "the second, the third, the highest."
)


class Addresses(Struct):
    """Where the newest weights are."""

    version: Annotated[int, Meta(description="The newest, or the one of some seconds ago.")]
    originals: Annotated[str, Meta(description="The originals' address.")]
    retrained: Annotated[
        str | None, Meta(description="That of what learning has moved; null before the first.")
    ]


AREA = Area(
    "Weights",
    "For programs that answer by themselves, as the drawing page does. An address always has the "
    "same content.",
    {
        "weights.newest": Operation(
            Addresses(13, f"/weights/original/{ORIGINALS}", "/weights/13"),
            otherwise=JOURNAL_AWAY,
        ),
        "weights.originals": Operation(
            File("application/octet-stream", PACK, "original.weights"),
            parameters={
                "fingerprint": Parameter(
                    "As /weights tells it.",
                    ORIGINALS,
                    Annotated[str, Meta(pattern="^[0-9a-f]{16}$")],
                )
            },
            otherwise={404: "The originals are others."},
        ),
        "weights.retrained": Operation(
            File(
                "application/octet-stream",
                PACK + " A number's bits are told by how they differ from the original's (XOR).",
                "version.weights",
            ),
            parameters={
                "version": Parameter(
                    "As /weights tells it; 0 are the originals.", 0, Annotated[int, Meta(ge=0)]
                )
            },
            otherwise=JOURNAL_AWAY | NOT_STORED,
        ),
    },
)
