"""The Progress page: how the models have done, label by label; and its figures for scripts."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from inkling.web.app import current_app
from inkling.web.progress_page import ago, percent, what_made
from inkling.web.rate_limit import LOOKING, limited

blueprint = Blueprint("progress", __name__, url_prefix="/progress")
blueprint.add_app_template_filter(percent)
blueprint.add_app_template_filter(ago)
blueprint.add_app_template_filter(what_made)


@blueprint.get("")
def page() -> str:
    """Show the page, complete without scripts."""
    return render_template("progress.html", shown=current_app.progress_page.shown())


@blueprint.get("/data")
@limited(LOOKING)
def data() -> ResponseReturnValue:
    """Return the page's figures, or 304 to a client that has them already."""
    response = jsonify(current_app.progress_page.shown().as_json())
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)
