"""Other sites: which of their pages may call the API, and that no other's can change anything.

A browser lets any page post a form to any site, without asking. What it does is to say where the
page is from, in `Sec-Fetch-Site` and `Origin`, which no page can forge. Programs send neither.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, current_app, request

from inkling.settings import Settings
from inkling.web.bad_input import BadInput
from inkling.web.languages import SAY
from inkling.words import marked

PREFLIGHT_SECONDS = 600  # that a browser remembers what another site may do
CHANGE_NOTHING = ("GET", "HEAD", "OPTIONS")
OTHER_SITE = marked("A page of another site sent this.")
OWN_PAGES = ("same-origin", "none")  # none: the visitor's own doing, as a bookmark
DEFAULT_PORTS = {"http": 80, "https": 443}

View = TypeVar("View", bound=Callable[..., Any])


def open_to_other_sites(view: View) -> View:
    """Mark a view that pages of the sites in CORS_ORIGINS may call."""
    view.open_to_other_sites = True  # type: ignore[attr-defined]
    return view


def closed_to_other_sites(view: View) -> View:
    """Mark a view that changes something by whatever method, for nobody's page but ours.

    A browser sends the password that it was once given along with what any page asks for, so
    CORS_ORIGINS does not count here.
    """
    view.closed_to_other_sites = True  # type: ignore[attr-defined]
    return view


def guard_against_other_sites(app: Flask, settings: Settings) -> None:
    """Let pages of the sites in CORS_ORIGINS call the marked views; refuse other sites' changes."""
    origins = [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]
    listed = [_exactly(origin) for origin in origins]
    if listed:
        _allow(app, listed)
    app.before_request(lambda: refuse_other_sites(listed, bool(settings.trusted_proxies)))


def refuse_other_sites(listed: list[str | re.Pattern[str]], behind_proxy: bool) -> None:
    """Raise BadInput (403) for a request that may change something and is of another site's page.

    `same-site` is another site too: whoever has a neighbouring name, or another port, is not us.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if hasattr(view, "closed_to_other_sites"):
        _refuse_all_others(behind_proxy)
        return
    if request.method in CHANGE_NOTHING or "*" in listed:
        return
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if site in OWN_PAGES or (site is None and origin is None):
        return
    if origin is not None and (_is_listed(origin, listed) or _is_ours(origin, behind_proxy)):
        return
    raise BadInput(
        SAY.text(OTHER_SITE),
        SAY.text(
            "Send it from a page of this site, or have its operator list the other in CORS_ORIGINS."
        ),
        status=403,
    )


def _refuse_all_others(behind_proxy: bool) -> None:
    """Raise BadInput (403) for what another site's page sent or led to, or nobody has asked for.

    A link says in Sec-Fetch-Site where it was; where the browser leaves that out, in Referer.
    """
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        remedy = "Ask for it, if it is wanted."
        raise BadInput("A browser asks ahead for what may never be wanted.", remedy, status=403)
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin") or _origin_of(request.headers.get("Referer"))
    ours = origin is None or _is_ours(origin, behind_proxy)
    # Where it is there it alone counts: another site may send a link of ours back to us.
    if not (ours if site is None else site in OWN_PAGES):
        raise BadInput(OTHER_SITE, "Send it from a program, or type the address.", status=403)


def _origin_of(address: str | None) -> str | None:
    """Return the origin of a page's address, as Origin has it."""
    return None if address is None else "/".join(address.split("/")[:3])


def _is_listed(origin: str, listed: list[str | re.Pattern[str]]) -> bool:
    return any(isinstance(one, re.Pattern) and one.match(origin) for one in listed)


def _is_ours(origin: str, behind_proxy: bool) -> bool:
    """Whether an origin is that of this site, as the browser names it.

    A proxy that is not counted in TRUSTED_PROXIES may have taken https away, so https is never
    wrong; http is, where the request is known to be https. A proxy that is counted may have put its
    own name into Host: then X-Forwarded-Host has ours, which a page cannot send without leave.
    """
    scheme, _, _ = origin.lower().partition("://")
    if scheme not in DEFAULT_PORTS or (scheme == "http" and request.is_secure):
        return False
    hosts = [request.headers.get("Host", "")]
    if behind_proxy:
        hosts += request.headers.get("X-Forwarded-Host", "").split(",")
    place = place_of(scheme, origin.partition("://")[2])
    return place is not None and place in [place_of(scheme, host.strip()) for host in hosts]


def place_of(scheme: str, host: str) -> tuple[str, int] | None:
    """Return a host's name and port, the scheme's where it names none; None for what is no host."""
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port or DEFAULT_PORTS[scheme]
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and parts.netloc == host else None


def _allow(app: Flask, listed: list[str | re.Pattern[str]]) -> None:
    from flask_cors import CORS  # what most sites never ask for

    CORS(
        app,
        resources=open_paths(app),
        origins=listed,
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
