"""A visitor's own drawings, which their browser keeps: what is read in them now, and their end."""

import uuid

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from functions import from_bytes
from inkling.journal.changes import WrongSecret, delete_own
from inkling.records import DELETING
from inkling.web import forms, posted_fields
from inkling.web.app import current_app
from inkling.web.bad_input import BadInput
from inkling.web.languages import SAY
from inkling.web.other_sites import open_to_other_sites
from inkling.web.rate_limit import LABELLING, limited

blueprint = Blueprint("own_drawings", __name__)


@blueprint.get("/my-drawings")
def page() -> str:
    """Show the drawings that this browser has given."""
    return render_template("mine.html")


@blueprint.post("/drawings/answers")
@limited(LABELLING)
@open_to_other_sites
def answers() -> ResponseReturnValue:
    """Return what the app reads in stored drawings now, and what it read in them as shipped."""
    ids = forms.drawings(posted_fields.fields(request))
    found = current_app.journal.digits_by_id(ids)
    recognizer = current_app.recognizer
    said = {id: recognizer.predict(from_bytes(found[id])) for id in ids if id in found}
    return jsonify(
        version=recognizer.version,
        answers=[
            {"drawing": id, "shipped": _text(one.as_shipped), "now": _text(one.answer)}
            for id, one in said.items()
        ],
    )


def _text(answer: int | None) -> str | None:
    return None if answer is None else str(answer)


@blueprint.post("/drawings/<uuid:id>/delete")
@limited(LABELLING)
@open_to_other_sites
def delete(id: uuid.UUID) -> ResponseReturnValue:
    """Delete a drawing, for whoever has its secret, and have the nets forget it.

    It is shown and given to nobody from now on. Ask for the drawing until it is not found: then the
    nets are those of a run that never saw it.
    """
    secret = forms.secret(posted_fields.fields(request))
    if secret is None:
        raise BadInput(
            SAY.text("The field secret is missing."),
            SAY.text("Send the one that it was given with."),
        )
    try:
        found = delete_own(current_app.journal, str(id), secret)
    except WrongSecret as error:
        raise BadInput(SAY.text(error.message), SAY.text(error.remedy), status=403) from error
    if not found:
        abort(404)
    current_app.coordination.labels.notify()
    return jsonify(drawing=str(id), state=DELETING)
