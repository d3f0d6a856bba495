"""What the tests share: settings on an empty folder, an app, a live server, drawings."""

import os

# Where tests run beside each other, each with servers and trainers: if every one of these had a
# thread for each core, they would mostly wait for each other. Set before numpy and TensorFlow load.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in ("OPENBLAS_NUM", "OMP_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ.setdefault(f"{name}_THREADS", "1")

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from inkling.settings import Settings, load_settings
from inkling.web.app import Inkling
from main import create_app
from testing.live import Server, wait_until
from testing.postgres import cluster

# A shell that runs the tests in the background has them, and what they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

AppMaker = Callable[[Settings], Inkling]
AppWith = Callable[..., Inkling]  # by variables


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test` leaves to `make test-long`; a mark on a parameter cannot name pairs."""
    for item in items:
        if isinstance(item, pytest.Function) and is_long(item):
            item.add_marker(pytest.mark.long)


def is_long(item: pytest.Function) -> bool:
    """Whether a module leaves a test to `make test-long`.

    LONG: names of tests, or of their cases. LONG_AT: what the names of cases have in them, such as
    a database; of these, all but the tests in SOON.
    """
    named = getattr(item.module, "LONG", ())
    at = getattr(item.module, "LONG_AT", None)
    if at and at in item.name and item.originalname not in getattr(item.module, "SOON", ()):
        return True
    return item.name in named or item.originalname in named


def pytest_xdist_auto_num_workers() -> int:
    """Three processes of tests for two cores: much of their time they wait for servers."""
    return max(1, len(os.sched_getaffinity(0)) * 3 // 2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults on folders of this test alone; nobody trains, so no label waits for it."""
    return load_settings(
        {
            "INSTANCE_FOLDER": str(tmp_path / "instance"),
            "TMP_FOLDER": str(tmp_path / "tmp"),
            "RECEIPT_WAIT": "0",
        }
    )


@pytest.fixture
def make_app() -> Iterator[AppMaker]:
    """Opens apps, which are closed when the test is over."""
    with ExitStack() as opened:

        def make_app(settings: Settings) -> Inkling:
            app = create_app(settings)
            opened.callback(app.close)
            return app

        yield make_app


@pytest.fixture(scope="session", autouse=True)
def no_app_stays_open() -> Iterator[None]:
    """Each has a thread that looks for versions: dozens of them made all later tests slow."""
    yield
    assert not [thread for thread in threading.enumerate() if thread.name == "refresher"]


@pytest.fixture
def app(settings: Settings, make_app: AppMaker) -> Inkling:
    return make_app(settings)


@pytest.fixture
def app_with(settings: Settings, make_app: AppMaker) -> AppWith:
    """Opens apps with other variables, which are closed when the test is over."""
    folders = {
        "INSTANCE_FOLDER": str(settings.instance_folder),
        "TMP_FOLDER": str(settings.tmp_folder),
        "RECEIPT_WAIT": "0",
    }
    return lambda **environ: make_app(load_settings(folders | environ))


@pytest.fixture
def client(app: Inkling) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"), WEB_CONCURRENCY="2")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server_url(server: Server) -> str:
    """The address of a live server whose trainer is running and warm."""
    wait_until(lambda: "The trainer is ready" in server.log())
    return server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL cluster that all tests share; take a `new_database` of it."""
    with cluster() as url:
        yield url
