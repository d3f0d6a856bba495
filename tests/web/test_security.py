"""Headers, proxies, and the limits that the threat model names."""

import re

import pytest
from flask import request
from flask.testing import FlaskClient
from PIL import PngImagePlugin

import functions
from inkling.settings import ROOT, Settings
from inkling.web import basic_auth, buffering, forms, posted_fields, rate_limit, receiving, security
from inkling.web.app import Inkling
from inkling.web.buffering import BufferingWorker
from inkling.web.security import CONTENT_SECURITY_POLICY, HEADERS, OF_FILES
from tests.conftest import AppWith
from tests.web.posting import check_refused

ANSWERS = {
    "a page": ("GET", "/", 200),
    "a script": ("GET", "/static/js/main.js", 200),
    "JSON": ("GET", "/healthz", 200),
    "the versions": ("GET", "/versions", 200),
    "the Progress page": ("GET", "/progress", 200),
    "figures": ("GET", "/metrics", 200),
    "what is not there": ("GET", "/nowhere", 404),
    "another method": ("DELETE", "/train", 405),
    "options": ("OPTIONS", "/train", 200),
    "only the head": ("HEAD", "/", 200),
    "bad input": ("POST", "/predict", 400),
    "another spelling": ("GET", "//healthz", 308),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_the_headers(client: FlaskClient, case: str) -> None:
    method, path, status = ANSWERS[case]
    answer = client.open(path, method=method)
    assert answer.status_code == status
    wanted = OF_FILES if case == "a script" else HEADERS
    assert {name: answer.headers.get(name) for name in wanted} == wanted
    assert answer.headers.get("Cache-Control") == ("no-store" if answer.is_json else None) or (
        case == "a script"
    )
    assert "Strict-Transport-Security" not in answer.headers


def test_a_failure_has_the_headers_too(app: Inkling, client: FlaskClient) -> None:
    def fail() -> str:
        raise RuntimeError("a secret")

    app.view_functions["drawing.index"] = fail
    answer = client.get("/")
    check_refused(answer, 500)
    assert "secret" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_lets_nothing_inline_run() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_a_picture_keeps_its_own_policy(client: FlaskClient) -> None:
    pictures = re.findall(r'src="(/models/plots/[^"]*)"', client.get("/models").text)
    policy = client.get(pictures[0]).headers["Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.parametrize("page", ["/", "/contribute", "/models", "/progress"])
def test_no_page_has_an_inline_script_or_style(client: FlaskClient, page: str) -> None:
    text = client.get(page).text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)


def test_browsers_are_told_to_stay_with_https_only_over_https(app_with: AppWith) -> None:
    asked = {"headers": {"X-Forwarded-Proto": "https"}}
    for trusted, told in (("0", False), ("1", True)):
        client = app_with(TRUSTED_PROXIES=trusted).test_client()
        answer = client.get("/healthz", **asked)
        assert ("Strict-Transport-Security" in answer.headers) is told
    assert "Strict-Transport-Security" in client.get("/", base_url="https://localhost").headers


@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_as_many_proxies_are_believed_as_the_setting_says(app_with: AppWith, trusted: int) -> None:
    app = app_with(TRUSTED_PROXIES=str(trusted))
    seen: list[tuple[str | None, str, str]] = []

    def look() -> str:
        seen.append((request.remote_addr, request.scheme, request.host))
        return ""

    app.view_functions["drawing.index"] = look
    headers = {
        "X-Forwarded-For": "198.51.100.1, 198.51.100.2",
        "X-Forwarded-Proto": "https, https",
        "X-Forwarded-Host": "evil.example, evil.example",
    }
    app.test_client().get("/", headers=headers)
    address = ["127.0.0.1", "198.51.100.2", "198.51.100.1"][trusted]
    assert seen == [(address, "https" if trusted else "http", "localhost")]


def test_the_documented_limits_are_the_limits() -> None:
    rows = {
        "a picture's bytes": Settings().max_image_bytes,
        "a picture's pixels": Settings().max_image_pixels,
        "requests a client, to each of `/train`, `/collect`": rate_limit.LABELLING,
        "bytes that stay free on the disk of the instance folder": Settings().disk_reserve,
        "scans of a JPEG": functions.MAX_SCANS,
        "texts in a PNG, unpacked bytes": PngImagePlugin.MAX_TEXT_MEMORY,
        f"pictures of more than {functions.LARGE:,} pixels decoded at once, each worker": 1,
        "a request's line and headers": (
            f"{receiving.MAX_HEAD:,} bytes in {BufferingWorker.head_seconds:.0f} s"
        ),
        "a request's body": (
            f"{BufferingWorker.body_seconds:.0f} s, {receiving.MAX_CHUNKS:,} chunks"
        ),
        "bytes of requests that are not whole yet, each worker": buffering.MAX_HELD,
        "requests of more than a megabyte that are answered at once, each worker": (
            buffering.MAX_LARGE
        ),
        "bytes of a refused request that are still read": (
            f"{buffering.MAX_DRAINED:,} in {BufferingWorker.close_seconds:.0f} s"
        ),
        "lists, objects and commas in JSON": posted_fields.MAX_JSON_PARTS,
        "fields of a form, parts of a multipart one": posted_fields.MAX_FORM_FIELDS,
        "strokes, points": f"{forms.MAX_STROKES}, {forms.MAX_POINTS:,}",
        "wrong passwords a client and minute": basic_auth.FAILURES.split("/")[0],
        "threads, and so requests, of a worker": Settings().web_threads,
    }
    text = (ROOT / "docs" / "security.md").read_text()
    for name, value in rows.items():
        shown = value if isinstance(value, str) else f"{value:,}"
        assert f"| {name} | {shown} |" in text
    assert security.MAX_FORM_PARTS == posted_fields.MAX_FORM_FIELDS


def test_the_tests_that_the_threat_model_names_are_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    for name in set(re.findall(r"`((?:\w+/)?test_\w+\.py)`", text)):
        assert (ROOT / "tests" / name).is_file(), name
