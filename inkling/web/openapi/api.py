"""The document itself and its page, described."""

from typing import Any

from msgspec import Struct

from inkling.web.openapi.operation import NOT_CHANGED, PAGE, Area, Operation


class Document(Struct):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    servers: list[Any]
    tags: list[Any]
    paths: dict[str, Any]
    components: dict[str, Any]


AREA = Area(
    "This description",
    "For programs and for people.",
    {
        "api.document": Operation(Document("3.1.1", {}, [], [], {}, {}), otherwise=NOT_CHANGED),
        "api.page": Operation(PAGE),
    },
)
