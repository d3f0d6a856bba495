"""Networks for programs: listed, described, trained and asked, JSON in and out, by HTTP Basic."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from functions import SIDE
from inkling.journal.jobs import MNIST
from inkling.settings import DEMONSTRATION
from inkling.web import basic_auth, network_answers, network_texts, posted_fields
from inkling.web.app import current_app
from inkling.web.arguments import is_loopback
from inkling.web.bad_input import BadInput
from inkling.web.other_sites import closed_to_other_sites, place_of
from inkling.web.rate_limit import LABELLING, LOOKING, is_direct_loopback, limited

PLACES = 6  # of a probability
NOT_HERE = (
    "No credentials are set here, and the demonstration pair is taken from the server's machine "
    "alone. Have its operator set API_LOGIN and API_PASSWORD."
)

blueprint = Blueprint("networks", __name__)


def _knows_credentials() -> bool:
    settings = current_app.settings
    if settings.api_login:
        return basic_auth.is_given(settings.api_password, settings.api_login)
    login, password = DEMONSTRATION
    return _is_from_here() and basic_auth.is_given(password, login)


def _is_from_here() -> bool:
    """Whether a program on this machine asks, and asks this machine.

    A page whose name was made to point here says that name in Host.
    """
    asked = place_of("http", request.headers.get("Host", ""))
    return is_direct_loopback() and asked is not None and is_loopback(asked[0].rstrip("."))


def _refusal() -> str:
    if not current_app.settings.api_login and not _is_from_here():
        return NOT_HERE
    return "Login or password is missing or wrong. Send both by HTTP Basic."


password_required = basic_auth.password_required(_knows_credentials, "Inkling networks", _refusal)


@blueprint.before_request
def check_accept() -> None:
    """Refuse who takes no JSON (406)."""
    if request.accept_mimetypes and not request.accept_mimetypes["application/json"]:
        remedy = "Send Accept: application/json, or leave it out."
        raise BadInput("The answer is JSON, which Accept leaves out.", remedy, status=406)


@blueprint.get("/list_nn")
@limited(LOOKING)
@password_required
def list_nn() -> ResponseReturnValue:
    """List all networks, a line each: its name for people, and its address."""
    titles = network_answers.titles()
    return jsonify(text=[network_texts.row(name, title) for name, title in titles.items()])


@blueprint.get("/<net>/about")
@limited(LOOKING)
@password_required
def about(net: str) -> ResponseReturnValue:
    """Tell what a network is, what it learned and how good it is."""
    network_answers.check_known(net)
    return jsonify(text=network_answers.about(net))


@blueprint.get("/<net>/train/status")
@limited(LOOKING)
@password_required
def status(net: str) -> ResponseReturnValue:
    """Tell how good a network is since its last training, and how the one that runs is going."""
    network_answers.check_known(net)
    return jsonify(network_answers.status(net))


@blueprint.post("/<net>/train")
@limited(LABELLING)
@closed_to_other_sites
@password_required
def train(net: str) -> ResponseReturnValue:
    """Train a network in the background."""
    return _train(net)


@blueprint.get("/<net>/train")
@limited(LABELLING)
@closed_to_other_sites
@password_required
def train_by_get(net: str) -> ResponseReturnValue:
    """Train a network in the background: the same for clients that only GET."""
    if request.method == "HEAD":
        raise MethodNotAllowed(["GET", "POST"])
    return _train(net)


def _train(net: str) -> ResponseReturnValue:
    network_answers.check_known(net)
    try:
        network_answers.check_trainable(net)
    except network_answers.NotTrainable as error:
        return jsonify(error=str(error)), 405, {"Allow": "OPTIONS"}
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    posted = has_body and "training_sample" not in request.args
    asked = posted_fields.fields(request) if posted else request.args
    return jsonify(text=network_answers.train(net, asked.get("training_sample", MNIST)))


@blueprint.post("/<net>/classify")
@limited(LOOKING)
@password_required
def classify(net: str) -> ResponseReturnValue:
    """Tell which digit a network sees in a picture."""
    network_answers.check_known(net)
    if not request.is_json:
        remedy = 'Send {"image": "<base64>"} as Content-Type: application/json.'
        raise BadInput("The body is not said to be JSON.", remedy, status=415)
    network_answers.check_trained(net)
    # One more, for it is the first number of bytes that is refused.
    request.max_content_length = current_app.settings.max_request_bytes + 1
    picture = current_app.picture(posted_fields.fields(request), field="image", min_side=SIDE)
    found, is_digit = network_answers.sees(net, picture.digit)
    return jsonify(
        number=str(found.argmax()),
        probabilities=[round(float(p), PLACES) for p in found],
        is_digit=is_digit,
    )
