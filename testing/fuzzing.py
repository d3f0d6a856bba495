"""Random requests for every endpoint: right ones, nearly right ones, and hostile ones."""

import base64
import io
import json
import uuid
from functools import cache
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from testing.pen import draw

METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]
# Every endpoint there is, with values for what its address leaves open. One that is missing here
# fails a test.
ENDPOINTS = {
    "static": "/static/{}",
    "drawing.index": "/",
    "drawing.contribute": "/contribute",
    "about.page": "/about",
    "about.steps": "/steps",
    "models.page": "/models",
    "models.plot": "/models/plots/{}.svg",
    "progress.page": "/progress",
    "progress.data": "/progress/data",
    "progress.latest": "/progress/latest",
    "drawing.versions": "/versions",
    "drawing.through_versions": "/versions",
    "drawing.predict": "/predict",
    "drawing.train": "/train",
    "drawing.collect": "/collect",
    "networks.list_nn": "/list_nn",
    "networks.about": "/{}/about",
    "networks.status": "/{}/train/status",
    "networks.train": "/{}/train",
    "networks.train_by_get": "/{}/train",
    "networks.classify": "/{}/classify",
    "api.document": "/openapi.json",
    "api.page": "/api",
    "health.healthz": "/healthz",
    "health.readyz": "/readyz",
    "health.metrics": "/metrics",
    "drawing.outcome": "/drawings/{}",
    "own_drawings.page": "/my-drawings",
    "own_drawings.answers": "/drawings/answers",
    "own_drawings.delete": "/drawings/{}/delete",
    "gallery.page": "/gallery",
    "weights.newest": "/weights",
    "weights.originals": "/weights/original/{}",
    "weights.retrained": "/weights/{}",
    "curation.page": "/admin/drawings",
    "curation.picture": "/admin/drawings/{}.png",
    "curation.change": "/admin/drawings/{}",
    "curation.undo": "/admin/changes/{}/undo",
    "admin.page": "/admin/",
    "admin.dataset": "/admin/dataset/{}",
    "admin.export": "/admin/export",
    "admin.backup": "/admin/backup",
}
KINDS: tuple[tuple[str, dict[str, str]], ...] = (
    *((kind, {}) for kind in ("PNG", "JPEG", "WEBP", "BMP", "TIFF")),
    ("TIFF", {"compression": "tiff_lzw"}),
)
any_picture = st.sampled_from(range(len(KINDS)))


@cache
def pictures() -> list[bytes]:
    """One drawing in the five formats, as TIFF packed too."""
    files = []
    for kind, options in KINDS:
        Image.fromarray(draw(7)).save(file := io.BytesIO(), kind, **options)
        files.append(file.getvalue())
    return files


@st.composite
def mutated(draw_from: Any, whole: bytes) -> bytes:
    """Bytes with a few of them changed, left out or doubled."""
    data = bytearray(whole)
    for _ in range(draw_from(st.integers(0, 4))):
        at = draw_from(st.integers(0, max(0, len(data) - 1)))
        length = draw_from(st.integers(0, 40))
        data[at : at + length] = draw_from(
            st.binary(max_size=8) | st.just(bytes(data[at : at + length] * 2))
        )
    return bytes(data)


def bare(image: bytes) -> str:
    return base64.b64encode(image).decode()


def data_url(image: bytes) -> str:
    return "data:image/png;base64," + bare(image)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
number = st.integers(-(10**25), 10**25) | st.floats() | st.integers(0, 280)
axis = st.lists(number, max_size=4)
image_text = (
    any_picture.flatmap(lambda n: mutated(pictures()[n])).map(data_url)
    | any_picture.map(lambda n: data_url(pictures()[n]))
    | any_picture.map(lambda n: bare(pictures()[n]))
    | st.binary(max_size=60).map(data_url)
    | st.text(max_size=30)
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "imageBase64": image_text | anything,
        "digit": st.integers(0, 9) | st.sampled_from([*"0123456789", "none"]) | anything,
        "strokes": st.lists(st.lists(axis, max_size=4), max_size=3) | anything,
        "key": st.uuids().map(str) | st.sampled_from([str(uuid.UUID(int=1))]) | anything,
        "version": st.integers(0, 4) | anything,
        "other": anything,
    },
)
nearly_right = st.fixed_dictionaries(
    {
        "imageBase64": any_picture.map(lambda n: data_url(pictures()[n])),
        "digit": st.integers(0, 9),
    },
    optional={
        "strokes": st.just([[[1, 2], [3, 4]]]),
        "key": st.uuids().map(str),
        "version": st.integers(0, 4),
    },
)

# What code that checks too little trips over.
HOSTILE: list[Any] = [
    *("a", "٧", "²", "\ud800", "\0", "-", "1e5", "NaN", "[[[", "[[[1], [1]], 7]", "7" * 5000),
    *(None, True, -1, 10, 7.5, 10**400, float("nan"), float("inf")),
    *([], {}, [7], [[7]], [[[7]]], [[[]]], {"7": 7}, [{}], [[{}, {}]], [[7, 7]]),
    *([[[None], [1]]], [[[1], [True]]], [[["1"], [1]]], [[[10**400], [1]]], [[[[1]], [1]]]),
    *("data:image/png;base64,", "data:image/png;base64,====", "{urn:uuid:}", "37" * 16),
]
FIELDS = ["imageBase64", "digit", "strokes", "key", "version"]
# A drawing that would be taken, but for one field.
one_wrong = st.builds(
    lambda found, name, value: found | {name: value},
    nearly_right,
    st.sampled_from(FIELDS),
    st.sampled_from(HOSTILE) | anything,
)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _multipart(found: dict[str, Any]) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{_plain(value)}\r\n'
        for name, value in found.items()
    ]
    return ("".join(parts) + "--b--\r\n").encode("utf-8", "surrogatepass")


def _urlencoded(found: dict[str, Any]) -> bytes:
    from urllib.parse import urlencode

    texts = {name: _plain(value) for name, value in found.items()}
    return urlencode(texts, errors="surrogatepass").encode()


JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
WRITERS = {JSON: lambda found: json.dumps(found).encode(), FORM: _urlencoded, MULTIPART: _multipart}


@st.composite
def bodies(draw_from: Any) -> tuple[bytes, str]:
    """A body and its type: right, nearly right, or none at all."""
    kind = draw_from(st.sampled_from([JSON, JSON, FORM, MULTIPART]))
    right = draw_from(st.booleans())  # else most are refused, and too few stored
    body = WRITERS[kind](draw_from(nearly_right if right else one_wrong | fields))
    how = draw_from(st.integers(0, 9))
    if how == 0:
        body = draw_from(st.binary(max_size=200))
    elif how == 1:
        body = draw_from(mutated(body))
    elif how == 2:
        kind = draw_from(st.sampled_from(["", "text/plain", "application/x+json", MULTIPART, "/"]))
    elif how == 3:
        body = draw_from(anything.map(lambda value: json.dumps(value).encode()))
    return body, kind


header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30)
headers = st.dictionaries(
    st.sampled_from(
        [
            "Authorization",
            "Accept",
            "Accept-Encoding",
            "Content-Encoding",
            "Host",
            "If-Modified-Since",
            "If-None-Match",
            "Origin",
            "Range",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-HTTP-Method-Override",
        ]
    ),
    header_text
    | st.sampled_from(
        ["Basic eDp5", "bytes=0-", "bytes=9-1", "gzip", '"', "*", "https://a.example", "::1"]
    ),
    max_size=3,
)
holes = st.text(max_size=15) | st.sampled_from(
    ["js/main.js", "../main.py", "%2e%2e/main.py", "fnn-diagram", str(uuid.UUID(int=1)), "a\0b"]
)
paths = st.sampled_from(sorted(set(ENDPOINTS.values()))).flatmap(
    lambda path: holes.map(path.format) if "{}" in path else st.just(path)
) | st.text(max_size=20).map(lambda text: "/" + text)
posts = st.tuples(
    st.just("POST"), st.sampled_from(["/predict", "/train", "/collect"]), headers, bodies()
)
requests = posts | st.tuples(st.sampled_from([*METHODS, "BREW"]), paths, headers, bodies())
