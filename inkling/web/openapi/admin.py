"""The operator's downloads, described."""

from inkling.web.openapi.operation import JOURNAL_AWAY, REFUSED, Area, File, Operation

STROKES, BACKUP = "inkling-drawings.ndjson.gz", "inkling-backup.zip"
OTHERWISE = REFUSED | JOURNAL_AWAY

AREA = Area(
    "Downloads",
    "The operator’s, behind a password.",
    {
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
