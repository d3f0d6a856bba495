"""What load balancers and monitoring ask: is it alive, is it ready, what are its figures."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from inkling.records import QUEUED, TRAINER
from inkling.web.app import current_app
from inkling.web.other_sites import open_to_other_sites

OLDER_SERVE = "The newest weights cannot be loaded; older ones serve. See the server's log."

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_other_sites
def healthz() -> ResponseReturnValue:
    """Answer that this process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@open_to_other_sites
def readyz() -> ResponseReturnValue:
    """Answer whether models and journal are ready, and how the trainer is doing."""
    if current_app.refresher.trouble:
        return jsonify(error=OLDER_SERVE), 503
    return jsonify(
        status="ready",
        version=current_app.recognizer.version,
        trainer="running" if current_app.coordination.trainer.is_announced() else "not running",
        trouble=current_app.journal.noticed(TRAINER),
        queued=current_app.journal.counts()[QUEUED],
        unstored=asdict(current_app.outbox.counts()),
    )


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show the journal's figures to Prometheus."""
    from inkling.web import prometheus  # its library is a tenth of the start-up time

    page = prometheus.exposition(current_app.outbox, current_app.coordination.trainer)
    return Response(page, content_type="text/plain; version=0.0.4; charset=utf-8")
