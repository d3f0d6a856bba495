"""The Flask app: factory, pages and JSON endpoints."""

import time
from typing import Any, cast

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

import posted
from bell import Bell
from functions import digit_data_url, encode_png, select_answer, top_3
from journal import COLLECTED, QUEUED, TRAINED, Drawing, open_journal
from lock import TrainerLock
from models_page import ModelsPage
from posted import BadInput
from recognizer import Prediction, Recognizer
from settings import Settings, load_settings
from storage import open_store

UNSURE = "I am not sure what this is."
PLOT_SECONDS = 365 * 24 * 3600  # that a browser keeps a picture whose address names its content
POLL_SECONDS = 0.01  # between two looks at the journal for a receipt

REMEDIES = {
    404: "There is no such page. Start at /.",
    405: "This address does not take {method}. Use {allowed}.",
    413: "The request is too large. Send a smaller picture.",
    429: "Too many requests. Wait a moment and try again.",
    500: "Something went wrong on the server. Try again; nothing was lost.",
}


class Inkling(Flask):
    """The app with its parts, made once a process."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(__name__)
        self.settings = settings
        self.journal = open_journal(settings)
        self.recognizer = Recognizer(settings.models_folder, self.journal, open_store(settings))
        self.models_page = ModelsPage(settings, self.journal)
        self.bell = Bell(settings.bell)
        self.trainer_lock = TrainerLock(settings.trainer_lock)
        # Base64 takes 4 bytes for 3, a form's percent-encoding a little more; strokes come on top.
        largest = settings.max_image_bytes * 3 // 2 + 1_000_000
        self.config["MAX_CONTENT_LENGTH"] = self.config["MAX_FORM_MEMORY_SIZE"] = largest
        self.json.ensure_ascii = False  # type: ignore[attr-defined]
        self.json.sort_keys = False  # type: ignore[attr-defined]


def create_app(settings: Settings | None = None) -> Inkling:
    """The app on these settings, or on the environment's."""
    app = Inkling(settings or load_settings())
    app.add_url_rule("/", "index", index)
    app.add_url_rule("/contribute", "contribute", contribute)
    app.add_url_rule("/models", "models", models)
    app.add_url_rule("/models/plots/<name>.svg", "plot", plot)
    app.add_url_rule("/predict", "predict", predict, methods=["POST"])
    app.add_url_rule("/train", "train", train, methods=["POST"])
    app.add_url_rule("/collect", "collect", collect, methods=["POST"])
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", show_metrics)
    app.register_error_handler(BadInput, show_bad_input)
    app.register_error_handler(HTTPException, show_http_error)
    _allow_other_sites(app)
    _limit_rates(app)
    return app


def _allow_other_sites(app: Inkling) -> None:
    if app.settings.cors_origins:
        from flask_cors import CORS

        origins = [origin.strip() for origin in app.settings.cors_origins.split(",")]
        CORS(app, origins=origins, methods=["GET", "POST"])


def _limit_rates(app: Inkling) -> None:
    if app.settings.rate_limit:
        from flask_limiter import Limiter
        from flask_limiter.util import get_remote_address

        limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
        for name in ("predict", "train", "collect"):
            view = app.view_functions[name]
            app.view_functions[name] = limiter.limit(app.settings.rate_limit)(view)  # type: ignore[assignment]


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


def predict() -> ResponseReturnValue:
    """What the four models and the app say of a posted picture."""
    picture = posted.picture(posted.fields(request), inkling().settings)
    prediction = inkling().recognizer.predict(picture.digit)
    said = prediction.probabilities
    answer = select_answer(said["fnn_retrained"], said["cnn_retrained"])
    return jsonify(
        answer=None if answer is None else str(answer),
        message=UNSURE if answer is None else "",
        version=prediction.version,
        models={name: top_3(probabilities) for name, probabilities in said.items()},
        input=digit_data_url(picture.digit),
    )


def train() -> ResponseReturnValue:
    """Store a labelled drawing and teach it to the retrained nets."""
    drawing = _store_drawing(QUEUED)
    deadline = time.monotonic() + inkling().settings.receipt_wait
    while drawing.state == QUEUED and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        drawing = inkling().journal.find(drawing.id) or drawing
    return _outcome(drawing)


def collect() -> ResponseReturnValue:
    """Store a labelled drawing; no net learns from it."""
    return _outcome(_store_drawing(COLLECTED))


def _store_drawing(state: str) -> Drawing:
    """The posted drawing's committed row; the older one where its key is known already."""
    app, fields = inkling(), posted.fields(request)
    label, strokes, key = posted.label(fields), posted.strokes(fields), posted.key(fields)
    picture = posted.picture(fields, app.settings)
    drawing = app.journal.add(
        Drawing(
            id=key,
            label=label,
            png=encode_png(picture.grey),
            strokes=strokes,
            state=state,
            **_said_before(app.recognizer.predict(picture.digit)),
        )
    )
    app.bell.ring()
    return drawing


def _said_before(prediction: Prediction) -> dict[str, Any]:
    return {
        "predictions": {
            name: [round(float(p), 5) for p in probabilities]
            for name, probabilities in prediction.probabilities.items()
        },
        "predicted_version": prediction.version,
    }


def _outcome(drawing: Drawing) -> ResponseReturnValue:
    app = inkling()
    if drawing.state == TRAINED:
        app.recognizer.refresh()  # so that this visitor's next answer comes from the new version
    version = drawing.version if drawing.version is not None else app.recognizer.version
    return jsonify(
        drawing=drawing.id, state=drawing.state, version=version, receipt=drawing.receipt
    )


def healthz() -> ResponseReturnValue:
    """Whether this process answers at all."""
    return jsonify(status="ok")


def readyz() -> ResponseReturnValue:
    """Whether the models are loaded and the journal answers; how the trainer is doing."""
    app = inkling()
    counts = app.journal.counts()
    app.recognizer.refresh()
    if app.recognizer.version != app.journal.current_version():
        message = "The newest weights cannot be loaded; older ones serve. See the server's log."
        return jsonify(error=message), 503
    return jsonify(
        status="ready",
        version=app.recognizer.version,
        trainer="running" if app.trainer_lock.is_held() else "not running",
        queued=counts[QUEUED],
    )


def show_metrics() -> Response:
    """The journal's figures for Prometheus."""
    import metrics  # its library is a tenth of the start-up time

    app = inkling()
    page = metrics.exposition(app.journal, app.trainer_lock)
    return Response(page, content_type="text/plain; version=0.0.4; charset=utf-8")


def show_bad_input(error: BadInput) -> ResponseReturnValue:
    return jsonify(error=str(error)), error.status


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Every other error in the one shape; redirects pass."""
    code = error.code or 500
    if code < 400:
        return error
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    remedy = REMEDIES.get(code, f"{error.name}. Check the request.")
    response = jsonify(error=remedy.format(method=request.method, allowed=allowed))
    if allowed:
        response.headers["Allow"] = allowed
    return response, code
