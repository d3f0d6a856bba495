"""The OpenAPI document, put together from the app's own addresses and what its areas say of them.

A new area: a module beside these with its `AREA`, and its name in AREAS. Nothing here is imported
before somebody asks for the document.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from flask import Flask
from werkzeug.routing import Rule

from inkling.web.openapi import (
    about,
    admin,
    api,
    drawing,
    gallery,
    health,
    models,
    networks,
    own_drawings,
    progress,
    weights,
)
from inkling.web.openapi.operation import (
    PASSWORDS,
    Area,
    Error,
    File,
    Operation,
    Parameter,
)
from inkling.web.rate_limit import is_limited

AREAS: tuple[Area, ...] = (
    drawing.AREA,
    gallery.AREA,
    own_drawings.AREA,
    about.AREA,
    models.AREA,
    progress.AREA,
    weights.AREA,
    networks.AREA,
    health.AREA,
    admin.AREA,
    api.AREA,
)
NOT_DESCRIBED = {"static"}  # files of the pages, which may have other names tomorrow
METHODS = ("GET", "POST")

ABOUT = """Draw a digit; four models answer; your correction retrains them.

Post JSON or a form; JSON comes back. Every error is {"error": "What is wrong. What to do about \
it."}, also where any address may answer so: 404, 405, 413, 414 (an address too long), 431 \
(headers too long), 500. Every answer has an X-Request-ID, which is also in the server's log."""
ANY_ERROR = "Any other error."
POSTED = {
    400: "The body cannot be read, or a field is wrong.",
    413: "The body or the picture is too large.",
}
FOREIGN = {403: "A page of another site sent it."}
TOO_MANY = {429: "Too many requests."}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds after which it may be otherwise; not always there.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

Json = dict[str, Any]
Schemas = Mapping[Any, Json]  # by type


def describe(app: Flask) -> Json:
    """Return the document of an app's endpoints. Raises KeyError for one that nobody describes."""
    described = {name: found for area in AREAS for name, found in area.operations.items()}
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    there = {name: described[name] for name in rules.keys() - NOT_DESCRIBED}
    schemas, components = _schemas(there.values())
    paths: Json = {}
    for area in AREAS:
        for name in (name for name in area.operations if name in there):
            view, rule, operation = app.view_functions[name], rules[name], there[name]
            at = paths.setdefault(path_of(rule), {})
            for method in methods_of(rule):
                found = _operation(view, rule, method, operation, schemas)
                at[method.lower()] = found | {"tags": [area.title]}
    schemes = {
        name: {"type": "http", "scheme": "basic", "description": password.about}
        for name, password in PASSWORDS.items()
        if any(one.password == name for one in there.values())
    }
    return {
        "openapi": "3.1.1",
        "info": {"title": "Inkling", "version": "0.1.0", "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [
            {"name": area.title, "description": area.about}
            for area in AREAS
            if area.operations.keys() & there.keys()
        ],
        "paths": paths,
        "components": {
            "schemas": components,
            **({"securitySchemes": schemes} if schemes else {}),
        },
    }


def path_of(rule: Rule) -> str:
    """Return a rule's address as OpenAPI writes it, /drawings/{id}."""
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def methods_of(rule: Rule) -> list[str]:
    """Return the methods of a rule that are described; HEAD goes with GET."""
    return [method for method in METHODS if method in (rule.methods or ())]


def _schemas(operations: Any) -> tuple[Schemas, Json]:
    """Return the schema of each type that operations name, and the components they refer to."""
    types = list(dict.fromkeys(kind for one in operations for kind in _types(one)))
    found, components = msgspec.json.schema_components(
        [Error, *types], ref_template="#/components/schemas/{name}"
    )
    return dict(zip([Error, *types], found, strict=True)), dict(sorted(components.items()))


def _types(operation: Operation) -> Iterator[Any]:
    """Yield the types that an operation names."""
    if not isinstance(operation.answer, File):
        yield type(operation.answer)
    if operation.takes is not None:
        yield type(operation.takes)
    if operation.form is not None:
        yield operation.form
    for parameter in operation.parameters.values():
        yield parameter.type


def operation_id(rule: Rule, method: str) -> str:
    """Return a name for one method of an endpoint: the endpoint's where it has no other."""
    name = rule.endpoint.replace(".", "_")
    return name if len(methods_of(rule)) == 1 else f"{name}_{method.lower()}"


def _operation(
    view: Callable[..., Any], rule: Rule, method: str, operation: Operation, schemas: Schemas
) -> Json:
    """Return the description of one method of an endpoint."""
    summary, _, about = (view.__doc__ or "").strip().partition("\n\n")
    described: Json = {
        "operationId": operation_id(rule, method),
        "summary": " ".join(summary.split()).removesuffix("."),
        "description": operation.about or " ".join(about.split()),
    }
    if operation.parameters:
        described["parameters"] = [
            _parameter(name, one, name in rule.arguments, schemas[one.type])
            for name, one in operation.parameters.items()
        ]
    if operation.takes is not None and method == "POST":
        described["requestBody"] = {"required": True, "content": _bodies(operation, schemas)}
    described["responses"] = _responses(view, method, operation, schemas)
    if operation.password:
        described["security"] = [{operation.password: []}]
    if hasattr(view, "open_to_other_sites"):
        described["x-open-to-other-sites"] = True
    return described


def _parameter(name: str, parameter: Parameter, in_path: bool, schema: Json) -> Json:
    return {
        "name": name,
        "in": "path" if in_path else "query",
        "required": in_path,
        "description": parameter.about,
        "schema": schema,
        **({"example": parameter.example} if parameter.example is not None else {}),
    }


def _bodies(operation: Operation, schemas: Schemas) -> Json:
    """Return how the body may be posted, by media type."""
    example = msgspec.to_builtins(operation.takes)
    bodies = {"application/json": {"schema": schemas[type(operation.takes)], "example": example}}
    for kind in FORMS if operation.form else ():
        bodies[kind] = {"schema": schemas[operation.form]}
    return bodies


def _responses(
    view: Callable[..., Any], method: str, operation: Operation, schemas: Schemas
) -> Json:
    """Return what is answered, by status; what the operation itself says of one goes first."""
    refused: dict[int, str] = {}
    if method == "POST":
        refused |= FOREIGN | (POSTED if operation.takes is not None else {})
    if is_limited(view) or hasattr(view, "failures_limited"):
        refused |= TOO_MANY
    refused |= operation.otherwise
    responses = {"200": _answer(operation.answer, schemas)}
    for status, why in sorted(refused.items()):
        responses[str(status)] = _refusal(status, why, schemas)
    responses["default"] = _refusal(0, ANY_ERROR, schemas)
    return responses


def _answer(answer: msgspec.Struct | File, schemas: Schemas) -> Json:
    if isinstance(answer, File):
        return {
            "description": answer.about,
            "content": {answer.media_type: {"schema": {"type": "string"}}},
        }
    schema = schemas[type(answer)]
    content = {"application/json": {"schema": schema, "example": msgspec.to_builtins(answer)}}
    return {"description": (type(answer).__doc__ or "").strip(), "content": content}


def _refusal(status: int, about: str, schemas: Schemas) -> Json:
    if 300 <= status < 400:
        return {"description": about}
    refusal: Json = {
        "description": about,
        "content": {"application/json": {"schema": schemas[Error]}},
    }
    if status in (429, 503):
        refusal["headers"] = RETRY_AFTER
    return refusal
