"""The document as a page shows it: each endpoint in words, tables and examples."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask

from inkling.web.openapi.document import AREAS, Json, describe, methods_of, path_of
from inkling.web.openapi.samples import curl, python, url_of

DIGITS = list("0123456789")
TEXTS = {"uuid": "UUID", "date-time": "time (ISO 8601)", "data-url": "data URL"}
PLAIN = {"string": "text", "boolean": "true or false", "null": "null", "object": "object"}
SINGULAR = re.compile("^(list|number|whole number)")
FAR = 10**9  # limits beyond which no sensible number lies are not told
NUMBERS = {"integer": "whole number", "number": "number"}


@dataclass(frozen=True)
class Row:
    """A field or a parameter: its name, what it may be, what it means, whether it must be there."""

    name: str
    type: str
    about: str
    required: bool


@dataclass(frozen=True)
class Table:
    """The fields of an object."""

    title: str
    about: str
    rows: list[Row]


@dataclass(frozen=True)
class Endpoint:
    """One method of one address."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    notes: list[str]
    parameters: list[Row]
    takes: list[Table]
    answers: list[tuple[str, str]]  # status, and what it means
    media_type: str
    tables: list[Table]  # of what is answered
    example: str
    curl: str
    python: str


@dataclass(frozen=True)
class Section:
    """An area's endpoints."""

    title: str
    about: str
    endpoints: list[Endpoint]


def sections(app: Flask, base: str) -> list[Section]:
    """Return what the page shows of an app that is reached at `base`, as http://127.0.0.1:5000."""
    whole = describe(app)
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    found = []
    for area in AREAS:
        endpoints = []
        for name, operation in area.operations.items():
            for method in methods_of(rules[name]) if name in rules else ():
                path = path_of(rules[name])
                url = url_of(base, path, operation)
                samples = curl(method, url, operation), python(method, url, operation)
                endpoints.append(_endpoint(whole, method, path, *samples))
        if endpoints:
            found.append(Section(area.title, area.about, endpoints))
    return found


def _endpoint(whole: Json, method: str, path: str, curl: str, python: str) -> Endpoint:
    described, components = whole["paths"][path][method.lower()], whole["components"]["schemas"]
    body = described.get("requestBody", {}).get("content", {})
    ((media_type, content),) = described["responses"]["200"]["content"].items()
    posted = next(iter(body.values()), None)
    example = content.get("example")
    return Endpoint(
        described["operationId"],
        method,
        path,
        described["summary"],
        described["description"],
        list(_notes(described)),
        [
            Row(one["name"], _words(one["schema"]), one["description"], one["required"])
            for one in described.get("parameters", ())
        ],
        list(_tables(posted["schema"], components)) if posted else [],
        [
            (status, answer["description"])
            for status, answer in described["responses"].items()
            if status != "default"
        ],
        media_type,
        list(_tables(content["schema"], components)),
        json.dumps(example, indent=1, ensure_ascii=False) if example else "",
        curl,
        python,
    )


def _notes(described: Json) -> Iterator[str]:
    if "security" in described:
        yield "Behind a password, by HTTP Basic."
    if "x-open-to-other-sites" in described:
        yield "Pages of the sites in CORS_ORIGINS may call it too."


def _tables(schema: Json, components: Json) -> Iterator[Table]:
    """Yield a table for an object, and one for each object that it refers to, once."""
    waiting, seen = [_name(one) for one in _parts(schema) if "$ref" in one], set[str]()
    while waiting:
        name = waiting.pop(0)
        found = components[name]
        if name in seen or "properties" not in found:
            continue
        seen.add(name)
        rows = []
        for field, one in found["properties"].items():
            words = _words(one, components)
            rows.append(Row(field, words, one.get("description", ""), field in found["required"]))
            waiting += [_name(part) for part in _parts(one) if "$ref" in part]
        yield Table(found["title"], found.get("description", ""), rows)


def _parts(schema: Any) -> Iterator[Json]:
    """Yield a schema and all that are within it."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _parts(value)


def _name(reference: Json) -> str:
    return str(reference["$ref"].rpartition("/")[2])


def _words(schema: Json, components: Json | None = None) -> str:
    """Return what a value may be, in words.

    >>> _words({"anyOf": [{"type": "integer", "minimum": 0, "maximum": 9}, {"type": "null"}]})
    'whole number 0 to 9, or null'
    """
    if "$ref" in schema:
        found = (components or {}).get(_name(schema), {})
        return _words(found) if "enum" in found else _name(schema)
    if "anyOf" in schema:
        return ", or ".join(_words(one, components) for one in schema["anyOf"])
    if "enum" in schema:
        return _choice(schema["enum"])
    kind = schema.get("type", "")
    if kind == "array":
        within = _words(schema["items"], components) if "items" in schema else "anything"
        return "list of " + SINGULAR.sub(r"\1s", within)
    if kind == "object" and "additionalProperties" in schema:
        return f"by name, {_words(schema['additionalProperties'], components)}"
    if kind in NUMBERS:
        return NUMBERS[kind] + _range(schema)
    return TEXTS.get(schema.get("format", ""), PLAIN.get(kind, "anything"))


def _choice(values: list[Any]) -> str:
    if values[:10] == DIGITS:
        return ", or ".join(['"0" to "9"', *map(json.dumps, values[10:])])
    return ", or ".join(map(json.dumps, values))


def _range(schema: Json) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f" {least:,} to {most:,}" if most < FAR else ""
    return "" if least is None else f" from {least:,}"
