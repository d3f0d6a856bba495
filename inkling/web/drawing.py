"""The drawing page and what it asks for: answers, versions, and what became of a label."""

import uuid
from typing import Any

import numpy as np
from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from functions import FloatArray, decode_png, digit_data_url, encode_png, to_bytes, top_3
from inkling.journal.changes import hash_of
from inkling.nets.registry import RETRAINED
from inkling.records import COLLECTED, NOT_A_DIGIT, QUEUED, Drawing, Outcome, State
from inkling.serving.past_versions import Busy, NotStored, PastVersion
from inkling.serving.recognizer import Prediction
from inkling.storage.keys import drawing_key
from inkling.web import forms, posted_fields
from inkling.web.app import current_app
from inkling.web.bad_input import BadInput
from inkling.web.disk import check_room
from inkling.web.languages import SAY
from inkling.web.other_sites import open_to_other_sites
from inkling.web.rate_limit import LABELLING, LOOKING, LOOKING_THROUGH, limited
from inkling.words import marked

# Why there is no answer: a sentence for people, a code for programs
UNSURE = {"message": marked("I am not sure what this is."), "code": "unsure"}
NO_DIGIT = {"message": marked("This does not look like a digit to me."), "code": "no digit"}
ANSWERED = {"message": "", "code": ""}
KEY_TAKEN = marked(
    "This key was sent before, with another label or picture, which stays as it was."
)
KEY_REMEDY = marked("Send a new key with this one.")

blueprint = Blueprint("drawing", __name__)


@blueprint.get("/")
def index() -> str:
    """Show the drawing page."""
    return render_template("index.html")


@blueprint.get("/contribute")
def contribute() -> str:
    """Show the data-collection page."""
    return render_template("contribute.html")


@blueprint.post("/predict")
@limited(LOOKING)
@open_to_other_sites
def predict() -> ResponseReturnValue:
    """Return what the four models and the app say of a posted picture."""
    fields = posted_fields.fields(request)
    wanted = forms.version(fields)
    picture = current_app.picture(fields)
    prediction = _predict_as(wanted, picture.digit)
    answer = prediction.answer
    return jsonify(
        answer=None if answer is None else str(answer),
        **_why(prediction),
        version=prediction.version,
        digits=[round(float(p), 4) for p in prediction.digits],
        models={name: top_3(found) for name, found in prediction.probabilities.items()},
        input=digit_data_url(picture.digit),
    )


def _why(prediction: Prediction) -> dict[str, str]:
    """Return why there is no answer, as a sentence and a code; both empty where there is one."""
    if prediction.is_digit and prediction.answer is not None:
        return ANSWERED
    why = UNSURE if prediction.is_digit else NO_DIGIT
    return why | {"message": SAY.text(why["message"])}


def _predict_as(version: int | None, digit: FloatArray) -> Prediction:
    """Return what the four models say, the retrained ones as of a version, or as of now."""
    if version is None or version == current_app.recognizer.version:
        return current_app.recognizer.predict(digit)
    try:
        return current_app.past_versions.predict(digit, version)
    except NotStored as error:
        raise BadInput(SAY.text(error.text, version=version), status=404) from error
    except Busy as error:
        raise _busy(error) from error


def _busy(error: Busy) -> BadInput:
    return BadInput(SAY.text(error.message), SAY.text(error.remedy), status=503)


@blueprint.get("/versions")
@limited(LOOKING)
@open_to_other_sites
def versions() -> ResponseReturnValue:
    """List the versions that a drawing can be shown to."""
    stored = current_app.past_versions.stored()
    return jsonify(
        newest=current_app.recognizer.version,
        versions=[_line(version) for version in stored],
    )


@blueprint.post("/versions")
@limited(LOOKING_THROUGH)
@open_to_other_sites
def through_versions() -> ResponseReturnValue:
    """Return what the retrained nets of every stored version say of a posted picture."""
    fields = posted_fields.fields(request)
    picture = current_app.picture(fields)
    try:
        seen = [*current_app.past_versions.through(picture.digit)]
    except Busy as error:
        raise _busy(error) from error
    return jsonify(versions=[_line(version) | _said(found) for version, found in seen])


def _line(version: PastVersion) -> dict[str, Any]:
    """Return which version it is, what made it, and when."""
    made = version.made and version.made.isoformat()
    return {"number": version.number, "kind": version.kind, "made": made}


def _said(prediction: Prediction) -> dict[str, Any]:
    """Return what the app would have answered then, and its retrained nets."""
    found = prediction.probabilities
    return {
        "answer": None if prediction.answer is None else str(prediction.answer),
        "models": {name: top_3(found[name]) for name in RETRAINED.values()},
    }


@blueprint.post("/train")
@limited(LABELLING)
@open_to_other_sites
def train() -> ResponseReturnValue:
    """Store a labelled drawing and teach it to the retrained nets, unless it is no digit."""
    outcome = _store_drawing(QUEUED).outcome
    return _show(current_app.receipts.until_learned(outcome, current_app.settings.receipt_wait))


@blueprint.post("/collect")
@limited(LABELLING)
@open_to_other_sites
def collect() -> ResponseReturnValue:
    """Store a labelled drawing; no net learns from it."""
    return _show(_store_drawing(COLLECTED).outcome)


@blueprint.get("/drawings/<uuid:id>")
@limited(LOOKING)
@open_to_other_sites
def outcome(id: uuid.UUID) -> ResponseReturnValue:
    """Return what became of a labelled drawing whose receipt was not there in time."""
    outcome = current_app.journal.outcome(str(id)) or abort(404)
    return _show(current_app.receipts.until_served(outcome, current_app.settings.receipt_wait))


def _store_drawing(state: State) -> Drawing:
    """Commit the posted drawing and return its row; return the older one if its key is known.

    Raises BadInput (409) where that is another drawing, or has another label; (507) where the disk
    is nearly full.
    """
    check_room(current_app.settings)
    fields = posted_fields.fields(request)
    label, strokes, key = forms.label(fields), forms.strokes(fields), forms.key(fields)
    secret = forms.secret(fields)
    picture = current_app.picture(fields)
    given = Drawing(
        id=key,
        label=label,
        png=encode_png(picture.grey),
        strokes=strokes,
        state=COLLECTED if label == NOT_A_DIGIT else state,  # there is nothing to learn
        digit=to_bytes(picture.digit),
        secret_hash=hash_of(secret) if secret else None,
        **current_app.recognizer.predict(picture.digit).said,
    )
    drawing = current_app.journal.add(given)
    if not _says_the_same(drawing, given):
        raise BadInput(SAY.text(KEY_TAKEN), SAY.text(KEY_REMEDY), status=409)
    current_app.coordination.labels.notify()
    return drawing


def _says_the_same(one: Drawing, other: Drawing) -> bool:
    """Whether two rows have the same label and picture, however its PNG was written."""
    if one.label != other.label:
        return False
    return one.png == other.png or np.array_equal(decode_png(one.png), decode_png(other.png))


def _show(outcome: Outcome) -> ResponseReturnValue:
    """Answer what became of a drawing, with its receipt or why it was rejected."""
    newest = current_app.recognizer.version
    return jsonify(
        drawing=outcome.id,
        object=drawing_key(outcome.label, outcome.id, "png"),
        state=outcome.state,
        version=newest if outcome.version is None else outcome.version,
        receipt=outcome.receipt,
        reason=outcome.rejection.for_visitor(SAY) if outcome.rejection else None,
    )
