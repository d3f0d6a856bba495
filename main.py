"""The Flask app: factory, pages and JSON endpoints."""

import logging
import sys
import threading
import time
import uuid
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from functions import FloatArray, digit_data_url, encode_png, select_answer, to_bytes, top_3
from inkling import failpoints
from inkling.coordination.coordination import open_coordination
from inkling.journal.outbox import Outbox
from inkling.journal.writer import open_journal
from inkling.nets.registry import voters
from inkling.records import (
    COLLECTED,
    NOT_A_DIGIT,
    QUEUED,
    TRAINED,
    TRAINER,
    Drawing,
    Outcome,
    State,
)
from inkling.serving.past_versions import Busy, NotStored, PastVersions
from inkling.serving.recognizer import Prediction, Recognizer
from inkling.serving.refresher import Refresher
from inkling.settings import ROOT, SettingError, Settings, load_settings
from inkling.storage.stores import open_store
from inkling.web import forms
from inkling.web.admin import add_admin
from inkling.web.models_page import ModelsPage
from inkling.web.module_preload import imported_modules
from inkling.web.progress_page import ProgressPage, ago, percent
from inkling.web.security import protect

UNSURE = "I am not sure what this is."
PLOT_SECONDS = 365 * 24 * 3600  # that a browser keeps a picture whose address names its content

log = logging.getLogger("inkling.web")


class Inkling(Flask):
    """The app with its parts, made once a process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(__name__)
        self.settings = settings
        self.journal = open_journal(settings)
        self.outbox = Outbox(self.journal, open_store(settings))
        self.recognizer = Recognizer(settings.models_folder, self.outbox)
        self.past_versions = PastVersions(self.recognizer, self.journal)
        self.coordination = open_coordination(settings)
        self.refresher = Refresher(self.recognizer, self.coordination.versions)
        self.models_page = ModelsPage(settings, self.journal)
        self.progress_page = ProgressPage(settings, self.journal)
        self.jinja_env.filters |= {"percent": percent, "ago": ago}
        scripts = Path(str(self.static_folder), "js")
        self.jinja_env.globals["imported_modules"] = imported_modules(scripts)
        self.jinja_env.globals["show_drawings"] = settings.show_drawings == "yes"
        # Those who wait for a receipt never hold all threads: others want answers meanwhile.
        self.receipts = threading.Semaphore(max(1, settings.web_threads // 2))
        # Base64 takes 4 bytes for 3, a form's percent-encoding a little more; strokes come on top.
        largest = settings.max_image_bytes * 3 // 2 + 1_000_000
        self.config["MAX_CONTENT_LENGTH"] = self.config["MAX_FORM_MEMORY_SIZE"] = largest
        self.json.ensure_ascii = False  # type: ignore[attr-defined]
        self.json.sort_keys = False  # type: ignore[attr-defined]

    def close(self) -> None:
        """End its thread and its connections."""
        self.refresher.close()
        self.coordination.labels.close()
        self.journal.close()


def create_app(settings: Settings | None = None) -> Inkling:
    """The app on these settings, or on the environment's."""
    settings = settings or load_settings()
    failpoints.arm(settings.fault)
    app = Inkling(settings)
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/contribute", "contribute", contribute)
    app.add_url_rule("/models", "models", models)
    app.add_url_rule("/models/plots/<name>.svg", "plot", plot)
    app.add_url_rule("/progress", "progress", progress)
    app.add_url_rule("/progress/data", "progress_data", progress_data)
    app.add_url_rule("/predict", "predict", predict, methods=["POST"])
    app.add_url_rule("/versions", "versions", versions)
    app.add_url_rule("/train", "train", train, methods=["POST"])
    app.add_url_rule("/collect", "collect", collect, methods=["POST"])
    app.add_url_rule("/drawings/<uuid:id>", "drawing", drawing)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", show_metrics)
    try:
        protect(app, app.settings)
    except SettingError:
        app.close()
        raise
    add_admin(app, app.settings, app.outbox)
    return app


def inkling() -> Inkling:
    """The app that handles this request."""
    return cast(Inkling, current_app)


def index() -> str:
    """The drawing page."""
    return render_template("index.html")


def contribute() -> str:
    """The data-collection page."""
    return render_template("contribute.html")


def models() -> str:
    """The Models page: what each net is, and how good it is."""
    page = inkling().models_page
    return render_template("models.html", shown=page.shown(), pictures=page.pictures)


def plot(name: str) -> ResponseReturnValue:
    """A picture of the Models page; `v` in its address is its content's fingerprint."""
    picture = inkling().models_page.pictures.get(name) or abort(404)
    response = Response(picture.content, content_type="image/svg+xml")
    response.set_etag(picture.fingerprint)
    response.cache_control.public = True
    if request.args.get("v") == picture.fingerprint:
        response.cache_control.max_age, response.cache_control.immutable = PLOT_SECONDS, True
    else:
        response.cache_control.no_cache = True
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response.make_conditional(request)


def progress() -> str:
    """The Progress page: how the models have done, label by label."""
    return render_template("progress.html", shown=inkling().progress_page.shown())


def progress_data() -> ResponseReturnValue:
    """The figures of the Progress page; who has them already is told so."""
    response = jsonify(inkling().progress_page.shown().as_json())
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


def predict() -> ResponseReturnValue:
    """What the four models and the app say of a posted picture."""
    fields = forms.fields(request)
    wanted = forms.version(fields)
    picture = forms.picture(fields, inkling().settings)
    prediction = _predict_as(wanted, picture.digit)
    said, answer = prediction.probabilities, answer_of(prediction)
    return jsonify(
        answer=None if answer is None else str(answer),
        message=UNSURE if answer is None else "",
        version=prediction.version,
        models={name: top_3(probabilities) for name, probabilities in said.items()},
        input=digit_data_url(picture.digit),
    )


def _predict_as(version: int | None, digit: FloatArray) -> Prediction:
    """What the four models say, the retrained ones as they were at a version, or are now."""
    app = inkling()
    if version is None or version == app.recognizer.version:
        return app.recognizer.predict(digit)
    try:
        return app.past_versions.predict(digit, version)
    except NotStored as error:
        raise forms.BadInput(str(error), 404) from error
    except Busy as error:
        raise forms.BadInput(str(error), 503) from error


def versions() -> ResponseReturnValue:
    """The versions that a drawing can be shown to."""
    app = inkling()
    stored = app.past_versions.stored()
    return jsonify(
        newest=app.recognizer.version,
        versions=[
            {"number": v.number, "kind": v.kind, "made": v.made and v.made.isoformat()}
            for v in stored
        ],
    )


def train() -> ResponseReturnValue:
    """Store a labelled drawing and teach it to the retrained nets, unless it is no digit."""
    return _show(_receipt(_store_drawing(QUEUED).outcome))


def collect() -> ResponseReturnValue:
    """Store a labelled drawing; no net learns from it."""
    return _show(_store_drawing(COLLECTED).outcome)


def drawing(id: uuid.UUID) -> ResponseReturnValue:
    """What became of a labelled drawing: for those whose receipt was not there in time."""
    return _show(inkling().journal.outcome(str(id)) or abort(404))


def _store_drawing(state: State) -> Drawing:
    """The posted drawing's committed row; the older one where its key is known already."""
    app, fields = inkling(), forms.fields(request)
    label, strokes, key = forms.label(fields), forms.strokes(fields), forms.key(fields)
    picture = forms.picture(fields, app.settings)
    drawing = app.journal.add(
        Drawing(
            id=key,
            label=label,
            png=encode_png(picture.grey),
            strokes=strokes,
            state=COLLECTED if label == NOT_A_DIGIT else state,  # there is nothing to learn
            digit=to_bytes(picture.digit),
            **_said_before(app.recognizer.predict(picture.digit)),
        )
    )
    app.coordination.labels.notify()
    return drawing


def answer_of(prediction: Prediction) -> int | None:
    """The app's answer; None where it is unsure."""
    said = prediction.probabilities
    first, second = voters()
    return select_answer(said[first], said[second])


def _said_before(prediction: Prediction) -> dict[str, Any]:
    return {
        "predictions": {
            name: [round(float(p), 5) for p in probabilities]
            for name, probabilities in prediction.probabilities.items()
        },
        "predicted_version": prediction.version,
        "said": {name: int(p.argmax()) for name, p in prediction.probabilities.items()},
        "answer": answer_of(prediction),
    }


def _receipt(outcome: Outcome) -> Outcome:
    """The outcome once the drawing is learned, or what it is after some seconds."""
    app = inkling()
    deadline = time.monotonic() + app.settings.receipt_wait
    if outcome.state != QUEUED or not app.receipts.acquire(blocking=False):
        return outcome
    try:
        while outcome.state == QUEUED and (left := deadline - time.monotonic()) > 0:
            app.refresher.wait_for_news(left)
            outcome = app.journal.outcome(outcome.id) or outcome
    except SQLAlchemyError:
        log.exception("The receipt of %s cannot be read now; it is stored.", outcome.id)
    finally:
        app.receipts.release()
    return outcome


def _show(outcome: Outcome) -> ResponseReturnValue:
    app = inkling()
    if outcome.state == TRAINED:
        app.recognizer.refresh()  # so that this visitor's next answer comes from the new version
    version = outcome.version if outcome.version is not None else app.recognizer.version
    return jsonify(
        drawing=outcome.id,
        state=outcome.state,
        version=version,
        receipt=outcome.receipt,
        reason=outcome.rejection.for_visitor() if outcome.rejection else None,
    )


def healthz() -> ResponseReturnValue:
    """Whether this process answers at all."""
    return jsonify(status="ok")


def readyz() -> ResponseReturnValue:
    """Whether the models are loaded and the journal answers; how the trainer is doing."""
    app = inkling()
    if not app.recognizer.refresh():
        message = "The newest weights cannot be loaded; older ones serve. See the server's log."
        return jsonify(error=message), 503
    return jsonify(
        status="ready",
        version=app.recognizer.version,
        trainer="running" if app.coordination.trainer.is_held() else "not running",
        trouble=app.journal.noticed(TRAINER),
        queued=app.journal.counts()[QUEUED],
        unstored=asdict(app.outbox.counts()),
    )


def show_metrics() -> Response:
    """The journal's figures for Prometheus."""
    from inkling.web import prometheus  # its library is a tenth of the start-up time

    app = inkling()
    page = prometheus.exposition(app.outbox, app.coordination.trainer)
    return Response(page, content_type="text/plain; version=0.0.4; charset=utf-8")


def serve() -> None:
    """Serve until SIGTERM, as `make run` does: with HOST, PORT and the trainer."""
    from gunicorn.app.wsgiapp import WSGIApplication  # what a web worker need not load

    sys.argv = ["gunicorn", "--config", str(ROOT / "gunicorn.conf.py"), "main:create_app()"]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]").run()


if __name__ == "__main__":
    serve()
