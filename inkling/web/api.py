"""The API described: as an OpenAPI document for programs, and as a page for people."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from inkling.web.app import current_app
from inkling.web.other_sites import open_to_other_sites

blueprint = Blueprint("api", __name__)


@blueprint.get("/openapi.json")
@open_to_other_sites
def document() -> ResponseReturnValue:
    """Return this description as an OpenAPI document."""
    from inkling.web.openapi.document import describe  # what only this and the page need

    response = jsonify(describe(current_app))
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/api")
def page() -> str:
    """Show the API page, with an example of each request."""
    from inkling.web.openapi.page import sections

    base = request.host_url.rstrip("/")
    return render_template("api.html", sections=sections(current_app, base), base=base)
