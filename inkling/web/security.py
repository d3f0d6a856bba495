"""What stands between the app and the open internet: headers, other sites, proxies."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from inkling.settings import Settings

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
PREFLIGHT_SECONDS = 600  # that a browser remembers what another site may do
MAX_FORM_PARTS = 100  # a form has four fields

View = TypeVar("View", bound=Callable[..., Any])


def open_to_other_sites(view: View) -> View:
    """Mark a view that pages of the sites in CORS_ORIGINS may call."""
    view.open_to_other_sites = True  # type: ignore[attr-defined]
    return view


def protect(app: Flask, settings: Settings) -> None:
    """Put headers on an app's answers; let in the other sites and proxies of the settings."""
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.after_request(add_headers)
    allow_other_sites(app, settings.cors_origins)
    trust_proxies(app, settings.trusted_proxies)


def add_headers(response: Response) -> Response:
    """Set the headers of every answer; what a view set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    if response.is_json:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def allow_other_sites(app: Flask, origins: str) -> None:
    """Let pages of these sites (comma-separated, '*' for any) call the views marked for them."""
    if not origins:
        return
    from flask_cors import CORS  # what most sites never ask for

    CORS(
        app,
        resources=open_paths(app),
        origins=[_exactly(origin.strip()) for origin in origins.split(",") if origin.strip()],
        methods=["GET", "POST"],
        allow_headers=["Content-Type"],
        expose_headers=["Retry-After"],
        max_age=PREFLIGHT_SECONDS,
    )


def open_paths(app: Flask) -> list[re.Pattern[str]]:
    """Return what matches the addresses of the marked views.

    An address rather than its view decides: so a site may read also why a method or an id is
    refused.
    """
    return [
        re.compile(re.sub("<[^>]*>", "[^/]+", re.escape(rule.rule)) + r"\Z")
        for rule in app.url_map.iter_rules()
        if hasattr(app.view_functions[rule.endpoint], "open_to_other_sites")
    ]


def _exactly(origin: str) -> str | re.Pattern[str]:
    """Return an origin to be compared whole: flask-cors takes for a pattern what looks like one."""
    return origin if origin == "*" else re.compile(re.escape(origin) + r"\Z", re.IGNORECASE)


def trust_proxies(app: Flask, count: int) -> None:
    """Believe the X-Forwarded-For and -Proto that `count` proxies in front added; 0: none."""
    if count:
        believing = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)
        app.wsgi_app = _without_quotes(believing)  # type: ignore[method-assign]


def _without_quotes(app: WSGIApplication) -> Callable[..., Iterable[bytes]]:
    """Return an app that reads Forwarded headers without quotes, which no proxy adds.

    ProxyFix reads nothing from a header with a quote that a client left open: the client would pass
    for the proxy, and be counted apart.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"):
            if name in environ:
                environ[name] = environ[name].replace('"', "")
        return app(environ, start_response)

    return call
