"""The operator's downloads, described."""

from typing import Literal

from inkling.data.dataset.formats import FORMATS
from inkling.web.openapi.operation import (
    JOURNAL_AWAY,
    PAGE,
    REFUSED,
    Area,
    File,
    Operation,
    Parameter,
)

STROKES, BACKUP = "inkling-drawings.ndjson.gz", "inkling-backup.zip"
OTHERWISE = REFUSED | JOURNAL_AWAY

AREA = Area(
    "Downloads",
    "The operator’s, behind a password.",
    {
        "admin.page": Operation(PAGE, password="admin", otherwise=OTHERWISE),  # noqa: S106
        "admin.dataset": Operation(
            File("application/zip", "A dataset with its data card.", "inkling-npz.zip"),
            password="admin",  # noqa: S106
            parameters={"name": Parameter("The format.", "npz", Literal[tuple(FORMATS)])},
            otherwise=OTHERWISE | {404: "There is no such format."},
        ),
        "admin.export": Operation(
            File("application/gzip", "JSON lines, packed.", STROKES),
            password="admin",  # noqa: S106  # the scheme's name
            otherwise=OTHERWISE,
        ),
        "admin.backup": Operation(
            File("application/zip", "What `inkling restore` takes.", BACKUP),
            password="admin",  # noqa: S106
            otherwise=OTHERWISE,
        ),
    },
)
