"""Rate limits: who counts as one client, what several processes share, Redis that dies."""

import logging
import traceback
import uuid

import pytest
from flask.testing import FlaskClient
from limits import parse_many

from inkling.settings import SettingError, Settings
from inkling.web import rate_limit
from inkling.web.app import Inkling
from inkling.web.request_counts import FEW, InMemory, redis_options
from testing.live import wait_until
from testing.redis_server import needs_redis, redis
from tests.conftest import AppWith
from tests.web.posting import SEVEN, check_refused, post, rows

LIMITED = {
    *("drawing.predict", "drawing.versions", "drawing.train", "drawing.collect"),
    *(
        "about.steps",
        "drawing.outcome",
        "drawing.through_versions",
        "gallery.page",
        "own_drawings.answers",
        "own_drawings.delete",
        "progress.data",
        "progress.latest",
        "weights.newest",
        "weights.originals",
        "weights.retrained",
    ),
    *("networks.list_nn", "networks.about", "networks.status", "networks.classify"),
    *("networks.train", "networks.train_by_get"),
}
# What RATE_LIMIT is not about: pages and files, and what a load balancer asks.
UNLIMITED = {
    *(
        "static",
        "drawing.index",
        "drawing.contribute",
        "about.page",
        "models.page",
        "models.plot",
        "own_drawings.page",
    ),
    *("progress.page", "health.healthz", "health.readyz", "health.metrics"),
    *("api.page", "api.document"),
}
HOUR_OF_LIVE_ANSWERS = 10 * 60 * 60
HOUR_OF_FILMS = {"drawing.through_versions": 60 * 60 // 8}  # of eight seconds


def visitor(app: Inkling, address: str = "192.0.2.1") -> FlaskClient:
    """A client at an address that is not this machine's own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def ask(client: FlaskClient, address: str = "192.0.2.1", forwarded: str | None = None) -> int:
    """The status of a request that is refused for its fields, where no limit refuses it."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    environ = {"REMOTE_ADDR": address}
    return client.post("/predict", environ_base=environ, headers=headers).status_code


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("evil", "unknown"),
        ("192.0.2.7, 192.0.2.8", "unknown"),
        ("x" * 100_000, "unknown"),
    ],
)
def test_a_client_is_its_address_or_its_net(app: Inkling, address: str, counted_as: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert rate_limit.client() == counted_as


def test_each_client_and_each_endpoint_has_a_count_of_its_own(app_with: AppWith) -> None:
    client = app_with(RATE_LIMIT="2/hour").test_client()
    assert [ask(client) for _ in range(3)] == [400, 400, 429]
    assert ask(client, "192.0.2.2") == 400
    assert client.post("/train", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 400
    assert [ask(client, f"2001:db8::{n}") for n in (1, 2, 3)] == [400, 400, 429]
    assert ask(client, "2001:db8:0:1::1") == 400


def test_too_many_requests_are_refused(app_with: AppWith) -> None:
    app = app_with(RATE_LIMIT="3/hour")
    client = visitor(app)
    for _ in range(3):
        assert post(client, "/train", imageBase64=SEVEN, digit=7).status_code == 200
    check_refused(post(client, "/train", imageBase64=SEVEN, digit=7), 429)
    assert rows(app.journal) == 3
    assert post(client, "/predict", imageBase64=SEVEN).status_code == 200


def test_without_a_setting_every_endpoint_has_a_limit_that_no_person_meets(app: Inkling) -> None:
    found = {name: getattr(view, "limited", "") for name, view in app.view_functions.items()}
    labelling = {"drawing.train", "drawing.collect", "networks.train", "networks.train_by_get"}
    labelling |= {"own_drawings.answers", "own_drawings.delete"}
    for name in LIMITED:
        limits = {str(one.get_expiry()): one.amount for one in parse_many(found[name])}
        hour = 1_800 if name in labelling else HOUR_OF_FILMS.get(name, HOUR_OF_LIVE_ANSWERS)
        assert hour < limits["3600"] < 2 * hour, name
        assert limits["1"] >= 5, name


def test_without_a_setting_a_flood_is_refused(app: Inkling) -> None:
    client = visitor(app)
    statuses = [client.post("/train").status_code for _ in range(200)]
    assert statuses[:5] == [400] * 5
    assert 429 in statuses


@pytest.mark.parametrize("limit", ["", "2/hour", "none"])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1"])
def test_a_program_on_this_machine_is_never_limited(
    app_with: AppWith, limit: str, address: str
) -> None:
    client = visitor(app_with(RATE_LIMIT=limit, TRUSTED_PROXIES="1"), address)
    assert {client.post("/train").status_code for _ in range(30)} == {400}


@pytest.mark.parametrize("header", rate_limit.FORWARDED)
def test_whom_a_proxy_of_this_machine_passes_on_is_limited(app_with: AppWith, header: str) -> None:
    for trusted in ("0", "1"):
        client = visitor(app_with(RATE_LIMIT="2/hour", TRUSTED_PROXIES=trusted), "127.0.0.1")
        said = [client.post("/train", headers={header: "127.0.0.1"}) for _ in range(3)]
        assert [answer.status_code for answer in said] == [400, 400, 429]


def test_none_is_no_limit(app_with: AppWith) -> None:
    client = visitor(app_with(RATE_LIMIT="none"))
    assert {client.post("/train").status_code for _ in range(30)} == {400}


def test_every_endpoint_is_limited_or_known_not_to_be(app: Inkling) -> None:
    found = {name for name, view in app.view_functions.items() if rate_limit.is_limited(view)}
    assert found == LIMITED
    assert {*app.view_functions} == LIMITED | UNLIMITED


@pytest.mark.parametrize(
    ("path", "status"),
    [("/versions", 200), ("/progress/data", 200), (f"/drawings/{uuid.UUID(int=1)}", 404)],
)
def test_looking_is_limited_too(app_with: AppWith, path: str, status: int) -> None:
    client = visitor(app_with(RATE_LIMIT="2/hour"))
    assert [client.get(path).status_code for _ in range(3)] == [status, status, 429]


def test_to_look_back_counts_as_a_prediction(app_with: AppWith) -> None:
    client = visitor(app_with(RATE_LIMIT="2/hour"))
    asked = [client.post("/predict", json={"version": n}).status_code for n in range(3)]
    assert asked == [400, 400, 429]


def test_what_is_refused_is_told_when_to_come_again(app_with: AppWith) -> None:
    client = visitor(app_with(RATE_LIMIT="1/minute"))
    first, second = client.post("/predict"), client.post("/predict")
    assert "Retry-After" not in first.headers
    assert second.status_code == 429
    assert 1 <= int(second.headers["Retry-After"]) <= 61
    assert [*second.get_json()] == ["error"]


@pytest.mark.parametrize(
    "forwarded",
    ["198.51.100.{}", "198.51.100.{}, 192.0.2.1", '"198.51.100.{}', '198.51.100.{}, "', "x{}"],
)
def test_no_header_buys_a_count_where_no_proxy_is_trusted(
    app_with: AppWith, forwarded: str
) -> None:
    client = app_with(RATE_LIMIT="2/hour").test_client()
    assert [ask(client, forwarded=forwarded.format(n)) for n in range(3)] == [400, 400, 429]


@pytest.mark.parametrize("trusted", [1, 2])
@pytest.mark.parametrize("sent", ["198.51.100.{}, ", '"198.51.100.{}, ', '198.51.100.{}, ", ', ""])
def test_what_a_client_sends_is_not_believed_before_trusted_proxies(
    app_with: AppWith, trusted: int, sent: str
) -> None:
    """Each trusted proxy appends whom it heard from; what stands before that is the client's."""
    app = app_with(RATE_LIMIT="2/hour", TRUSTED_PROXIES=str(trusted))
    client = app.test_client()
    appended = ["203.0.113.9", "10.0.0.1"][:trusted]
    headers = [sent.format(n) + ", ".join(appended) for n in range(3)]
    assert [ask(client, "10.0.0.2", header) for header in headers] == [400, 400, 429]
    assert ask(client, "10.0.0.2", ", ".join(appended)) == 429  # it was counted as itself
    assert ask(client, "10.0.0.2", ", ".join(["203.0.113.10", *appended[1:]])) == 400


@pytest.mark.parametrize("limit", ["lots", "5", "5/fortnight", "-1/second"])
def test_a_limit_that_cannot_be_read_stops_the_start(app_with: AppWith, limit: str) -> None:
    with pytest.raises(SettingError, match=r"RATE_LIMIT is .* Set it to"):
        app_with(RATE_LIMIT=limit)


@pytest.mark.parametrize("url", ["http://:geheim@h", "geheim", "redis://:geheim@h:notaport/0"])
def test_an_address_of_redis_that_cannot_be_read_is_told_without_it(
    app_with: AppWith, url: str
) -> None:
    with pytest.raises(SettingError, match=r"REDIS_URL is not usable\. Set it to") as raised:
        app_with(RATE_LIMIT="5/hour", REDIS_URL=url)
    assert "geheim" not in "".join(traceback.format_exception(raised.value))


def test_an_own_certificate_is_accepted_only_where_the_setting_says_so() -> None:
    def options(url: str, verify: str) -> dict[str, object]:
        return redis_options(Settings(redis_url=url, redis_tls_verify=verify))

    assert options("rediss://h", "no")["ssl_cert_reqs"] == "none"
    assert "ssl_cert_reqs" not in options("rediss://h", "yes")
    assert "ssl_cert_reqs" not in options("redis://h", "no")


@needs_redis
def test_several_processes_share_a_count_which_outlives_redis(
    app_with: AppWith, caplog: pytest.LogCaptureFixture
) -> None:
    with redis("a password") as server:
        url = server.url.replace(" ", "%20")
        apps = [app_with(RATE_LIMIT="4/hour", REDIS_URL=url) for _ in range(2)]
        one, two = (app.test_client() for app in apps)
        assert [ask(c) for c in (one, two, one, two, one, two)] == [400] * 4 + [429] * 2

        server.kill()
        caplog.set_level(logging.WARNING)
        assert [ask(one) for _ in range(5)] == [400] * 4 + [429]  # a count of its own
        assert [ask(two, "192.0.2.3") for _ in range(3)] == [400] * 3
        said = [r.message for r in caplog.records if "unreachable" in r.message]
        assert len(said) == 2  # once in each app

        server.start()  # an empty one

        def shared_again() -> bool:
            ask(one, "192.0.2.99")
            ask(two, "192.0.2.99")
            return all(app.request_counts.shared for app in apps)

        wait_until(shared_again)
        assert [ask(c, "192.0.2.5") for c in (one, two, one, two, one)] == [400] * 4 + [429]


@needs_redis
def test_a_wrong_password_of_redis_refuses_no_visitor(app_with: AppWith) -> None:
    with redis("right") as server:
        url = server.url.replace("right", "wrong")
        client = app_with(RATE_LIMIT="2/hour", REDIS_URL=url).test_client()
        assert [ask(client) for _ in range(3)] == [400, 400, 429]


def test_a_count_in_memory_ends_with_its_window_and_is_forgotten() -> None:
    now = 1000.0
    counts = InMemory(lambda: now)
    assert [counts.incr("one", 10) for _ in range(3)] == [1, 2, 3]
    assert (counts.get("one"), counts.get_expiry("one")) == (3, 1010)
    now = 1010.0
    assert counts.get("one") == 0
    assert counts.incr("one", 10) == 1
    for n in range(2 * FEW):
        counts.incr(f"visitor {n}", 10)
    assert len(counts._counts) == 2 * FEW + 1  # all are counted still
    now = 1020.0
    for n in range(2 * FEW):
        counts.incr(f"later visitor {n}", 10)
    assert len(counts._counts) == 2 * FEW


def test_a_request_that_counts_nothing_takes_no_room() -> None:
    counts = InMemory()
    assert counts.incr("one", 10, 0) == 0
    assert not counts._counts
