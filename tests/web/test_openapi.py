"""The OpenAPI document: valid, complete, and with examples that are what it says."""

import tomllib
import uuid

import msgspec
import pytest
import schemathesis
from flask.testing import FlaskClient

from inkling.settings import ROOT
from inkling.web.app import Inkling
from inkling.web.openapi.document import (
    AREAS,
    NOT_DESCRIBED,
    Json,
    describe,
    methods_of,
    path_of,
)
from inkling.web.rate_limit import is_limited
from tests.conftest import AppWith

DESCRIBED = [name for area in AREAS for name in area.operations]


@pytest.fixture
def whole(app_with: AppWith) -> Inkling:
    """An app with all of its endpoints."""
    return app_with(ADMIN_PASSWORD=str(uuid.uuid4()))


@pytest.fixture
def document(whole: Inkling) -> Json:
    found: Json = whole.test_client().get("/openapi.json").get_json()
    return found


def operations(document: Json) -> dict[tuple[str, str], Json]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_endpoint_is_described_and_no_other(whole: Inkling, document: Json) -> None:
    rules = [rule for rule in whole.url_map.iter_rules() if rule.endpoint not in NOT_DESCRIBED]
    assert len(DESCRIBED) == len(set(DESCRIBED))
    assert set(DESCRIBED) == {rule.endpoint for rule in rules}
    there = {(method, path_of(rule)) for rule in rules for method in methods_of(rule)}
    assert operations(document).keys() == there
    for rule in rules:  # no method that is not described
        assert {*(rule.methods or ())} - {"HEAD", "OPTIONS"} == {*methods_of(rule)}


def test_an_endpoint_that_nobody_describes_fails(app: Inkling) -> None:
    app.add_url_rule("/new", "drawing.new", lambda: "")
    with pytest.raises(KeyError, match=r"drawing\.new"):
        describe(app)


def test_it_is_valid(document: Json) -> None:
    schemathesis.openapi.from_dict(document).validate()
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))


def test_without_a_password_there_are_no_downloads(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    assert not [path for path in document["paths"] if path.startswith("/admin")]
    assert [*document["components"]["securitySchemes"]] == ["networks"]
    assert "/admin" not in client.get("/api").text


def test_all_is_said_of_every_operation(whole: Inkling, document: Json) -> None:
    rules = {path_of(rule): rule for rule in whole.url_map.iter_rules()}
    for (method, path), operation in operations(document).items():
        view = whole.view_functions[rules[path].endpoint]
        responses = operation["responses"]
        assert operation["summary"][0].isupper()
        assert all(answer["description"] for answer in responses.values())
        assert {"200", "default"} <= responses.keys()
        assert ("429" in responses) == (is_limited(view) or "security" in operation)
        in_the_address = path in ("/{net}/train", "/admin/changes/{number}/undo")  # all of it
        posts = method == "POST" and not in_the_address
        assert ("requestBody" in operation) == posts
        names = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert names == rules[path].arguments
        for status, answer in responses.items():
            if status == "default" or int(status) >= 400:
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}


@pytest.mark.parametrize("endpoint", DESCRIBED)
def test_its_examples_are_what_it_describes(endpoint: str) -> None:
    (operation,) = [area.operations[endpoint] for area in AREAS if endpoint in area.operations]
    for example in (operation.takes, operation.answer):
        if isinstance(example, msgspec.Struct):
            found = msgspec.json.decode(msgspec.json.encode(example), type=type(example))
            assert found == example


def test_the_example_of_a_picture_is_a_seven(client: FlaskClient, document: Json) -> None:
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    assert client.post("/predict", json=body["example"]).get_json()["answer"] == "7"


def test_it_is_the_app_s_version(document: Json) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert document["info"]["version"] == project["version"]


def test_it_is_sent_again_only_where_it_changed(client: FlaskClient) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


@pytest.mark.parametrize("host", ["example.org", "a.example:8000", "[::1]:5000"])
def test_the_page_s_examples_ask_the_host_that_was_asked(client: FlaskClient, host: str) -> None:
    text = client.get("/api", headers={"Host": host}).text
    assert f"curl http://{host}/versions" in text.replace("&#39;", "")


@pytest.mark.parametrize("host", ['"><script>', "a b", "a'; rm -rf ~ #", "a$(id)", "a{{7*7}}"])
def test_no_odd_host_comes_into_the_page(client: FlaskClient, host: str) -> None:
    answer = client.get("/api", headers={"Host": host})
    assert answer.status_code in (200, 400)
    assert host not in answer.text
