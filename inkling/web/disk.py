"""The disk that labels lie on: while it is nearly full, none is taken.

A disk that is full to the last byte stops more than labels: SQLite's own files, the weights of a
new version, whatever else runs on the machine.
"""

import shutil

from inkling.settings import Settings
from inkling.web.bad_input import BadInput
from inkling.web.languages import SAY


def check_room(settings: Settings) -> None:
    """Raise BadInput (507) where less than DISK_RESERVE is free on the disk of INSTANCE_FOLDER.

    Where journal and object store are both elsewhere, no label lies there.
    """
    elsewhere = settings.database_url and settings.bucket
    if elsewhere or not settings.disk_reserve:
        return
    if shutil.disk_usage(settings.instance_folder).free < settings.disk_reserve:
        raise BadInput(
            SAY.text("The server's disk is nearly full, so this was not stored."),
            SAY.text("Draw on, answers still come; and tell whoever runs the server."),
            status=507,
        )
