"""The app's class: Flask with the parts that views ask, made once a process."""

from collections.abc import Mapping
from typing import Any, cast

import flask
from werkzeug.serving import is_running_from_reloader

from inkling.coordination.coordination import open_coordination
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.live_weights import LiveWeights
from inkling.nets.registry import MODELS
from inkling.serving.networks import Networks
from inkling.serving.past_versions import PastVersions
from inkling.serving.recognizer import Recognizer
from inkling.serving.refresher import Refresher
from inkling.serving.weight_packs import WeightPacks
from inkling.settings import ROOT, Settings
from inkling.storage.stores import open_store
from inkling.web import forms
from inkling.web.concurrency import ConcurrencyLimit
from inkling.web.languages import speak
from inkling.web.models_page import ModelsPage
from inkling.web.module_preload import imported_modules
from inkling.web.progress_page import ProgressPage
from inkling.web.receipts import Receipts
from inkling.web.request_counts import RequestCounts
from inkling.web.static_files import serve_static_files

LARGE_WAIT = 3.0  # seconds that a large picture waits for its turn at most


class Inkling(flask.Flask):
    """The app with its parts. It runs a thread: close it when it is not used any more."""

    request_counts: RequestCounts  # `rate_limit.apply_limits` gives it, when the views are there

    def __init__(self, settings: Settings) -> None:
        super().__init__(__name__, root_path=str(ROOT), static_folder=None)  # templates/ lie there
        self.settings = settings
        self.journal = open_journal(settings)
        self.outbox = Outbox(self.journal, open_store(settings))
        self.recognizer = Recognizer(
            settings.models_folder, self.outbox, LiveWeights(settings.tmp_folder)
        )
        self.past_versions = PastVersions(self.recognizer, self.journal)
        self.weight_packs = WeightPacks(settings.models_folder, self.outbox)
        self.coordination = open_coordination(settings)
        self.networks = Networks(settings.models_folder, self.outbox)
        self.refresher = Refresher(self.recognizer, self.coordination.versions, self.networks)
        self.models_page = ModelsPage(settings, self.journal)
        self.progress_page = ProgressPage(settings, self.journal)
        # In development, files change while this process runs.
        serve_static_files(self, ROOT / "static", changes=is_running_from_reloader())
        self.jinja_env.globals["imported_modules"] = imported_modules(ROOT / "static" / "js")
        self.jinja_env.globals["models"] = MODELS
        self.jinja_env.globals["show_drawings"] = settings.show_drawings == "yes"
        self.jinja_env.globals["answers"] = settings.answers == "yes"
        speak(self)
        # Those who wait for a receipt never hold all threads: others want answers meanwhile.
        self.receipts = Receipts(self.journal, self.refresher, max(1, settings.web_threads // 2))
        # A small file may unpack to 200 MB, and take a second for it.
        self.large_pictures = ConcurrencyLimit(LARGE_WAIT, settings.web_threads // 4)
        largest = settings.max_drawing_bytes
        self.config["MAX_CONTENT_LENGTH"] = self.config["MAX_FORM_MEMORY_SIZE"] = largest
        self.json.ensure_ascii = False  # type: ignore[attr-defined]
        self.json.sort_keys = False  # type: ignore[attr-defined]

    def picture(self, fields: Mapping[str, Any], **asked: Any) -> forms.Picture:
        """Return the picture in posted fields, within this app's limits: see `forms.picture`."""
        return forms.picture(fields, self.settings, self.large_pictures, **asked)

    def close(self) -> None:
        """End the thread and close the connections."""
        self.refresher.close()
        self.coordination.labels.close()
        self.journal.close()


current_app = cast(Inkling, flask.current_app)  # the app that handles this request
