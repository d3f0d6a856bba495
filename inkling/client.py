"""A client of Inkling's REST side. This one file and `requests` are all it needs: copy it.

    python -m inkling.client [host:port] list_nn
    python -m inkling.client [host:port] NET classify [IMAGE…]
    python -m inkling.client [host:port] NET status | NET about | NET train [mnist|other]

Without such words it asks what to do. In a program: `access_to_nn_server`. It exits with 0 where
all is well, 1 for an error that the server tells, 2 for wrong arguments or a picture that cannot be
read, 3 where nobody answers, 130 after Ctrl-C.
"""

import argparse
import base64
import getpass
import json
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import requests
from requests.auth import HTTPBasicAuth

HOST, PORT = "127.0.0.1", 5000
DEMONSTRATION = ("test_nn", "lenet")  # what a server without credentials takes from its own machine
OPERATIONS = ("classify", "status", "about", "train")
TRAINING_SAMPLES = ("mnist", "other")
FINE, REFUSED, WRONG_ARGUMENTS, NOBODY, STOPPED = 0, 1, 2, 3, 130  # how the process exits
WAIT = (5, 60)  # seconds for a connection, and for an answer
POLL, PATIENCE = 1.0, 60.0  # seconds between two looks at a training; without any news of it
AWAY = (429, 502, 503, 504)  # what a server, or a proxy, says that will answer later
RUNNING = ("queued", "training")
SAMPLES = Path(__file__).with_name("samples")  # pictures, where they were copied too
ADDRESS = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
ROW = re.compile(r".* url:/(\S+)")
BASE64 = re.compile(r"[A-Za-z0-9+/\s]{80,}=*\s*")  # no picture takes less

Answer = dict[str, Any]
Tell = Callable[[Answer], None]


class ServerError(Exception):
    """What a server says is wrong. status: of HTTP."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Misuse(Exception):
    """Arguments or pictures that cannot be used."""


class Server(NamedTuple):
    """Where a server is, and who asks it. verify: as in requests."""

    host: str = HOST
    port: int | str = PORT
    login: str | None = None
    password: str | None = None
    https: bool = False
    verify: bool | str = True

    def ask_for(self, operation: str, net: str = "", data: object = None) -> Answer:
        """Return what the server answers, as its JSON reads.

        Raises ServerError for an error that it tells, Misuse for what cannot be asked, requests'
        RequestException where nobody answers.
        """
        if operation == "list_nn":
            return self._request("GET", "/list_nn")
        path = f"/{_net(net)}"
        if operation == "classify":
            return self._request("POST", f"{path}/classify", json={"image": _base64(data)})
        if operation == "train":
            sample = {"training_sample": _sample(data)}
            return self._request("POST", f"{path}/train", params=sample)
        if operation in ("about", "status"):
            return self._request("GET", path + {"about": "/about"}.get(operation, "/train/status"))
        raise Misuse(f"{operation!r} is none of list_nn, {', '.join(OPERATIONS)}.")

    def _request(self, method: str, path: str, **options: Any) -> Answer:
        host = self.host.strip("[]")
        if host.lower() in ("localhost", "::1") or host.startswith("127."):
            options["proxies"] = {"http": "", "https": ""}  # those know no way back to here
        place = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        login, password = self.login or DEMONSTRATION[0], self.password or DEMONSTRATION[1]
        answer = requests.request(
            method,
            f"{'https' if self.https else 'http'}://{place}{path}",
            auth=HTTPBasicAuth(login.encode(), password.encode()),
            verify=self.verify,
            timeout=WAIT,
            allow_redirects=False,  # which would make a GET of a POST
            **options,
        )
        return _content(answer)


def access_to_nn_server(
    host: str,
    port: int | str,
    name_nn: str,
    type_operation: str,
    login: str | None = None,
    password: str | None = None,
    https: bool = False,
    data: object = None,
    *,
    verify: bool | str = True,
) -> str | list[str] | tuple[str, str]:
    """Ask a server for something, and return what it says.

    type_operation: `list_nn` (a list, whatever name_nn is), `classify` (the digit), `status` (a
    pair: accuracy in percent, date), `about`, `train`. data: for `classify` a picture: its path,
    its bytes or their bare base64; for `train` the sample, `mnist` (default) or `other`. login and
    password: by default the demonstration pair. verify: the file of a self-signed certificate, or
    False to trust any.

    An error that the server tells is a string that begins with `[E]`. Raises
    requests.exceptions.RequestException where nobody answers, ValueError for what cannot be asked.
    """
    server = Server(host, port, login, password, https, verify)
    try:
        return _said(type_operation, server.ask_for(type_operation, name_nn, data))
    except ServerError as error:
        return f"[E] {error}"
    except Misuse as error:
        raise ValueError(str(error)) from error


def _said(operation: str, answer: Answer) -> str | list[str] | tuple[str, str]:
    if operation == "status":
        return _plain(answer.get("accuracy")), _plain(answer.get("datetime"))
    said = answer.get("number" if operation == "classify" else "text")
    if operation == "list_nn":
        return [_plain(row) for row in said] if isinstance(said, list) else []
    return _plain(said)


def _content(answer: requests.Response) -> Answer:
    """Return an answer's JSON. Raises ServerError for anything but a good one."""
    status = answer.status_code
    if 300 <= status < 400:
        place = _plain(answer.headers.get("Location"))
        raise ServerError(f"The server sends on to {place}. Ask there.", status)
    try:
        content = answer.json()
    except ValueError:
        content = None
    if answer.ok and isinstance(content, dict):
        return content
    told = _plain(content.get("error")) if isinstance(content, dict) else ""
    kind = f"{status} {_plain(answer.reason)}".strip()
    raise ServerError(told or f"What answers there is no Inkling: {kind}.", status)


def _base64(image: object) -> str:
    """Return a picture in base64: of its path, of its bytes, or as it is. Raises Misuse."""
    if isinstance(image, str | Path):
        try:
            image = Path(image).read_bytes()
        except (OSError, ValueError) as error:
            if isinstance(image, str) and BASE64.fullmatch(image):
                return image
            why = getattr(error, "strerror", None) or "that is no path"
            raise Misuse(f"{_plain(image)[:200]} cannot be read: {why}.") from error
    if not isinstance(image, bytes) or not image:
        raise Misuse("There is no picture, or it is empty. Name a file.")
    return base64.b64encode(image).decode()


def _sample(data: object) -> str:
    sample = data or TRAINING_SAMPLES[0]
    if sample not in TRAINING_SAMPLES:
        raise Misuse(f"{sample!r} is no training sample. Take {' or '.join(TRAINING_SAMPLES)}.")
    return str(sample)


def _net(name: str) -> str:
    """Return a network's name as a part of an address. Raises Misuse for what is none."""
    name = name.strip("/")
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name) or not name.strip("."):
        raise Misuse(f"{name!r} is no network's name. `list_nn` tells them.")
    return name


def _plain(value: object) -> str:
    """Return a text without what would steer a terminal; empty for None."""
    text = "" if value is None else str(value)
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def follow(server: Server, net: str, tell: Tell, before: object = None) -> Answer:
    """Return the status when no training of a network runs any more; tell each on the way.

    before: the `datetime` of the training before one that was just asked for; that one is waited
    for. A server that is away for a while is waited for too: its trainings survive.

    Raises as `ask_for` does, and ServerError for a training that did not end well.
    """
    begun, news = False, time.monotonic()
    while True:
        try:
            status = server.ask_for("status", net)
            state = status.get("state")
            if state in RUNNING:
                begun, news = True, time.monotonic()
                tell(status)
            elif state == "failed":
                raise ServerError(_plain(status.get("error")) or "The training failed.")
            elif before is None or (status.get("datetime") or "") != before:
                return status
            elif begun:
                raise ServerError("The training ended, and the network is as it was.")
        except (requests.RequestException, ServerError) as error:
            away = not isinstance(error, ServerError) or error.status in AWAY
            if not away or time.monotonic() - news > PATIENCE:
                raise
        if time.monotonic() - news > PATIENCE:
            raise ServerError(f"The training has not begun within {PATIENCE:.0f} s.")
        time.sleep(POLL)


class Bar:
    """How far a training is, on standard error: a bar on a terminal, a line an epoch elsewhere."""

    def __init__(self) -> None:
        self._told = ""

    def __call__(self, status: Answer) -> None:
        """Tell a status."""
        epoch, of = (_number(status.get(key)) for key in ("epoch", "epochs"))
        done = min(epoch / of, 1) if of > 0 else 0.0
        marks = "#" * round(30 * done)
        line = f"epoch {epoch:g} of {of:g} [{marks:-<30}] loss {_number(status.get('loss')):.4f}"
        if "seconds_left" in status:
            line += f", {_number(status['seconds_left']):.0f} s left"
        if status.get("state") == "queued":
            line = "waiting for its turn"
        elif of <= 0:
            line = "starting"
        if sys.stderr.isatty():
            print(f"\r{line:<78}", end="", file=sys.stderr, flush=True)
        elif line.partition("[")[0] != self._told:
            print(line, file=sys.stderr, flush=True)
        self._told = line.partition("[")[0]

    def end(self) -> None:
        """Leave the line of the bar."""
        if self._told and sys.stderr.isatty():
            print(file=sys.stderr)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


class Commands:
    """What the words of the command line do with a server."""

    def __init__(self, server: Server, as_json: bool, following: bool) -> None:
        self._server, self._json, self._following = server, as_json, following

    def run(self, words: Sequence[str]) -> int:
        """Do what the words say; return how the process exits. Raises as `ask_for` does."""
        if list(words) == ["list_nn"]:
            self._show("list_nn", self._server.ask_for("list_nn"))
            return FINE
        if len(words) < 2 or words[1] not in OPERATIONS:
            raise Misuse(f"Write list_nn, or a network and one of {', '.join(OPERATIONS)}.")
        net, operation, *rest = words
        if len(rest) > {"classify": len(rest), "train": 1}.get(operation, 0):
            raise Misuse(f"{_plain(rest[-1])!r} is too much for {operation}.")
        if operation == "classify":
            return self._classify(net, rest or _sample_pictures())
        self._train_or_tell(net, operation, rest[0] if rest else None)
        return FINE

    def _classify(self, net: str, paths: Sequence[str | Path]) -> int:
        """Print a line a picture; go on after one that cannot be read or that is refused."""
        worst = FINE
        for path in paths:
            try:
                self._show("classify", self._server.ask_for("classify", net, Path(path)), path)
            except (Misuse, ServerError) as error:
                named = f"{_plain(path)}: " if isinstance(error, ServerError) else ""
                print(f"[E] {named}{error}", file=sys.stderr)
                worst = max(worst, WRONG_ARGUMENTS if isinstance(error, Misuse) else REFUSED)
        return worst

    def _train_or_tell(self, net: str, operation: str, data: str | None) -> None:
        before = None
        if self._following and operation == "train":
            before = self._trained(net)
        if not (self._following and operation == "status"):
            self._show(operation, self._server.ask_for(operation, net, data))
        if self._following and operation in ("train", "status"):
            bar = Bar()
            tell = (lambda status: self._show("status", status)) if self._json else bar
            try:
                status = follow(self._server, net, tell, before)
            finally:
                bar.end()
            self._show("status", status)

    def _trained(self, net: str) -> str:
        """Return when a network was trained last; empty where it never was."""
        try:
            return str(self._server.ask_for("status", net).get("datetime") or "")
        except ServerError:
            return ""  # if it is another error, the training will tell

    def _show(self, operation: str, answer: Answer, path: str | Path = "") -> None:
        if self._json:
            print(json.dumps({"file": str(path)} | answer if path else answer), flush=True)
            return
        said = _said(operation, answer)
        if operation == "classify":
            said = f"{_plain(path)}: {said}{_surety(answer)}"
        elif operation == "status":
            accuracy = f"accuracy {said[0]} %" if said[0] else "accuracy unknown"
            said = f"{accuracy}, trained {said[1]}" if said[1] else accuracy
            if answer.get("state") in RUNNING:
                said += f"; {answer['state']}"
                said += f": epoch {_plain(answer['epoch'])}" if "epoch" in answer else ""
            elif answer.get("state") == "failed":
                said += f"; the last training failed: {_plain(answer.get('error'))}"
        print("\n".join([said] if isinstance(said, str) else said), flush=True)

    def menu(self) -> int:
        """Ask what to do until there is nothing more."""
        while row := _choose("Networks", [*_said("list_nn", self._server.ask_for("list_nn"))]):
            found = ROW.fullmatch(row)
            net = found[1] if found else row
            while operation := _choose(f"What of {net}?", OPERATIONS):
                words = [net, operation]
                if operation == "classify" and (path := _input("Picture (empty: samples): ")):
                    words.append(path)
                if operation == "train":
                    words.append(_choose("Training sample", TRAINING_SAMPLES) or "mnist")
                try:
                    self.run(words)
                except (ServerError, Misuse) as error:
                    print(f"[E] {error}", file=sys.stderr)
        return FINE


def _surety(answer: Answer) -> str:
    """Return how probable the digit answered is, and whether it looks like one, where told."""
    doubt = ", but it looks like no digit" if answer.get("is_digit") is False else ""
    try:
        return f" ({float(answer['probabilities'][int(answer['number'])]):.1%}){doubt}"
    except (KeyError, IndexError, TypeError, ValueError):
        return doubt


def _sample_pictures() -> list[Path]:
    """Return the pictures beside this file, or the one that a person names. Raises Misuse."""
    found = sorted(SAMPLES.glob("*.png"))
    if not found and (path := _input("Path of a picture: ")):
        return [Path(path)]
    if not found:
        raise Misuse("There are no sample pictures beside this file. Name one of yours.")
    return found


def _choose(title: str, choices: Sequence[str]) -> str:
    """Return one of the choices, by its number or its text; empty for none of them."""
    print(title, *(f"  {number}  {text}" for number, text in enumerate(choices, 1)), sep="\n")
    while said := _input("Number (empty: back): "):
        if said in choices:
            return said
        if re.fullmatch(r"[0-9]{1,4}", said) and 1 <= int(said) <= len(choices):
            return choices[int(said) - 1]
        print(f"Take a number from 1 to {len(choices)}.")
    return ""


def _input(question: str) -> str:
    """Return what a person answers; empty where there is nobody."""
    try:
        return input(question).strip()
    except EOFError:
        print()
        return ""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Misuse(f"{' '.join(message.split())}. See --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m inkling.client",
        usage="%(prog)s [options] [host:port] [list_nn | NET classify [IMAGE…] | NET status | "
        "NET about | NET train [mnist|other]]",
        description="Ask the networks of an Inkling. Without words, a menu.",
        epilog="Exits with 0: fine, 1: an error that the server tells, 2: wrong arguments or a "
        "picture that cannot be read, 3: nobody answers.",
        allow_abbrev=False,
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--login", default=os.environ.get("INKLING_LOGIN"), help="INKLING_LOGIN")
    parser.add_argument(
        "--password",
        default=os.environ.get("INKLING_PASSWORD"),
        help="INKLING_PASSWORD, which others on this machine do not see; asked for after --login",
    )
    parser.add_argument("--https", action="store_true", help="ask by HTTPS")
    parser.add_argument("--insecure", action="store_true", help="HTTPS with any certificate")
    parser.add_argument("--json", action="store_true", help="print the server's JSON, a line each")
    parser.add_argument("--follow", action="store_true", help="train, status: until it has ended")
    return parser


def _commands(words: Sequence[str] | None) -> tuple[Commands, list[str]]:
    """Return what is asked of whom. Raises Misuse."""
    given = _parser().parse_intermixed_args(words)
    rest = [*given.words]
    host, port = HOST, str(PORT)
    if rest and (found := ADDRESS.fullmatch(rest[0])):
        host, port = found.groups()
        del rest[0]
    if not 0 < int(port) < 65536:
        raise Misuse(f"There is no port {port}.")
    password = given.password
    if given.login and password is None:
        if not sys.stdin.isatty():
            raise Misuse("A login needs a password. Set INKLING_PASSWORD.")
        password = getpass.getpass()
    https = given.https or given.insecure
    if given.insecure:
        requests.packages.urllib3.disable_warnings()  # type: ignore[attr-defined]
    server = Server(host, port, given.login, password, https, verify=not given.insecure)
    return Commands(server, given.json, given.follow), rest


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say; return how the process exits."""
    try:
        commands, rest = _commands(words)
        return commands.run(rest) if rest else commands.menu()
    except Misuse as error:
        print(f"[E] {error}", file=sys.stderr)
        return WRONG_ARGUMENTS
    except ServerError as error:
        print(f"[E] {error}", file=sys.stderr)
        return REFUSED
    except requests.exceptions.SSLError as error:
        untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
        why = "its certificate is not trusted" if untrusted else "it may speak plain HTTP"
        hint = " Name its file in REQUESTS_CA_BUNDLE, or write --insecure." if untrusted else ""
        print(f"[E] No secure connection to the server: {why}.{hint}", file=sys.stderr)
        return NOBODY
    except requests.RequestException as error:
        print(f"[E] Nobody answers: {type(error).__name__}. Is it served there?", file=sys.stderr)
        return NOBODY
    except KeyboardInterrupt:
        print("\nStopped. A training goes on at the server.", file=sys.stderr)
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
