"""`make slug-size`: build the tree that Heroku would, weigh it, and teach a digit to it.

The same as on Heroku: the files less .slugignore, the packages of requirements.txt with bytecode,
bin/post_compile, the lines of the Procfile, the layout under .heroku/python. Only alike: uv in the
place of pip, which minds a few limits more; the Python runtime, which is this machine's, without
its tests, static library and desktop parts; and gzip -6, Heroku's compression being a matter of
its own.
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from functions import to_data_url
from inkling.data.rendering import render_strokes
from inkling.settings import ROOT
from testing.client import Client
from testing.deployed import export, procfile
from testing.live import free_port, wait_until
from testing.pen import STROKES

LIMIT_MB = 450  # Heroku refuses 500
BASH = "/bin/bash"
PACKED = 'set -o pipefail; tar -C "$0" -cf - . | gzip -6 | wc -c'
NOT_THERE = ("site-packages", "__pycache__", "test", "idlelib", "tkinter", "turtledemo", "config-*")
STOP_SECONDS = 20


def copy_runtime(home: Path) -> Path:
    """Copy this machine's Python without its packages; the path of the copy's interpreter."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (home / "bin").mkdir(parents=True)
    python = home / "bin" / "python"
    shutil.copy2(os.path.realpath(sys.executable), python)
    skipped = shutil.ignore_patterns(*NOT_THERE)
    shutil.copytree(sysconfig.get_path("stdlib"), home / "lib" / name, ignore=skipped)
    for library in Path(sysconfig.get_config_var("LIBDIR")).glob("libpython3.*so*"):
        shutil.copy2(library, home / "lib" / library.name, follow_symlinks=False)
    (home / "lib" / name / "site-packages").mkdir()
    return python


def environment(app: Path) -> dict[str, str]:
    """What Heroku sets for every process, as far as it matters here."""
    home = app / ".heroku" / "python"
    return {
        "HOME": str(app),
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": str(home / "lib"),
        "PATH": f"{home / 'bin'}:/usr/bin:/bin",
        "PYTHONHOME": str(home),
        "PYTHONUNBUFFERED": "true",
    }


def install(app: Path, python: Path) -> None:
    """Install requirements.txt and pip. Copies, not links: what is trimmed must not be uv's."""
    uv = Path(sys.executable).parent / "uv"
    options = ["--quiet", "--link-mode=copy", "--compile-bytecode", "--break-system-packages"]
    wanted: list[str | Path] = ["--python", python, "-r", "requirements.txt", "pip"]
    words = [uv, "pip", "install", *options, *wanted]
    environ = environment(app) | {"HOME": str(Path.home())}  # where uv keeps what it downloaded
    subprocess.run(words, cwd=app, check=True, env=os.environ | environ)


def weigh(app: Path) -> tuple[float, float]:
    """Megabytes (2^20 bytes) of the tree, as it lies and compressed."""
    said: dict[str, Any] = {"check": True, "capture_output": True, "text": True}
    plain = subprocess.run([BASH, "-c", 'du -sk "$0"', app], **said)
    packed = subprocess.run([BASH, "-c", PACKED, app], **said)
    return int(plain.stdout.split()[0]) / 1024, int(packed.stdout) / 2**20


@contextmanager
def running(app: Path, environ: dict[str, str]) -> Iterator[None]:
    """The web process of the tree, after its release, until the block ends; then SIGTERM."""
    commands, log = procfile(), app / "smoke.log"
    with log.open("wb") as out:
        words = {"cwd": app, "env": environ, "stdout": out, "stderr": out}
        release: dict[str, Any] = {**words, "check": True}
        subprocess.run([BASH, "-c", commands["release"]], **release)
        web: dict[str, Any] = {**words, "start_new_session": True}
        process = subprocess.Popen([BASH, "-c", f"exec env {commands['web']}"], **web)
        try:
            yield
            process.terminate()
            if process.wait(STOP_SECONDS) != 0:
                raise RuntimeError(f"The web process ended with status {process.returncode}.")
        except BaseException:
            print(log.read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def teach(app: Path) -> str:
    """Serve from the tree, label one digit and wait until it is learned; what happened."""
    port = free_port()
    with running(app, environment(app) | {"PORT": str(port), "WEB_CONCURRENCY": "1"}):
        wait_until(lambda: _ready(port) is not None)
        picture = to_data_url(render_strokes(STROKES[7], width=20, size=200))
        answer = Client(port).post("/predict", {"imageBase64": picture})["answer"]
        said = Client(port).post("/train", {"imageBase64": picture, "digit": "7"})
        wait_until(lambda: (_ready(port) or {}).get("version") == 1)
    return (
        f"answered {answer}, {said['state']} at first, then learned as version 1; stopped cleanly"
    )


def _ready(port: int) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except OSError:
        return None


def main() -> None:
    """Build, weigh, trim, weigh again and try; exit status 1 over the limit."""
    print(f"Python {platform.python_version()}; runtime.txt: {(ROOT / 'runtime.txt').read_text()}")
    with tempfile.TemporaryDirectory(prefix="slug-") as folder:
        app = Path(folder) / "app"
        export(app)
        install(app, copy_runtime(app / ".heroku" / "python"))
        before, packed_before = weigh(app)
        print(f"as installed: {before:,.0f} MB, compressed {packed_before:.0f} MB", flush=True)
        hook: dict[str, Any] = {"cwd": app, "env": environment(app), "check": True}
        subprocess.run([app / "bin" / "post_compile"], **hook)
        after, packed = weigh(app)
        print(f"as deployed:  {after:,.0f} MB, compressed {packed:.0f} MB (limit {LIMIT_MB} MB)")
        print(f"tried:        {teach(app)}")
    if packed > LIMIT_MB:
        raise SystemExit(f"The slug is {packed:.0f} MB compressed. Trim more in bin/post_compile.")


if __name__ == "__main__":
    main()
