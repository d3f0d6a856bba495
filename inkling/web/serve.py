"""`python main.py`: serve as its arguments say, until Ctrl-C or SIGTERM.

Without arguments this is what `make run` does: gunicorn. `-d` is development.py.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from werkzeug.serving import is_running_from_reloader

from inkling.errors import InvalidInput
from inkling.settings import ROOT, Settings, load_settings
from inkling.web.arguments import Arguments, read_arguments
from inkling.web.development import MakeApp, run_development_server


def serve(words: Sequence[str], make_app: MakeApp) -> None:
    """Serve. Exits with one line: with 2 for wrong arguments, with 1 for what else is wrong."""
    given = read_arguments(words)
    try:
        settings = _settings(given)
        pem = _certificate(settings) if given.https else None
        if given.development:
            run_development_server(make_app, settings, pem)
        else:
            _become_gunicorn(pem)
    except InvalidInput as error:
        sys.exit(f"Error: {error}")


def _settings(given: Arguments) -> Settings:
    """Return the settings with the address of the arguments, which whatever is started reads too.

    Raises SettingError.
    """
    if given.host is not None:
        os.environ["HOST"], os.environ["PORT"] = given.host, str(given.port)
    return load_settings()


def _certificate(settings: Settings) -> Path:
    """Return the file of the certificate, and tell where it is, for clients that check it."""
    from inkling.web.certificate import certificate_for  # loads what -s alone needs

    pem = certificate_for(settings.host, settings.instance_folder)
    if not is_running_from_reloader():
        print(f"HTTPS with a certificate of its own making: {pem}", file=sys.stderr, flush=True)
    return pem


def _become_gunicorn(pem: Path | None) -> NoReturn:
    """Go on as gunicorn, in the same process: it begins without what this one has loaded."""
    words = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py")]
    words += ["--certfile", str(pem)] if pem else []
    os.execv(sys.executable, [*words, "main:create_app()"])  # noqa: S606
