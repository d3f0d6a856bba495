"""Examples of requests: for each endpoint a command for curl and a program in Python.

They are put together from the document's own operations, so that they ask what it describes. A
picture is read from `digit.png` in the folder where they run.
"""

import json
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from inkling.web.openapi.operation import PASSWORDS, PICTURE, File, Operation

FILE = "digit.png"
READ_PICTURE = (
    f'with open("{FILE}", "rb") as file:',
    "    picture = base64.b64encode(file.read()).decode()",
)
JSON_HEADER = "'Content-Type: application/json'"


def url_of(base: str, path: str, operation: Operation) -> str:
    """Return an address with the parameters' examples in it.

    >>> from inkling.web.openapi.drawing import AREA
    >>> url_of("http://a", "/drawings/{id}", AREA.operations["drawing.outcome"])[:17]
    'http://a/drawings'
    """
    examples = {
        name: parameter.example
        for name, parameter in operation.parameters.items()
        if parameter.example is not None
    }
    query = {name: value for name, value in examples.items() if f"{{{name}}}" not in path}
    for name in examples.keys() - query.keys():
        path = path.replace(f"{{{name}}}", quote(str(examples[name]), safe=""))
    return base + path + (f"?{urlencode(query)}" if query else "")


def curl(method: str, url: str, operation: Operation) -> str:
    """Return a command line for a POSIX shell."""
    words = ["curl"]
    if operation.password:
        password = PASSWORDS[operation.password]
        words.append(f'--user "{password.user}:${password.variable}"')
    if isinstance(operation.answer, File) and operation.answer.name:
        words.append(f"--output {operation.answer.name}")
    fields = _fields(operation)
    if fields is None:
        words.append("" if method == "GET" else f"--request {method}")
        return " ".join(filter(None, [*words, shlex.quote(url)]))
    words += [f"--header {JSON_HEADER}", "--data-binary @-", shlex.quote(url)]
    text = json.dumps(fields, ensure_ascii=False).replace("%", "%%").replace(PICTURE, "%s")
    return "\n".join(
        [
            f"printf {shlex.quote(text)} \\",
            f"  \"$(base64 < {FILE} | tr -d '\\n')\" |",
            " \\\n  ".join([" ".join(words[:2]), *words[2:]]),
        ]
    )


def python(method: str, url: str, operation: Operation) -> str:
    """Return a program that needs the package `requests` alone."""
    fields, answer = _fields(operation), operation.answer
    modules = ["base64"] if fields is not None else []
    given = [f"{_quoted(url)},"]
    if operation.password:
        password = PASSWORDS[operation.password]
        modules.append("os")
        name, secret = _from_environment(password.user), _from_environment(f"${password.variable}")
        given.append(f"auth=({name}, {secret}),")
    if fields is not None:
        given += ["json={", *(f"    {line}" for line in _lines(fields)), "},"]
    given.append("timeout=30,")
    return "\n".join(
        [
            *(f"import {module}" for module in modules),
            *([""] if modules else []),
            "import requests",
            "",
            *(READ_PICTURE if fields is not None else ()),
            f"answer = requests.{method.lower()}(",
            *(f"    {line}" for line in given),
            ")",
            "answer.raise_for_status()",
            *_shown(answer),
        ]
    )


def _from_environment(text: str) -> str:
    """Return a text as Python writes it; one that begins with `$` is a variable's name.

    >>> _from_environment("$API_LOGIN"), _from_environment("operator")
    ('os.environ["API_LOGIN"]', '"operator"')
    """
    return f'os.environ["{text[1:]}"]' if text.startswith("$") else _quoted(text)


def _shown(answer: object) -> list[str]:
    """Return the lines that show an answer, or keep it."""
    if not isinstance(answer, File):
        return ["print(answer.json())"]
    if not answer.name:
        return ["print(answer.text)"]
    return [f'with open("{answer.name}", "wb") as file:', "    file.write(answer.content)"]


def _fields(operation: Operation) -> Mapping[str, Any] | None:
    """Return what an operation's example posts."""
    if operation.takes is None:
        return None
    fields: dict[str, Any] = msgspec.to_builtins(operation.takes)
    return {name: value for name, value in fields.items() if value is not None}


def _lines(fields: Mapping[str, Any]) -> list[str]:
    """Return fields as Python writes them, with the variable `picture` in a picture's place."""
    texts = {name: _quoted(value) for name, value in fields.items()}
    for name, value in fields.items():
        if isinstance(value, str) and value.endswith(PICTURE):
            start = value.removesuffix(PICTURE)
            texts[name] = f"{_quoted(start)} + picture" if start else "picture"
    return [f"{_quoted(name)}: {text}," for name, text in texts.items()]


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
