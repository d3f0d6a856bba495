"""How often a client may ask: limits by Flask-Limiter, counted in memory or in Redis."""

import ipaddress
import math
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from inkling.settings import SettingError, Settings

if TYPE_CHECKING:
    from flask_limiter import Limiter

# Endpoints that RATE_LIMIT is about.
LIMITED = ("predict", "train", "collect", "drawing", "versions", "progress_data")
REDIS_TIMEOUT = 0.5  # seconds that a request waits for Redis at most, before it counts in memory
IPV6_NET = 64  # bits: what one household or server is given
PORT = re.compile(r":\d+\Z")


def client() -> str:
    """Who asks, as limits count it: an IPv4 address, or the /64 of an IPv6 address."""
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


def limit_rates(app: Flask, settings: Settings) -> None:
    """Put RATE_LIMIT on every endpoint that it is about, each with a count of its own."""
    if not settings.rate_limit:
        return
    _check(settings.rate_limit)
    limiter = limiter_of(app, settings)
    for name in LIMITED:
        view = app.view_functions.get(name)
        if view:
            limited: Any = limiter.limit(settings.rate_limit)(view)
            app.view_functions[name] = limited


def limit_failures(app: Flask, settings: Settings, limit: str, failed: Callable[[], bool]) -> Any:
    """A decorator for views: requests for which `failed()` holds count, and above `limit` all stop.

    They share one count a client. It is raised before the view runs, so that guesses made at the
    same moment count as well.
    """
    limiter = limiter_of(app, settings)
    return limiter.shared_limit(limit, scope="failures", cost=lambda: int(failed()))


def _check(limit: str) -> None:
    """Flask-Limiter passes over a limit that it cannot read; that would leave none."""
    from limits import parse_many

    try:
        parse_many(limit)
    except ValueError as error:
        remedy = "limits as '20/second; 600/hour'"
        raise SettingError(f"RATE_LIMIT is {limit!r}. Set it to {remedy}.") from error


def limiter_of(app: Flask, settings: Settings) -> "Limiter":
    """The app's limiter, made when first asked for."""
    found: Limiter
    for found in app.extensions.get("limiter", ()):
        return found
    return _new_limiter(app, settings)


def _new_limiter(app: Flask, settings: Settings) -> "Limiter":
    import flask_limiter  # what most laptops need not wait for

    limiter = flask_limiter.Limiter(
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
        raise SettingError(f"REDIS_URL is not usable. Set it to {wanted}.") from None
    app.after_request(lambda response: _say_when_again(limiter, response))
    return limiter


def _redis_options(settings: Settings) -> dict[str, Any]:
    if not settings.redis_url:
        return {}
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options: dict[str, Any] = {
        "socket_timeout": REDIS_TIMEOUT,
        "socket_connect_timeout": REDIS_TIMEOUT,
        "retry": Retry(NoBackoff(), 1),  # once, at once: for a connection that idled too long
    }
    if settings.redis_url.startswith("rediss:") and settings.redis_tls_verify == "no":
        options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    return options


def _say_when_again(limiter: "Limiter", response: Response) -> Response:
    """Retry-After, in seconds, on what was refused."""
    refused = limiter.current_limit
    if response.status_code == 429 and refused:
        try:
            seconds = refused.reset_at - time.time()
        except Exception:  # Redis went away meanwhile: the whole window is safe to say
            seconds = refused.limit.get_expiry()
        response.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return response
