"""How it works: the page, and what becomes of a drawing on its way to the nets."""

from typing import cast

import numpy as np
from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from functions import FloatArray, Grey, augment, cropped, digit_data_url, to_data_url
from inkling.web import posted_fields
from inkling.web.app import current_app
from inkling.web.other_sites import open_to_other_sites
from inkling.web.rate_limit import LOOKING, limited

SHAPES, TURNS, SIDE = 4, 6, 28  # the 24 variants: each shape turned by six angles

blueprint = Blueprint("about", __name__)


@blueprint.get("/about")
def page() -> str:
    """Show how it works, told with the visitor's last drawing."""
    return render_template("about.html")


@blueprint.post("/steps")
@limited(LOOKING)
@open_to_other_sites
def steps() -> ResponseReturnValue:
    """Return what becomes of a posted picture: its crop, what the nets see, the 24 variants."""
    fields = posted_fields.fields(request)
    picture = current_app.picture(fields)
    crop = cast(Grey, cropped(picture.grey))  # an empty page was refused
    variants = cast(FloatArray, augment(picture.grey, seed=0))
    return jsonify(
        crop=to_data_url(crop),
        input=digit_data_url(picture.digit),
        variants=digit_data_url(_side_by_side(variants)),
    )


def _side_by_side(variants: FloatArray) -> FloatArray:
    """Return the variants (24, 28, 28) as one picture (112, 168): a row for each shape."""
    grid = variants.reshape(SHAPES, TURNS, SIDE, SIDE).transpose(0, 2, 1, 3)
    return np.asarray(grid.reshape(SHAPES * SIDE, TURNS * SIDE))
