"""The document and the server agree: schemathesis asks what the one says and checks the answers."""

import base64
import tempfile
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from inkling.journal.jobs import SAMPLES
from inkling.nets.registry import MODELS
from inkling.settings import load_settings
from inkling.web.openapi.document import AREAS, Json, describe
from inkling.web.openapi.drawing import DRAWING
from main import create_app
from testing.fuzzing import bare, data_url, pictures
from testing.rest_examples import put_back
from tests.web.posting import BLANK, SEVEN, post
from tests.web.test_fuzz import publish_versions

PASSWORD = str(uuid.uuid4())
ENDPOINTS = [name for area in AREAS for name in area.operations]
ASKED_WITH = [
    n for area in AREAS for n, one in area.operations.items() if one.takes or one.parameters
]
QUICK: Any = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": [*HealthCheck],
}
Operation = APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Any]


@pytest.fixture(scope="module")
def api() -> Iterator[BaseSchema]:
    """The document held to its word: an answer has no field and no status that it does not name."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "INSTANCE_FOLDER": folder,
            "TMP_FOLDER": f"{folder}/files",
            "RECEIPT_WAIT": "0",
            "RATE_LIMIT": "none",  # else most would be answered 429, as the document says
            "ADMIN_PASSWORD": PASSWORD,
            "API_LOGIN": "operator",
            "API_PASSWORD": PASSWORD,
        }
        found = load_settings(environ)
        publish_versions(found)
        app = create_app(found)
        post(app.test_client(), "/collect", imageBase64=SEVEN, digit=7, key=DRAWING)
        schemathesis.openapi.format("data-url", st.sampled_from(pictures()).map(data_url))
        schemathesis.openapi.format("picture", st.sampled_from(pictures()).map(bare))
        schema = schemathesis.openapi.from_dict(held_to_its_word(describe(app)))
        schema.app = app
        yield schema
        app.close()


def held_to_its_word(document: Json) -> Json:
    """The document without what it leaves open: further fields of answers, and other errors."""
    for operations in document["paths"].values():
        for operation in operations.values():
            del operation["responses"]["default"]
            for answer in operation["responses"].values():
                for content in answer.get("content", {}).values():
                    close(content["schema"], document["components"]["schemas"])
    return document


def close(schema: Any, components: Json) -> None:
    """Let the objects of a schema have no field that it does not name."""
    for value in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(value, dict | list):
            close(value, components)
    if "$ref" in schema:
        close(components[schema["$ref"].rpartition("/")[2]], components)
    if "properties" in schema:
        schema["additionalProperties"] = False


def operations_of(api: BaseSchema, endpoint: str) -> list[Operation]:
    """The methods of an endpoint, of which there is at least one."""
    name = endpoint.replace(".", "_")
    ids = {name, f"{name}_get", f"{name}_post"}
    every = [found.ok() for found in api.get_all_operations()]  # type: ignore[union-attr]
    operations = [one for one in every if one.definition.raw["operationId"] in ids]
    assert operations
    return operations


def ask(case: Case) -> int:
    """Ask, check all of the answer, and return its status."""
    password = base64.b64encode(f"operator:{PASSWORD}".encode()).decode()
    # A check tries wrong passwords, of which few are looked at.
    case.operation.schema.app.request_counts.reset()
    put_back(case.operation.schema.app.journal)
    behind = "security" in case.operation.definition.raw
    headers = {"Accept-Encoding": "identity"}  # which it asks for, and cannot read, otherwise
    if behind:
        headers["Authorization"] = f"Basic {password}"
    answer = case.call(headers=headers)
    unfit = [*_unfit(case, answer.status_code)]
    case.validate_response(answer, headers=headers, excluded_checks=unfit)
    return answer.status_code


def _unfit(case: Case, status: int) -> Iterator[Any]:
    """The checks that know too little of a case and the status that answers it."""
    if status == 413:
        yield negative_data_rejection  # to which this is no refusal
    # No schema can say that a stroke has as many x as y, nor what its text in a form is.
    if isinstance(case.body, dict) and case.body.get("strokes") is not None:
        yield positive_data_acceptance
    endpoint = case.operation.definition.raw["operationId"]
    if endpoint == "curation_change":
        yield positive_data_acceptance  # which action wants a digit, no schema says
        if isinstance(case.body, dict) and case.body.get("action") != "relabel":
            yield negative_data_rejection
    if endpoint in ("gallery_page", "curation_page") and status == 200:
        yield negative_data_rejection  # whatever else an address says is passed over
    if endpoint.startswith("networks_train"):
        if (case.path_parameters or {}).get("net") in MODELS:
            yield positive_data_acceptance  # they are described, and not trained: 405
        if (case.query or {}).get("training_sample") in (None, *SAMPLES):
            yield negative_data_rejection  # whatever else an address says is passed over


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_what_lies_at_the_borders_of_the_document(api: BaseSchema, endpoint: str) -> None:
    """Each example, each value at a limit and beyond it, each field left out, other methods."""
    for operation in operations_of(api, endpoint):
        cases = api.iter_coverage_cases(
            operation, generation_modes=[*GenerationMode], generation_config=api.config.generation
        )
        asked = [(case.method, ask(case)) for case in cases]
        statuses = {status for method, status in asked if method == operation.method.upper()}
        # Which fingerprint the originals have, the document's example tells and no schema.
        assert 200 in statuses or endpoint == "weights.originals"
        assert 429 not in statuses


FOREIGN = {"Sec-Fetch-Site": "cross-site"}
REFUSALS: dict[str, tuple[str, dict[str, Any], dict[str, str], int]] = {
    "no picture": ("drawing.predict", {"imageBase64": "data:image/png;base64,QUJD"}, {}, 400),
    "blank paper": ("drawing.predict", {"imageBase64": BLANK}, {}, 422),
    "nothing on it": ("drawing.train", {"imageBase64": BLANK, "digit": 7}, {}, 422),
    "another site's page": ("drawing.collect", {"imageBase64": SEVEN, "digit": 7}, FOREIGN, 403),
    "a key of another": (
        "drawing.train",
        {"imageBase64": SEVEN, "digit": 1, "key": DRAWING},
        {},
        409,
    ),
    "no such version": ("drawing.predict", {"imageBase64": SEVEN, "version": 99}, {}, 404),
    "a lost version": ("drawing.predict", {"imageBase64": SEVEN, "version": 2}, {}, 404),
    "too large": ("drawing.collect", {"imageBase64": SEVEN * 9000, "digit": 7}, {}, 413),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_refused_is_described(api: BaseSchema, case: str) -> None:
    endpoint, body, headers, status = REFUSALS[case]
    media_type = "application/json"
    (operation,) = operations_of(api, endpoint)
    asked = operation.Case(body=body, headers=headers, media_type=media_type)
    answer = asked.call()
    asked.validate_response(answer)
    assert answer.status_code == status


def ask_at_random(api: BaseSchema, endpoint: str, mode: GenerationMode, examples: int) -> None:
    operations = st.sampled_from(operations_of(api, endpoint))

    @settings(max_examples=examples, **QUICK)
    @given(case=operations.flatmap(lambda operation: operation.as_strategy(mode)))
    def ask_one(case: Case) -> None:
        ask(case)

    ask_one()


@pytest.mark.parametrize("mode", [*GenerationMode])
@pytest.mark.parametrize("endpoint", ASKED_WITH)
def test_what_it_allows_and_what_it_does_not(
    api: BaseSchema, endpoint: str, mode: GenerationMode
) -> None:
    ask_at_random(api, endpoint, mode, 20)


@pytest.mark.long
@pytest.mark.parametrize("mode", [*GenerationMode])
@pytest.mark.parametrize("endpoint", ASKED_WITH)
def test_much_of_both(api: BaseSchema, endpoint: str, mode: GenerationMode) -> None:
    ask_at_random(api, endpoint, mode, 500)
