"""compose.yaml with a real Docker: built, started, labelled through its proxy, restarted."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator

import pytest

from inkling.settings import ROOT
from testing.live import free_port, wait_until
from testing.visitors import Said, Visitors, ask

pytestmark = [pytest.mark.proof, pytest.mark.long]

SECRETS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_SECRET", "ADMIN_PASSWORD", "API_PASSWORD")
LABELS = 5
BUILDING = 3600  # seconds: images are pulled, TensorFlow is installed

NAMES = """
import boto3, json, os
bucket = boto3.resource("s3", endpoint_url=os.environ["S3_ENDPOINT_URL"]).Bucket("inkling")
print(json.dumps([found.key for found in bucket.objects.all()]))
"""


class Stack:
    """All services of compose.yaml under a name, a port and passwords of their own.

    COMPOSE_FILE (Compose's own setting) may name more files, such as one with another S3 server.
    """

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._environ = os.environ | {name: secrets.token_hex(24) for name in SECRETS}
        self._environ |= {
            "COMPOSE_PROJECT_NAME": f"inkling-test-{secrets.token_hex(4)}",
            "WEB_PORT": str(port),
        }

    def compose(self, *words: str) -> str:
        """What `docker compose` said; the test fails where it failed."""
        line = ["docker", "compose", *words]
        done = subprocess.run(
            line, cwd=ROOT, env=self._environ, capture_output=True, text=True, timeout=BUILDING
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def readyz(self) -> Said:
        """What /readyz says through the proxy; nothing where nobody is there."""
        try:
            return ask(f"{self.url}/readyz")[1]
        except (OSError, ValueError):
            return {}

    def receipt(self, drawing: str) -> Said | None:
        """What its visitor gets to know; None while the label waits."""
        said: Said | None = ask(f"{self.url}/drawings/{drawing}")[1]["receipt"]
        return said

    def wait_until_it_learns(self) -> None:
        wait_until(lambda: self.readyz().get("trainer") == "running", 600)

    def objects(self) -> set[str]:
        """The names in the bucket, as a web container sees them."""
        return set(json.loads(self.compose("exec", "-T", "web", "python", "-c", NAMES)))


def docker_answers() -> bool:
    """Whether there are an engine and Compose."""
    try:
        for words in (["info"], ["compose", "version"]):
            subprocess.run(["docker", *words], capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    if not docker_answers():
        pytest.skip("No Docker with Compose answers (`docker info`, `docker compose version`).")
    stack = Stack()
    try:
        stack.compose("up", "--build", "--detach")
        stack.wait_until_it_learns()
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "15")


def test_labels_through_the_proxy_have_receipts_and_lie_in_the_bucket(stack: Stack) -> None:
    visitors = Visitors(stack.url)
    before = visitors.predict()["version"]
    for _ in range(LABELS):
        assert visitors.label()
    wait_until(lambda: all(stack.receipt(drawing) for drawing in visitors.answered))
    # Another web worker than the one that gave the last receipt may come a moment later.
    wait_until(lambda: bool(visitors.predict()["version"] == before + LABELS))
    wait_until(lambda: stack.readyz()["unstored"] == {"drawings": 0, "versions": 0})
    drawn = {f"drawings/{digit}/{id}.png" for id, digit in visitors.answered.items()}
    assert drawn <= stack.objects()


def test_labels_go_on_when_containers_have_changed_addresses(stack: Stack) -> None:
    """As after an update, or a start of the machine: web gets what worker had, and back."""
    version = stack.readyz()["version"]
    for first, second in (("worker", "web"), ("web", "worker")):
        stack.compose("stop", "web", "worker")
        stack.compose("start", first)
        stack.compose("start", second)
        stack.wait_until_it_learns()
        assert Visitors(stack.url).label()
    wait_until(lambda: bool(stack.readyz()["version"] == version + 2))


def test_the_services_run_without_rights_and_say_no_secret(stack: Stack) -> None:
    for service in ("web", "worker"):
        assert stack.compose("exec", "-T", service, "id", "-u").strip() == "10001"
        status = stack.compose("exec", "-T", service, "cat", "/proc/1/status")
        assert "CapBnd:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
    logs = stack.compose("logs", "--no-color")
    assert [name for name in SECRETS if stack._environ[name] in logs] == []
