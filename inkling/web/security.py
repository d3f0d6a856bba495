"""What stands between the app and the open internet: headers, other sites, proxies, errors."""

import re
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from inkling.settings import Settings
from inkling.web.forms import BadInput
from inkling.web.rate_limit import limit_rates

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the 28×28 that the nets saw; Bootstrap's own icons
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    # This is about tags such as <img>; what CORS allows, it allows all the same.
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = "max-age=31536000"  # a year; of this host alone, for others may share its domain
API = re.compile(r"/(predict|versions|train|collect|drawings/[^/]+|healthz|readyz)\Z")
PREFLIGHT_SECONDS = 600  # that a browser remembers what another site may do
MAX_FORM_PARTS = 100  # a form has four fields

JOURNAL_AWAY = (
    "The journal does not answer. Try again in a moment; with the same key nothing is stored twice."
)
STORE_AWAY = "The server cannot read or write its files. Try again in a moment."

REMEDIES = {
    400: "The request cannot be read. Send a form or one JSON object.",
    404: "There is no such page. Start at /.",
    405: "This address does not take {method}. Use {allowed}.",
    413: "The request is too large. Send a smaller picture.",
    429: "Too many requests. Wait a moment and try again.",
    500: "Something went wrong on the server. Try again; nothing was lost.",
}


def protect(app: Flask, settings: Settings) -> None:
    """Put headers, limits, CORS, proxies and handlers of the server's troubles on an app."""
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.after_request(add_headers)
    app.register_error_handler(BadInput, show_bad_input)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(SQLAlchemyError, show_journal_trouble)
    app.register_error_handler(OSError, show_file_trouble)
    limit_rates(app, settings)
    allow_other_sites(app, settings.cors_origins)
    trust_proxies(app, settings.trusted_proxies)


def add_headers(response: Response) -> Response:
    """The headers of every answer; what a view set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    if response.is_json:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def allow_other_sites(app: Flask, origins: str) -> None:
    """Let pages of these sites (comma-separated, '*' for any) call the API, and nothing else."""
    if not origins:
        return
    from flask_cors import CORS

    CORS(
        app,
        resources=[API],
        origins=[_exactly(origin.strip()) for origin in origins.split(",") if origin.strip()],
        methods=["GET", "POST"],
        allow_headers=["Content-Type"],
        expose_headers=["Retry-After"],
        max_age=PREFLIGHT_SECONDS,
    )


def _exactly(origin: str) -> str | re.Pattern[str]:
    """An origin that is compared as a whole: flask-cors takes what looks like a pattern for one."""
    return origin if origin == "*" else re.compile(re.escape(origin) + r"\Z", re.IGNORECASE)


def trust_proxies(app: Flask, count: int) -> None:
    """Believe the X-Forwarded-For and -Proto that `count` proxies in front added; 0: none."""
    if count:
        believing = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)
        app.wsgi_app = _without_quotes(believing)  # type: ignore[method-assign]


def _without_quotes(app: WSGIApplication) -> Callable[..., Iterable[bytes]]:
    """Forwarded headers without quotes, which no proxy adds.

    ProxyFix reads nothing from a header with a quote that a client left open: the client would pass
    for the proxy, and be counted apart.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"):
            if name in environ:
                environ[name] = environ[name].replace('"', "")
        return app(environ, start_response)

    return call


def show_bad_input(error: BadInput) -> ResponseReturnValue:
    return jsonify(error=str(error)), error.status


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Every other error in the one shape; redirects pass."""
    code = error.code or 500
    if code < 400:
        return error
    allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    remedy = REMEDIES.get(code, f"{error.name}. Check the request.")
    response = jsonify(error=remedy.format(method=request.method, allowed=allowed))
    if allowed:
        response.headers["Allow"] = allowed
    return response, code


def show_journal_trouble(error: SQLAlchemyError) -> ResponseReturnValue:
    """503 where the database fails; the log tells why, without what was to be stored."""
    reason: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        reason = error.orig
    # Of a database's message the first line: the next ones may show a row.
    words = str(reason).partition("\n")[0] if reason is not error else ""
    _log("The journal does not answer", error, f"{type(reason).__name__}: {words}")
    return jsonify(error=JOURNAL_AWAY), 503


def show_file_trouble(error: OSError) -> ResponseReturnValue:
    """503 where a file or the object store fails."""
    _log("A file or the object store fails", error, f"{type(error).__name__}: {error}")
    return jsonify(error=STORE_AWAY), 503


def _log(what: str, error: BaseException, why: str) -> None:
    """One record with where it happened; never the exception's own text, which may hold data."""
    where: Any = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s at %s %s: %s\n%s", what, request.method, request.path, why, where)
