"""Networks for programs: which there are, what is said of them, who may ask, how training goes."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions import encode_png
from inkling.errors import InvalidInput
from inkling.journal.jobs import JobState, ask_training, jobs_of, newest_job
from inkling.journal.networks import remove_network
from inkling.journal.schema import jobs
from inkling.nets.description import ADDRESSES, check_name
from inkling.overview import warnings
from inkling.settings import DEMONSTRATION, SettingError, load_settings
from inkling.web import rate_limit
from inkling.web.app import Inkling
from testing import junk
from testing.fuzzing import bare
from testing.networks import publish_copy
from testing.pen import draw
from tests.conftest import AppWith
from tests.web.posting import check_refused

MODELS = ["fnn", "fnn_retrained", "cnn", "cnn_retrained"]
SEVEN = {"image": bare(encode_png(draw(7)))}
LOGIN, PASSWORD = "programs", "correct: horse ünd"
STATUS, TRAIN = "/lenet/train/status", "/lenet/train?training_sample=mnist"


def publish(app: Inkling, name: str, **told: Any) -> None:
    """Publish a network and let the app take it up, as its refresher does twice a second."""
    publish_copy(app.outbox, name, **told)
    app.networks.refresh()


@pytest.fixture
def guarded(app_with: AppWith) -> Inkling:
    return app_with(API_LOGIN=LOGIN, API_PASSWORD=PASSWORD)


def get(client: FlaskClient, path: str, **options: Any) -> TestResponse:
    return client.get(path, auth=DEMONSTRATION, **options)


def said(client: FlaskClient, path: str) -> Any:
    answer = get(client, path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_no_network_can_take_an_address_of_the_app(app_with: AppWith) -> None:
    whole = app_with(ADMIN_PASSWORD=str(uuid.uuid4()))
    first = {rule.rule.split("/")[1] for rule in whole.url_map.iter_rules()} - {"", "<net>"}
    assert first <= ADDRESSES
    assert ADDRESSES - first <= {"jobs"}  # which will come
    for name in first:
        with pytest.raises(InvalidInput):
            check_name(name)


def test_all_are_listed_with_their_addresses(app: Inkling, client: FlaskClient) -> None:
    publish(app, "mine", title="My own")
    rows = said(client, "/list_nn")["text"]
    assert rows[0] == "LeNet url:/lenet"
    assert "My own url:/mine" in rows
    names = [row.rpartition(" url:/")[2] for row in rows]
    assert names == ["lenet", "bn-cnn", "dense", "mine", *MODELS]
    for name in names:
        assert said(client, f"/{name}/about")["text"].endswith(".")
        assert said(client, f"/{name}/train/status").keys() == {"accuracy", "datetime"}
    remove_network(app.outbox, "mine")
    app.networks.refresh()
    assert "mine" not in get(client, "/list_nn").text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "lenet",
            [
                "5×5",
                "995,060 parameters",
                "60,000 digits of MNIST and 14,447 pen drawings",
                "99.58 % of 10,000 test digits",
            ],
        ),
        ("dense", ["Dense 128", "not trained yet"]),
        ("fnn", ["feed-forward", "as they were shipped", "98.75 % of 10,000 digits: MNIST test"]),
        ("cnn_retrained", ["convolutional", "each label is a step", "99.63 %"]),
    ],
)
def test_each_is_described(client: FlaskClient, name: str, words: list[str]) -> None:
    text = said(client, f"/{name}/about")["text"]
    assert [word for word in words if word not in text] == []


def test_one_from_elsewhere_is_described_as_far_as_it_is_known(
    app: Inkling, client: FlaskClient
) -> None:
    publish(app, "foreign", architecture="imported", training={}, figures={}, history={})
    assert "Its accuracy is not known." in said(client, "/foreign/about")["text"]
    assert said(client, "/foreign/train/status")["accuracy"] is None
    assert client.post("/foreign/classify", json=SEVEN, auth=DEMONSTRATION).status_code == 200
    refused = client.post("/foreign/train", auth=DEMONSTRATION)
    check_refused(refused, 405)
    assert "not trained here" in refused.text


@pytest.mark.parametrize("name", ["lenet", "bn-cnn", "mine", *MODELS])
def test_each_tells_the_digit(app: Inkling, client: FlaskClient, name: str) -> None:
    publish(app, "mine")
    answer = client.post(f"/{name}/classify", json=SEVEN, auth=DEMONSTRATION).get_json()
    assert answer["number"] == "7"
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert max(answer["probabilities"]) == answer["probabilities"][7]
    assert answer["is_digit"] is True


@pytest.mark.parametrize("name", ["mine", "cnn"])
def test_each_tells_the_likeliest_digit_of_what_looks_like_none(
    app: Inkling, client: FlaskClient, name: str
) -> None:
    publish(app, "mine")
    smiley = {"image": bare(encode_png(junk.draw("smiley", 1, seed=3)[0]))}
    answer = client.post(f"/{name}/classify", json=smiley, auth=DEMONSTRATION).get_json()
    assert answer["is_digit"] is False
    likeliest = max(range(10), key=lambda digit: answer["probabilities"][digit])
    assert answer["number"] == str(likeliest)


def test_a_training_is_asked_for_once(app: Inkling, client: FlaskClient) -> None:
    assert "LeNet" in said(client, TRAIN)["text"]
    (job,) = jobs_of(app.journal)
    assert (job.network, job.sample, job.state) == ("lenet", "mnist", JobState.WAITING)
    check_refused(client.post(TRAIN, auth=DEMONSTRATION), 409)
    assert len(jobs_of(app.journal)) == 1
    assert client.post("/lenet/classify", json=SEVEN, auth=DEMONSTRATION).status_code == 200
    assert said(client, "/bn-cnn/train")["text"]  # another one; MNIST where nothing is named


@pytest.mark.parametrize(
    "posted",
    [
        {"query_string": {"training_sample": "other"}},
        {"data": {"training_sample": "other"}},
        {"json": {"training_sample": "other"}},
    ],
)
def test_a_sample_of_one_s_own_is_a_file(app_with: AppWith, posted: dict[str, Any]) -> None:
    app = app_with()
    client = app.test_client()
    refused = client.post("/lenet/train", auth=DEMONSTRATION, **posted)
    check_refused(refused, 409)
    assert "SAMPLE_FILE" in refused.text
    assert jobs_of(app.journal) == []
    app = app_with(SAMPLE_FILE=__file__)
    assert app.test_client().post("/lenet/train", auth=DEMONSTRATION, **posted).status_code == 200
    assert [job.sample for job in jobs_of(app.journal)] == ["other"]


@pytest.mark.parametrize("name", MODELS)
def test_the_page_s_four_are_not_trained_so(app: Inkling, client: FlaskClient, name: str) -> None:
    for refused in (
        get(client, f"/{name}/train"),
        client.post(f"/{name}/train", auth=DEMONSTRATION),
    ):
        check_refused(refused, 405)
        assert refused.headers["Allow"] == "OPTIONS"
    assert jobs_of(app.journal) == []


def test_asking_for_the_headers_trains_nothing(app: Inkling, client: FlaskClient) -> None:
    refused = client.head(TRAIN, auth=DEMONSTRATION)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, POST")
    assert jobs_of(app.journal) == []


def set_job(app: Inkling, **values: Any) -> None:
    """Let the newest job be as a trainer would leave it."""
    job = newest_job(app.journal, "lenet")
    assert job
    with app.journal.write() as connection:
        connection.execute(jobs.update().where(jobs.c.id == job.id).values(values))


def test_the_status_follows_a_training(app: Inkling, client: FlaskClient) -> None:
    before = {"accuracy": "99.58", "datetime": "2026-11-28 04:24:00"}
    assert said(client, STATUS) == before
    ask_training(app.journal, "lenet", "mnist")
    assert said(client, STATUS) == before | {"state": "queued"}
    set_job(app, state=JobState.RUNNING)
    assert said(client, STATUS) == before | {"state": "training"}
    told = {"epoch": 3, "epochs": 10, "loss": 0.04, "seconds_left": 12.5}
    set_job(app, progress=told | {"accuracy": 0.98})
    assert said(client, STATUS) == before | {"state": "training"} | told
    set_job(app, progress=told | {"loss": None})
    assert "loss" not in said(client, STATUS)
    made = datetime(2026, 11, 29, 1, 2, 3, 456, tzinfo=UTC)
    publish(app, "lenet", made=made)
    set_job(app, state=JobState.DONE, ended_at=made + timedelta(seconds=1))
    assert said(client, STATUS) == {"accuracy": "99.04", "datetime": "2026-11-29 01:02:03"}


def test_the_status_never_tells_the_end_before_the_new_weights(
    app: Inkling, client: FlaskClient
) -> None:
    """A client that follows takes an end with the old date for a training that was given up."""
    ask_training(app.journal, "lenet", "mnist")
    assert said(client, STATUS)["state"] == "queued"
    publish_copy(app.outbox, "lenet", made=datetime(2026, 11, 29, tzinfo=UTC))
    set_job(app, state=JobState.DONE, ended_at=datetime.now(UTC))
    assert said(client, STATUS)["datetime"] == "2026-11-29 00:00:00"


def test_a_failed_training_says_why_until_a_better_one(app: Inkling, client: FlaskClient) -> None:
    ask_training(app.journal, "lenet", "other")
    now = datetime.now(UTC)
    set_job(app, state=JobState.FAILED, reason="It has no digits.", ended_at=now)
    found = said(client, STATUS)
    assert (found["state"], found["error"]) == ("failed", "It has no digits.")
    assert found["accuracy"] == "99.58"
    publish(app, "lenet", made=now + timedelta(seconds=5))
    assert said(client, STATUS).keys() == {"accuracy", "datetime"}


def test_a_cancelled_training_is_over(app: Inkling, client: FlaskClient) -> None:
    ask_training(app.journal, "lenet", "mnist")
    set_job(app, state=JobState.CANCELLED, ended_at=datetime.now(UTC))
    assert said(client, STATUS).keys() == {"accuracy", "datetime"}


def test_retrained_nets_tell_what_was_measured_last(app: Inkling, client: FlaskClient) -> None:
    assert said(client, "/cnn/train/status") == {"accuracy": "99.63", "datetime": None}
    assert said(client, "/cnn_retrained/train/status")["accuracy"] == "99.63"


WRONG: dict[str, Any] = {
    "nothing": {},
    "another login": {"auth": ("somebody", "lenet")},
    "another password": {"auth": ("test_nn", "lenet ")},
    "an empty one": {"auth": ("", "")},
    "turned round": {"auth": ("lenet", "test_nn")},
    "another scheme": {"headers": {"Authorization": "Bearer lenet"}},
    "no base64": {"headers": {"Authorization": "Basic @@@"}},
}
PATHS = ["/list_nn", "/lenet/about", STATUS, TRAIN, "/nothing/about"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", WRONG)
def test_without_credentials_nothing_is_told(
    app: Inkling, client: FlaskClient, path: str, case: str
) -> None:
    refused = client.get(path, **WRONG[case])
    check_refused(refused, 401)
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")
    check_refused(client.post("/lenet/classify", json=SEVEN, **WRONG[case]), 401)
    assert jobs_of(app.journal) == []


NOT_DIRECT = {
    "another machine": ({"REMOTE_ADDR": "192.0.2.1"}, {}),
    "another machine by IPv6": ({"REMOTE_ADDR": "2001:db8::1"}, {}),
    "a socket of this machine": ({"REMOTE_ADDR": ""}, {}),
    "a proxy": ({}, {"X-Forwarded-For": "127.0.0.1"}),
    "a proxy with another header": ({}, {"X-Forwarded-Proto": "https"}),
    "a proxy with a rarer one": ({}, {"x-forwarded-port": "443"}),
    "a proxy of the standard": ({}, {"Forwarded": "for=127.0.0.1"}),
}


@pytest.mark.parametrize("case", NOT_DIRECT)
@pytest.mark.parametrize("trusted", ["0", "1"])
def test_the_demonstration_pair_is_for_this_machine_alone(
    app_with: AppWith, case: str, trusted: str
) -> None:
    environ, headers = NOT_DIRECT[case]
    client = app_with(TRUSTED_PROXIES=trusted).test_client()
    refused = get(client, "/list_nn", environ_base=environ, headers=headers)
    check_refused(refused, 401)
    assert "API_LOGIN" in refused.text
    assert get(client, "/list_nn", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200


def test_the_demonstration_pair_ends_with_credentials(guarded: Inkling) -> None:
    client = guarded.test_client()
    check_refused(get(client, "/list_nn"), 401)
    for address in ("127.0.0.1", "192.0.2.1"):
        environ = {"REMOTE_ADDR": address}
        mine = client.get("/list_nn", auth=(LOGIN, PASSWORD), environ_base=environ)
        assert mine.status_code == 200
        check_refused(client.get("/list_nn", auth=("x", PASSWORD), environ_base=environ), 401)
        check_refused(client.get("/list_nn", auth=(LOGIN, "x"), environ_base=environ), 401)


def test_the_start_tells_of_the_demonstration_pair() -> None:
    (told,) = warnings(load_settings({}), {}, serves=True)
    assert "test_nn / lenet" in told
    environ = {"API_LOGIN": LOGIN, "API_PASSWORD": PASSWORD}
    assert [*warnings(load_settings(environ), {}, serves=True)] == []


@pytest.mark.parametrize("name", ["API_LOGIN", "API_PASSWORD"])
def test_one_of_the_two_is_not_enough(name: str) -> None:
    with pytest.raises(SettingError, match=r"is not\. Set both, or neither\.") as error:
        load_settings({name: PASSWORD.replace(":", "")})
    assert "horse" not in str(error.value)


def test_wrong_passwords_are_stopped_and_right_ones_not(guarded: Inkling) -> None:
    client = guarded.test_client()
    for n in range(10):
        assert client.get("/list_nn", auth=(LOGIN, PASSWORD)).status_code == 200
        assert client.get(PATHS[n % 5], auth=(LOGIN, f"guess {n}")).status_code == 401
    refused = client.get("/lenet/about", auth=(LOGIN, "guess"))
    check_refused(refused, 429)
    check_refused(client.get("/list_nn", auth=(LOGIN, PASSWORD)), 429)
    assert int(refused.headers["Retry-After"]) >= 1
    environ = {"REMOTE_ADDR": "192.0.2.2"}
    assert client.get("/list_nn", auth=(LOGIN, PASSWORD), environ_base=environ).status_code == 200


def test_each_endpoint_is_limited_and_wrong_passwords_are_counted_beside(
    app_with: AppWith,
) -> None:
    app = app_with(RATE_LIMIT="2/hour", API_LOGIN=LOGIN, API_PASSWORD=PASSWORD)
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    right = (LOGIN, PASSWORD)
    assert [client.get("/list_nn", auth=right).status_code for _ in range(3)] == [200, 200, 429]
    assert [client.get("/lenet/about", auth=right).status_code for _ in range(3)][1:] == [200, 429]
    for name, view in app.view_functions.items():
        if name.startswith("networks."):
            assert rate_limit.is_limited(view)
            assert hasattr(view, "failures_limited")


FOREIGN: dict[str, dict[str, str]] = {
    "a link on another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    "one that leads back to us": {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost/"},
    "a neighbour's": {"Sec-Fetch-Site": "same-site"},
    "a form": {"Origin": "https://a.example"},
    "a link over plain HTTP": {"Referer": "http://a.example/page"},
    "a page without a name": {"Origin": "null"},
    "a browser that looks ahead": {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Site": "none"},
}
OWN: dict[str, dict[str, str]] = {
    "a program": {},
    "an address that was typed": {"Sec-Fetch-Site": "none"},
    "a page of ours": {"Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/api"},
    "a page of ours over plain HTTP": {"Referer": "http://localhost/api"},
}


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("case", FOREIGN)
@pytest.mark.parametrize("origins", ["", "https://a.example", "*"])
def test_no_other_site_starts_a_training(
    app_with: AppWith, case: str, method: str, origins: str
) -> None:
    app = app_with(CORS_ORIGINS=origins)
    refused = app.test_client().open(
        TRAIN, method=method, headers=FOREIGN[case], auth=DEMONSTRATION
    )
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert jobs_of(app.journal) == []


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("case", OWN)
def test_who_asks_himself_does(client: FlaskClient, case: str, method: str) -> None:
    answer = client.open(TRAIN, method=method, headers=OWN[case], auth=DEMONSTRATION)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:5000", "10.0.0.1", "", "[::1", "localhost:x"]
)
def test_a_name_that_was_made_to_point_here_does_not_get_in(client: FlaskClient, host: str) -> None:
    """As a page does whose name suddenly means 127.0.0.1: for its browser it asks its own site."""
    check_refused(get(client, "/list_nn", headers={"Host": host}), 401)
    for own in ("127.0.0.1:5000", "localhost", "[::1]:5000"):
        assert get(client, "/list_nn", headers={"Host": own}).status_code == 200


def test_one_that_learned_from_drawings_is_not_trained_on_a_sample(
    app: Inkling, client: FlaskClient
) -> None:
    publish(app, "mine", architecture="dense", training={"hidden": [3], "warping": 0.7})
    refused = client.post("/mine/train", auth=DEMONSTRATION)
    check_refused(refused, 405)
    assert "drawings" in refused.get_json()["error"]


def test_a_training_needs_no_body_whatever_is_said_of_it(client: FlaskClient) -> None:
    asked = client.post("/lenet/train", content_type="application/json", auth=DEMONSTRATION)
    assert asked.status_code == 200, asked.text
    assert "MNIST" in asked.get_json()["text"]
