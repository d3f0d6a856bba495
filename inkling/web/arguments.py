"""What the arguments of `python main.py` mean: how to serve, and on which address."""

import argparse
import ipaddress
import re
import socket
import sys
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from inkling.errors import InvalidInput

WRONG_ARGUMENTS = 2  # how this process then exits
EXAMPLES = "127.0.0.1:5000, [::1]:5000 or localaddr:5000"
LOCAL_ADDRESS = "localaddr"
ELSEWHERE = "192.0.2.1"  # an address of RFC 5737, for examples: nobody has it


class Arguments(NamedTuple):
    """How to serve. host and port are None where the settings HOST and PORT say them."""

    development: bool
    https: bool
    host: str | None = None
    port: int | None = None


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line, and not how all would be right."""

    def error(self, message: str) -> NoReturn:
        words = " ".join(message.split())  # one line, whatever was given
        print(f"Error: {words[:1].upper()}{words[1:]}. See --help.", file=sys.stderr)
        raise SystemExit(WRONG_ARGUMENTS)


def read_arguments(words: Sequence[str]) -> Arguments:
    """Return what the words of the command line say. Exits with 2, and one line, for others."""
    parser = _Parser(
        prog="python main.py",
        description="Serve Inkling, with its trainer, until Ctrl-C or SIGTERM.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "-d",
        action="store_true",
        dest="development",
        help="Flask's development server: one process that starts again when code changes; its "
        "debugger only where the address is of this machine alone",
    )
    parser.add_argument(
        "-s",
        action="store_true",
        dest="https",
        help="HTTPS, with a certificate of its own making in INSTANCE_FOLDER",
    )
    parser.add_argument(
        "address",
        nargs="?",
        metavar="host:port",
        help=f"where to listen, such as {EXAMPLES}; {LOCAL_ADDRESS} is this machine's address in "
        "its network, port 0 a free one. Default: HOST and PORT, else 127.0.0.1:5000",
    )
    given = parser.parse_args(words)
    try:
        host, port = read_address(given.address) if given.address is not None else (None, None)
    except InvalidInput as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(WRONG_ARGUMENTS) from None
    return Arguments(given.development, given.https, host, port)


def read_address(text: str) -> tuple[str, int]:
    """Return host and port.

    Raises InvalidInput for what is none, and for a host that has no address.

    >>> read_address("[::1]:80"), read_address("127.0.0.1:0")
    (('::1', 80), ('127.0.0.1', 0))
    """
    found = re.fullmatch(r"(\[([^\[\]]*)\]|[A-Za-z0-9._-]+):([0-9]+)", text)
    if not found:
        hint = " An IPv6 address goes into brackets." if text.count(":") > 1 else ""
        raise InvalidInput(f"{text!r} is no address to serve on.{hint}", f"Write {EXAMPLES}.")
    host, port = found[2] if found[2] is not None else found[1], found[3]
    if len(port) > 5 or int(port) > 65535:
        raise InvalidInput(f"There is no port {port[:20]}.", "Take one from 0 to 65535.")
    if host == LOCAL_ADDRESS and found[2] is None:
        return local_address(), int(port)
    _check_host(host, bracketed=found[2] is not None)
    return host, int(port)


def _check_host(host: str, bracketed: bool) -> None:
    """Raise InvalidInput for a host that has no address."""
    family = socket.AF_INET6 if bracketed else socket.AF_INET
    try:
        if bracketed:
            ipaddress.IPv6Address(host)
        socket.getaddrinfo(host, 0, family, socket.SOCK_STREAM)
    except (OSError, ValueError) as error:  # a name that is too long is a UnicodeError
        kind = "IPv6 address" if bracketed else "host"
        raise InvalidInput(f"There is no {kind} {host[:80]!r}.", f"Write {EXAMPLES}.") from error


def local_address() -> str:
    """Return this machine's IPv4 address in the network that it reaches others through.

    Nothing is sent. Raises InvalidInput where it is in no network.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
            return str(probe.getsockname()[0])
        except OSError as error:
            raise InvalidInput(
                "This machine is in no network, so localaddr is nothing.",
                "Write an address, such as 127.0.0.1:5000.",
            ) from error


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach a server on this host.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0"), is_loopback("localhost")
    (True, False, True)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
