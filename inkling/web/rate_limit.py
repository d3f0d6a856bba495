"""How often a client may ask: a view is marked where it stands, `apply_limits` counts for it."""

import ipaddress
import math
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, request
from limits import RateLimitItem, parse_many
from werkzeug.exceptions import TooManyRequests

from inkling.settings import SettingError, Settings
from inkling.web.request_counts import RequestCounts

IPV6_NET = 64  # bits: what one household or server is given
PORT = re.compile(r":\d+\Z")

# What no person reaches: an hour of live answers, ten a second, asks 36,000 times; who draws and
# labels a digit every two seconds gives 1,800 an hour.
LOOKING, LABELLING = "20/second; 40000/hour", "5/second; 2000/hour"
LOOKING_THROUGH = "5/second; 600/hour"  # all stored versions, some seventy at most
ANY_NUMBER = "none"  # RATE_LIMIT's word for it
# Whoever has one of these was passed on by a proxy.
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
FORWARDED_PREFIX = "x-forwarded-"
_FORWARDED = {name.lower() for name in FORWARDED}

View = TypeVar("View", bound=Callable[..., Any])


def limited(default: str) -> Callable[[View], View]:
    """Mark a view that RATE_LIMIT applies to, and `default` where that is empty.

    Each endpoint has a count of its own.
    """

    def mark(view: View) -> View:
        view.limited = default  # type: ignore[attr-defined]
        return view

    return mark


def is_limited(view: Callable[..., Any]) -> bool:
    """Whether RATE_LIMIT applies to a view."""
    return hasattr(view, "limited")


def failures_limited(limit: str, failed: Callable[[], bool]) -> Callable[[View], View]:
    """Mark views that stop a client when too many of its requests failed, by `failed()`.

    They share one count a client. `failed` is asked before the view runs, so that guesses made at
    the same moment count as well.
    """

    def mark(view: View) -> View:
        view.failures_limited = limit, failed  # type: ignore[attr-defined]
        return view

    return mark


def client() -> str:
    """Return who asks, as limits count it: an IPv4 address, or the /64 of an IPv6 address."""
    text = request.remote_addr or ""
    if text.startswith("["):  # some proxies send the port too
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = PORT.sub("", text)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "unknown"  # all of them together: an odd name must not buy a count of its own
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), IPV6_NET), strict=False))


def is_direct_loopback() -> bool:
    """Whether a program on this machine asks, without a proxy in between that says so."""
    believed = request.environ.get("werkzeug.proxy_fix.orig", request.environ)
    try:
        address = ipaddress.ip_address(believed.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    named = {name.lower() for name in request.headers.keys()}  # noqa: SIM118  # pairs, otherwise
    passed_on = any(name.startswith(FORWARDED_PREFIX) for name in named)
    return address.is_loopback and not passed_on and named.isdisjoint(_FORWARDED)


def apply_limits(app: Flask, settings: Settings) -> RequestCounts:
    """Put their limits on the marked views of an app; return what counts.

    Raises SettingError where RATE_LIMIT or REDIS_URL cannot be used.
    """
    wanted, counts = settings.rate_limit, RequestCounts(settings)
    for endpoint, view in app.view_functions.items():
        if failures := getattr(view, "failures_limited", None):
            limit, failed = failures
            view = _counted(view, counts, limit, "failures", failed)
        if (default := getattr(view, "limited", "")) and wanted != ANY_NUMBER:
            view = _counted(view, counts, wanted or default, endpoint, _counts_for_one)
        app.view_functions[endpoint] = view
    return counts


def _counts_for_one() -> int | None:
    return None if is_direct_loopback() else 1


def _counted(
    view: View, counts: RequestCounts, text: str, scope: str, cost: Callable[[], int | None]
) -> Callable[..., Any]:
    """Return a view that is not asked where a client is over one of the limits in this scope.

    `cost()` says what a request counts; None: it is not looked at.
    """
    limits = _read(text)

    @wraps(view)
    def call(*args: Any, **values: Any) -> Any:
        if (this := cost()) is not None:
            _count(counts, limits, (client(), scope), this)
        return view(*args, **values)

    return call


def _count(
    counts: RequestCounts, limits: Sequence[RateLimitItem], who: tuple[str, str], cost: int
) -> None:
    """Count a request; raise TooManyRequests, with the seconds to wait, over a limit."""
    for limit in limits:
        if not counts.hit(limit, *who, cost=cost):
            seconds = counts.seconds_left(limit, *who)
            raise TooManyRequests(retry_after=max(1, math.ceil(seconds)))


def _read(text: str) -> list[RateLimitItem]:
    """Return limits, the shortest window first; raise SettingError for an unreadable text."""
    try:
        return sorted(parse_many(text), key=lambda limit: limit.get_expiry())
    except ValueError as error:
        remedy = "limits as '20/second; 600/hour', or to 'none'"
        raise SettingError(f"RATE_LIMIT is {text!r}.", f"Set it to {remedy}.") from error
