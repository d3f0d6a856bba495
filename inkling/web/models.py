"""The Models page: what each net is, how it was trained, how good it is; and its pictures."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from inkling.nets.registry import NETWORKS
from inkling.web.app import current_app
from inkling.web.job_list import job_lines

PLOT_SECONDS = 365 * 24 * 3600  # that a browser keeps a picture whose address names its content
PLOT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # an SVG file styles itself

blueprint = Blueprint("models", __name__, url_prefix="/models")


@blueprint.get("")
def page() -> str:
    """Show the page."""
    page = current_app.models_page
    return render_template(
        "models.html",
        shown=page.shown(),
        networks=NETWORKS.values(),
        pictures=page.pictures,
        jobs=job_lines(current_app.journal),
        curves=any(name.endswith("-history") for name in page.pictures),
    )


@blueprint.get("/plots/<name>.svg")
def plot(name: str) -> ResponseReturnValue:
    """Send a picture of the page; `v` in its address is its content's fingerprint."""
    picture = current_app.models_page.pictures.get(name) or abort(404)
    response = Response(picture.content, content_type="image/svg+xml")
    response.set_etag(picture.fingerprint)
    response.cache_control.public = True
    if request.args.get("v") == picture.fingerprint:
        response.cache_control.max_age, response.cache_control.immutable = PLOT_SECONDS, True
    else:
        response.cache_control.no_cache = True
    response.headers["Content-Security-Policy"] = PLOT_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response.make_conditional(request)
