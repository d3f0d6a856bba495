"""What stands between the app and the open internet: headers, proxies, and other_sites.py."""

from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from inkling.settings import Settings
from inkling.web.compression import compress_answer
from inkling.web.other_sites import guard_against_other_sites

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the 28×28 that the nets saw; Bootstrap's own icons
        "connect-src 'self'",
        "manifest-src 'self'",
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
OF_FILES = {
    name: HEADERS[name] for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy")
}
HTTPS_ONLY = "max-age=31536000"  # a year; of this host alone, for others may share its domain
MAX_FORM_PARTS = 100  # a form has four fields


def protect(app: Flask, settings: Settings) -> None:
    """Put headers on an app's answers; let in the sites and proxies of the settings, no others."""
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.after_request(add_headers)
    app.after_request(compress_answer)  # which comes first: the last that was named
    guard_against_other_sites(app, settings)
    trust_proxies(app, settings.trusted_proxies)


def add_headers(response: Response) -> Response:
    """Set the headers of every answer; what a view set itself stays.

    A page asks for two dozen files: what matters to a page alone is left out there.
    """
    headers = OF_FILES if request.endpoint == "static" else HEADERS
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    if response.is_json:
        response.headers.setdefault("Cache-Control", "no-store")
    return response


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
