"""The nets' weights for a page that answers on the device, each at an address for good."""

from flask import Blueprint, Response, abort, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from inkling.serving.weight_packs import Pack
from inkling.storage.base import ObjectMissing
from inkling.web.app import current_app
from inkling.web.compression import compressed, wanted_encoding
from inkling.web.other_sites import open_to_other_sites
from inkling.web.rate_limit import LOOKING, limited

FOR_GOOD = 365 * 24 * 3600  # seconds that a browser keeps a pack

blueprint = Blueprint("weights", __name__, url_prefix="/weights")


@blueprint.get("")
@limited(LOOKING)
@open_to_other_sites
def newest() -> ResponseReturnValue:
    """Tell where the originals' weights are, and those of about the newest version."""
    packs = current_app.weight_packs
    version = packs.newest()
    response = jsonify(
        version=version,
        originals=url_for("weights.originals", fingerprint=packs.originals.fingerprint),
        retrained=url_for("weights.retrained", version=version) if version else None,
    )
    response.cache_control.no_cache = True
    return response


@blueprint.get("/original/<fingerprint>")
@limited(LOOKING)
@open_to_other_sites
def originals(fingerprint: str) -> ResponseReturnValue:
    """Send the originals' weights."""
    pack = current_app.weight_packs.originals
    if fingerprint != pack.fingerprint:
        abort(404)
    return _answer(pack)


@blueprint.get("/<int:version>")
@limited(LOOKING)
@open_to_other_sites
def retrained(version: int) -> ResponseReturnValue:
    """Send what a version's nets have learned: the arrays that are not the originals'."""
    try:
        pack = current_app.weight_packs.of(version)
    except ObjectMissing:
        abort(404)
    return _answer(pack)


def _answer(pack: Pack) -> Response:
    encoding = wanted_encoding()
    if encoding == "br":
        content = pack.brotli
    else:  # hardly any browser: nothing is kept for it
        content = compressed(pack.content, encoding) if encoding else pack.content
    response = Response(content, mimetype="application/octet-stream")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{pack.fingerprint}-{encoding}")
    response.cache_control.public = response.cache_control.immutable = True
    response.cache_control.max_age = FOR_GOOD
    response.make_conditional(request)
    return response
