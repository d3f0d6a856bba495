"""What is looked at before a server starts: its address and its folders."""

import errno
import socket
import time

from inkling.errors import InvalidInput
from inkling.files import own_folder
from inkling.settings import SettingError, Settings

ADDRESS_WAIT = 3.0  # seconds: processes of a server that was killed may hold its address so long
LOCAL = "Set it to 127.0.0.1, or to 0.0.0.0 for every interface."


def bind_words(host: str, port: int) -> str:
    """Return the address as gunicorn takes it.

    >>> bind_words("127.0.0.1", 5000), bind_words("::1", 80)
    ('127.0.0.1:5000', '[::1]:80')
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def check_start(settings: Settings, sockets_given: bool = False) -> None:
    """Raise InvalidInput where a server on these settings could not listen or keep anything.

    sockets_given: it listens already, on what systemd or the master before it handed over.
    """
    if not sockets_given:
        check_address(settings.host, settings.port)
    if not settings.database_url or not settings.bucket:
        own_folder(settings.instance_folder)
    if not settings.bucket:
        try:
            settings.tmp_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InvalidInput(
                f"The folder {settings.tmp_folder} cannot be made ({error.strerror}).",
                "Allow it, or name another: TMP_FOLDER.",
            ) from error


def check_address(host: str, port: int) -> None:
    """Raise SettingError where this process cannot listen there; wait a little for a busy one."""
    deadline = time.monotonic() + ADDRESS_WAIT
    while True:
        try:
            _listen(host, port)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise _told(host, port, error) from error
        time.sleep(0.1)


def _listen(host: str, port: int) -> None:
    """Take the address and leave it again. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET  # as gunicorn chooses
    address = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)[0][4]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen()


def _told(host: str, port: int, error: OSError) -> SettingError:
    if error.errno == errno.EADDRINUSE:
        return SettingError(
            f"PORT is {port}, where another program listens.",
            "Stop that one, or set PORT to another.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return SettingError(
            f"PORT is {port}, which this user may not listen on.", "Set it to 1024 or more."
        )
    return SettingError(f"HOST is {host!r}, which is no address of this machine.", LOCAL)
