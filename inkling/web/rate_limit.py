"""How often a client may ask: limits by Flask-Limiter, counted in memory or in Redis.

A view is marked where it stands; `apply_limits` then puts the limits on those of an app.
"""

import ipaddress
import math
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask_limiter import Limiter
from limits import parse_many

from inkling.settings import SettingError, Settings

REDIS_TIMEOUT = 0.5  # seconds that a request waits for Redis at most, before it counts in memory
IPV6_NET = 64  # bits: what one household or server is given
PORT = re.compile(r":\d+\Z")

# What no person reaches: an hour of live answers, ten a second, asks 36,000 times; who draws and
# labels a digit every two seconds gives 1,800 an hour.
LOOKING, LABELLING = "20/second; 40000/hour", "5/second; 2000/hour"
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


def apply_limits(app: Flask, settings: Settings) -> None:
    """Put their limits on the marked views of an app.

    Raises SettingError where RATE_LIMIT or REDIS_URL cannot be used.
    """
    if settings.rate_limit not in ("", ANY_NUMBER):
        _check(settings.rate_limit)
    for endpoint, view in app.view_functions.items():
        for limit in _limits(app, settings, view):
            app.view_functions[endpoint] = limit(app.view_functions[endpoint])


def _limits(app: Flask, settings: Settings, view: Callable[..., Any]) -> Iterator[Any]:
    """Yield what puts its limits on a marked view."""
    if is_limited(view) and settings.rate_limit != ANY_NUMBER:
        wanted = settings.rate_limit or view.limited  # type: ignore[attr-defined]
        limiter = limiter_of(app, settings)
        yield limiter.limit(wanted, exempt_when=is_direct_loopback)
    if failures := getattr(view, "failures_limited", None):
        yield _shared_limit(limiter_of(app, settings), *failures)


def _shared_limit(limiter: Limiter, limit: str, failed: Callable[[], bool]) -> Any:
    return limiter.shared_limit(limit, scope="failures", cost=lambda: int(failed()))


def _check(limit: str) -> None:
    """Raise SettingError for an unreadable limit: Flask-Limiter passes over it, leaving none."""
    try:
        parse_many(limit)
    except ValueError as error:
        remedy = "limits as '20/second; 600/hour', or to 'none'"
        raise SettingError(f"RATE_LIMIT is {limit!r}.", f"Set it to {remedy}.") from error


def limiter_of(app: Flask, settings: Settings) -> Limiter:
    """Return the app's limiter, made when first asked for."""
    found: Limiter
    for found in app.extensions.get("limiter", ()):
        return found
    return _new_limiter(app, settings)


def _new_limiter(app: Flask, settings: Settings) -> Limiter:
    limiter = Limiter(
        client,
        storage_uri=settings.redis_url or "memory://",
        storage_options=_redis_options(settings),
        in_memory_fallback_enabled=bool(settings.redis_url),
        key_prefix="inkling",
    )
    limiter.logger = app.logger  # its own is shown nowhere
    try:
        limiter.init_app(app)
    except Exception as error:  # whatever a URL's readers raise; their words would show the secret
        del error
        wanted = "redis://… or rediss://…"
        raise SettingError("REDIS_URL is not usable.", f"Set it to {wanted}.") from None
    app.after_request(lambda response: _say_when_again(limiter, response))
    return limiter


def _redis_options(settings: Settings) -> dict[str, Any]:
    if not settings.redis_url:
        return {}
    import redis  # only where it counts

    options: dict[str, Any] = {
        "socket_timeout": REDIS_TIMEOUT,
        "socket_connect_timeout": REDIS_TIMEOUT,
        # Once, at once: for a connection that idled too long.
        "retry": redis.retry.Retry(redis.backoff.NoBackoff(), 1),
    }
    if settings.redis_url.startswith("rediss:") and settings.redis_tls_verify == "no":
        options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    return options


def _say_when_again(limiter: Limiter, response: Response) -> Response:
    """Put Retry-After, in seconds, on an answer that refuses a request."""
    refused = limiter.current_limit
    if response.status_code == 429 and refused:
        try:
            seconds = refused.reset_at - time.time()
        except Exception:  # Redis went away meanwhile: the whole window is safe to say
            seconds = refused.limit.get_expiry()
        response.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return response
