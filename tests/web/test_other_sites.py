"""Other sites: whom CORS_ORIGINS lets in, and that no other site's page changes anything."""

import re

import pytest
from flask.testing import FlaskClient

from inkling.settings import Settings, load_settings
from inkling.web import other_sites
from inkling.web.app import Inkling
from tests.conftest import AppMaker, AppWith
from tests.web.posting import SEVEN, check_refused, rows

SITE = "https://a.example"
OURS = "http://localhost"  # what the test's client calls itself
LABEL = {"imageBase64": SEVEN, "digit": "7"}
FOREIGN = {
    "another site": {"Origin": SITE, "Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Origin": "http://other.localhost", "Sec-Fetch-Site": "same-site"},
    "an older browser": {"Origin": SITE},
    "another port": {"Origin": "http://localhost:8000"},
    "another port, said": {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-site"},
    "a page without an origin": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "an older one without": {"Origin": "null"},
    "no origin sent": {"Sec-Fetch-Site": "cross-site"},
    "our name within": {"Origin": "http://localhost.evil.example"},
    "our name as a user's": {"Origin": "http://localhost@evil.example"},
    "our name behind": {"Origin": "http://evil.example/localhost"},
    "no site at all": {"Origin": "x" * 9999},
    "a broken one": {"Origin": "http://[::1"},
    "a port that is none": {"Origin": "http://localhost:99999999"},
    "an extension": {"Origin": "chrome-extension://localhost"},
    "what no browser says": {"Origin": SITE, "Sec-Fetch-Site": "unheard-of"},
    "its own name forwarded": {"Origin": SITE, "X-Forwarded-Host": "a.example"},
}
OWN = {
    "a program": {},
    "our page": {"Origin": OURS, "Sec-Fetch-Site": "same-origin"},
    "our page in an older browser": {"Origin": OURS},
    "in capitals": {"Origin": "HTTP://LOCALHOST"},
    "with its port": {"Origin": "http://localhost:80"},
    "behind TLS that nobody told of": {"Origin": "https://localhost"},
    "the visitor's own doing": {"Sec-Fetch-Site": "none"},
    "our page, its name hidden": {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    "our page behind a proxy that changes Host": {
        "Origin": "https://inkling.example.org",
        "Sec-Fetch-Site": "same-origin",
    },
}


@pytest.mark.parametrize("kind", ["data", "json"])
@pytest.mark.parametrize("path", ["/train", "/collect", "/predict"])
@pytest.mark.parametrize("case", FOREIGN)
def test_a_page_of_another_site_changes_nothing(
    app: Inkling, client: FlaskClient, case: str, path: str, kind: str
) -> None:
    refused = client.post(path, headers=FOREIGN[case], **{kind: LABEL})
    check_refused(refused, 403)
    assert rows(app.journal) == 0


@pytest.mark.parametrize("case", OWN)
def test_our_pages_and_programs_do(app: Inkling, client: FlaskClient, case: str) -> None:
    assert client.post("/train", headers=OWN[case], data=LABEL).status_code == 200
    assert rows(app.journal) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_other_method_is_a_way_round(client: FlaskClient, method: str) -> None:
    check_refused(client.open("/train", method=method, headers={"Origin": SITE}), 403)


@pytest.mark.parametrize("path", ["/", "/versions", "/progress/data"])
def test_another_site_may_link_to_what_changes_nothing(client: FlaskClient, path: str) -> None:
    headers = {"Origin": SITE, "Sec-Fetch-Site": "cross-site"}
    assert client.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(("origins", "case"), [("*", case) for case in FOREIGN] + [(SITE, "a")])
def test_a_site_of_the_setting_may_label(app_with: AppWith, origins: str, case: str) -> None:
    said = FOREIGN.get(case, {"Origin": SITE, "Sec-Fetch-Site": "cross-site"})
    client = app_with(CORS_ORIGINS=origins).test_client()
    assert client.post("/train", headers=said, data=LABEL).status_code == 200
    if origins != "*":
        other = {**said, "Origin": f"{SITE}.evil"}
        check_refused(client.post("/train", headers=other, data=LABEL), 403)


@pytest.mark.parametrize(("trusted", "status"), [("0", 403), ("1", 200)])
def test_a_proxy_that_is_counted_tells_our_name(
    app_with: AppWith, trusted: str, status: int
) -> None:
    client = app_with(TRUSTED_PROXIES=trusted).test_client()
    told = {"Origin": "https://inkling.example.org", "X-Forwarded-Host": "inkling.example.org"}
    assert client.post("/train", headers=told, data=LABEL).status_code == status


def test_our_name_without_tls_is_another_site_where_we_have_it(app_with: AppWith) -> None:
    client = app_with(TRUSTED_PROXIES="1").test_client()
    for scheme, status in (("http", 403), ("https", 200)):
        said = {"Origin": f"{scheme}://localhost", "X-Forwarded-Proto": "https"}
        assert client.post("/train", headers=said, data=LABEL).status_code == status


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [("", None), ("https://a.example", "https://a.example"), ("*", "https://a.example")],
)
def test_other_sites_may_call_only_where_the_setting_says_so(
    settings: Settings, make_app: AppMaker, origins: str, allowed: str | None
) -> None:
    environ = {"CORS_ORIGINS": origins, "INSTANCE_FOLDER": str(settings.instance_folder)}
    client = make_app(load_settings(environ)).test_client()
    answer = client.get("/healthz", headers={"Origin": "https://a.example"})
    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("path", ["/predict", "/train", "/collect"])
def test_a_site_of_the_setting_may_call_the_api(app_with: AppWith, path: str) -> None:
    client = app_with(CORS_ORIGINS=f"https://b.example, {SITE}").test_client()
    asked = {"Origin": SITE, "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "content-type"
    preflight = client.options(path, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == SITE
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert preflight.headers["Access-Control-Allow-Headers"].lower() == "content-type"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    refused = client.post(path, headers={"Origin": SITE})  # it may read why
    assert refused.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in refused.headers["Vary"]


def test_these_addresses_alone_are_open_to_other_sites(app: Inkling) -> None:
    """They go by address: also an unknown id and another method are answered to other sites."""
    paths = {re.sub("<[^>]*>", "7", rule.rule) for rule in app.url_map.iter_rules()}
    found = {path for path in paths if any(p.match(path) for p in other_sites.open_paths(app))}
    assert found == {
        *("/predict", "/versions", "/steps", "/train", "/collect", "/drawings/7"),
        *("/drawings/answers", "/drawings/7/delete"),
        *("/weights", "/weights/7", "/weights/original/7"),
        *("/healthz", "/readyz", "/openapi.json"),
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/train", 405), ("GET", "/drawings/7", 404), ("OPTIONS", "/drawings/7", 404)],
)
def test_a_site_may_read_why_its_request_is_refused(
    app_with: AppWith, method: str, path: str, status: int
) -> None:
    client = app_with(CORS_ORIGINS=SITE).test_client()
    answer = client.open(path, method=method, headers={"Origin": SITE})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize("path", ["/versions", "/healthz"])
def test_it_may_read_what_the_api_answers(app_with: AppWith, path: str) -> None:
    client = app_with(CORS_ORIGINS=SITE).test_client()
    answer = client.get(path, headers={"Origin": SITE})
    assert answer.headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize(
    "origin",
    [
        f"{SITE}.evil",
        "https://aXexample",
        "http://a.example",
        f"{SITE}:8000",
        "https://sub.example.org",  # the setting takes no patterns, and guesses none
        "https://evilexample.org",
        "https:/.example.org.evil",
        "null",
        "x" * 9999,
    ],
)
def test_a_site_that_only_looks_alike_may_not(app_with: AppWith, origin: str) -> None:
    client = app_with(CORS_ORIGINS=f"{SITE}, https://*.example.org").test_client()
    answer = client.get("/healthz", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("origins", [SITE, "*"])
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/models", "/progress", "/progress/data"),
        *("/metrics", "/admin/export", "/static/js/ink.js"),
    ],
)
def test_another_site_reads_nothing_but_the_api(app_with: AppWith, origins: str, path: str) -> None:
    client = app_with(CORS_ORIGINS=origins, ADMIN_PASSWORD="x" * 16).test_client()
    for method in ("GET", "OPTIONS"):
        answer = client.open(path, method=method, headers={"Origin": SITE})
        assert "Access-Control-Allow-Origin" not in answer.headers
