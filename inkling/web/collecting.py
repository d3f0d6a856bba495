"""A site that only collects (ANSWERS is 'no'): nothing is answered, and no net learns."""

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue

from inkling.web.bad_input import BadInput
from inkling.web.languages import SAY

LEADS_ON = "drawing.index"  # to the page that collects
REFUSED = {
    "drawing.predict",
    "drawing.versions",
    "drawing.through_versions",
    "drawing.train",
    "own_drawings.answers",
    "weights.newest",
    "weights.originals",
    "weights.retrained",
}


def only_collect(app: Flask) -> None:
    """Have an app answer nothing, and lead who comes to draw to the page that collects."""
    app.before_request(_refuse)


def _refuse() -> ResponseReturnValue | None:
    if request.endpoint == LEADS_ON:
        return redirect(url_for("drawing.contribute"))
    if request.endpoint in REFUSED:
        raise BadInput(
            SAY.text("This site only collects drawings."),
            SAY.text("Give them at /contribute."),
            status=403,
        )
    return None
