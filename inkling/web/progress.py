"""The Progress page: how the models have done, label by label; and its figures for scripts."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from inkling.web.app import current_app
from inkling.web.progress_page import percent, what_made
from inkling.web.rate_limit import LOOKING, limited

blueprint = Blueprint("progress", __name__, url_prefix="/progress")
blueprint.add_app_template_filter(percent)
blueprint.add_app_template_filter(what_made)


@blueprint.get("")
def page() -> str:
    """Show the page, complete without scripts."""
    return render_template("progress.html", shown=current_app.progress_page.shown())


@blueprint.get("/data")
@limited(LOOKING)
def data() -> ResponseReturnValue:
    """Return the page's figures, or 304 to a client that has them already."""
    return _unless_known(current_app.progress_page.shown().as_json())


@blueprint.get("/latest")
@limited(LOOKING)
def latest() -> ResponseReturnValue:
    """Return what visitors gave lately, or 304 to a client that has it already."""
    return _unless_known(current_app.progress_page.latest().as_json())


def _unless_known(figures: dict[str, Any]) -> Response:
    response = jsonify(figures)
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response
