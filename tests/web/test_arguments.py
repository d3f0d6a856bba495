"""The arguments of `python main.py`: what they mean, and that wrong ones get one clear line."""

import ipaddress
import socket
import subprocess
import sys

import pytest

from inkling.settings import ROOT
from inkling.web.arguments import Arguments, is_loopback, local_address, read_arguments
from testing.started import needs_network

WRONG = {
    "-x": "-x",
    "--dev": "--dev",
    "5000": "'5000' is no address",
    ":5000": "':5000' is no address",
    "127.0.0.1": "'127.0.0.1' is no address",
    "127.0.0.1:": "'127.0.0.1:' is no address",
    "127.0.0.1:http": "'127.0.0.1:http' is no address",
    "127.0.0.1:٥": "is no address",
    "127.0.0.1:65536": "no port 65536",
    "127.0.0.1:-1": "'127.0.0.1:-1' is no address",
    f"127.0.0.1:{'9' * 9999}": "no port 99999",
    "::1:5000": "goes into brackets",
    "[::1]": "'[::1]' is no address",
    "[127.0.0.1]:5000": "no IPv6 address '127.0.0.1'",
    "[localaddr]:5000": "no IPv6 address 'localaddr'",
    "nobody.invalid:5000": "no host 'nobody.invalid'",
    f"{'a' * 300}:5000": "no host 'aaa",
    "a host:5000": "'a host:5000' is no address",
    "unix:/tmp/a": "is no address",
    "": "'' is no address",
    "a\nb": "is no address",
}


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ([], Arguments(False, False)),
        (["-d"], Arguments(True, False)),
        (["-s"], Arguments(False, True)),
        (["-sd"], Arguments(True, True)),
        (["-d", "-s", "127.0.0.1:80"], Arguments(True, True, "127.0.0.1", 80)),
        (["0.0.0.0:0", "-s"], Arguments(False, True, "0.0.0.0", 0)),  # noqa: S104
        (["[::]:5000"], Arguments(False, False, "::", 5000)),
        (["[::1]:05000"], Arguments(False, False, "::1", 5000)),
        (["localhost:65535"], Arguments(False, False, "localhost", 65535)),
    ],
)
def test_arguments_say_how_and_where_to_serve(words: list[str], wanted: Arguments) -> None:
    assert read_arguments(words) == wanted


@pytest.mark.parametrize("word", WRONG)
def test_wrong_arguments_get_one_line(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_arguments([word])
    out, told = capsys.readouterr()
    assert (ended.value.code, out) == (2, "")
    assert told.startswith("Error: ") and told.endswith(".\n")
    assert told.count("\n") == 1
    assert WRONG[word] in told


def test_main_exits_with_2_for_two_addresses() -> None:
    words = [sys.executable, "main.py", "127.0.0.1:1", "127.0.0.1:2"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Error: Unrecognized arguments: 127.0.0.1:2. See --help.\n"


@needs_network
def test_localaddr_is_an_address_of_this_machine() -> None:
    found = local_address()
    assert read_arguments(["localaddr:0"])[2:] == (found, 0)
    assert not ipaddress.ip_address(found).is_unspecified
    with socket.socket() as probe:
        probe.bind((found, 0))


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "LocalHost")),
        *((host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.example.org")),  # noqa: S104
    ],
)
def test_what_other_machines_can_reach_is_no_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local
