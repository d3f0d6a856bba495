"""How often each client asked, in windows: in this process's memory, or shared in Redis.

The library `limits` counts. Its own store in memory is not used: it starts a thread up to a hundred
times a second, which walks all clients.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from inkling.settings import SettingError, Settings

log = logging.getLogger("inkling.request_counts")

REDIS_TIMEOUT = 0.5  # seconds that a request waits for Redis at most, before it counts in memory
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 32.0  # seconds until Redis is asked again; each try doubles them
FEW = 1024  # counts in memory that are not worth a look for old ones
PREFIX = "inkling"  # of every key: others may use the same Redis


class InMemory(Storage):
    """Counts by key, each until its window ends; what costs nothing is done at each count."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = clock
        self._counts: dict[str, tuple[int, float]] = {}  # and when the window ends
        self._sweep_at = FEW
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may be raised: nothing that a caller should wait for."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` in the key's window, which lasts `expiry` seconds; return the sum."""
        now = self._now()
        with self._lock:
            count, end = self._counts.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
            if amount:
                self._counts[key] = count + amount, end
            if len(self._counts) > self._sweep_at:
                self._sweep(now)
        return count + amount

    def _sweep(self, now: float) -> None:
        """Forget windows that ended; look again when there are twice as many as are left."""
        self._counts = {key: found for key, found in self._counts.items() if found[1] > now}
        self._sweep_at = max(FEW, 2 * len(self._counts))

    def get(self, key: str) -> int:
        """Return the count of the key's window, 0 where none is open."""
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > self._now() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the key's window ends, in seconds of the clock."""
        return self._counts.get(key, (0, self._now()))[1]

    def check(self) -> bool:
        """Whether it can count: always."""
        return True

    def reset(self) -> int:
        """Forget all counts; return how many there were."""
        with self._lock:
            found, self._counts = len(self._counts), {}
        return found

    def clear(self, key: str) -> None:
        """Forget a key's count."""
        with self._lock:
            self._counts.pop(key, None)


class RequestCounts:
    """Counts in Redis where the settings name one, and in memory while it is away."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingError where REDIS_URL cannot be used; it need not answer yet."""
        self._here = FixedWindowRateLimiter(InMemory())
        self._shared = _in_redis(settings) if settings.redis_url else None
        self._pause, self._ask_again = 0.0, 0.0  # of time.monotonic(); no pause: Redis answers

    @property
    def shared(self) -> bool:
        """Whether all processes share the counts now."""
        return self._shared is not None and not self._pause

    def hit(self, limit: RateLimitItem, *who: str, cost: int = 1) -> bool:
        """Count a request of somebody's; return whether it is within the limit."""
        if self._shared and time.monotonic() >= self._ask_again:
            try:
                within = self._shared.hit(limit, PREFIX, *who, cost=cost)
            except StorageError as error:
                self._wait_for_redis(error)
            else:
                self._pause = 0.0
                return bool(within)
        return bool(self._here.hit(limit, PREFIX, *who, cost=cost))

    def seconds_left(self, limit: RateLimitItem, *who: str) -> float:
        """Return the seconds until somebody's window ends; all of it where Redis went away."""
        counted = self._shared if self._shared and self.shared else self._here
        try:
            return float(counted.get_window_stats(limit, PREFIX, *who).reset_time - time.time())
        except StorageError:
            return float(limit.get_expiry())

    def _wait_for_redis(self, error: StorageError) -> None:
        if not self._pause:  # once, not at every try
            why = type(error.storage_error).__name__
            log.warning("Redis is unreachable (%s): requests are counted in memory.", why)
        self._pause = min(2 * self._pause or FIRST_PAUSE, LONGEST_PAUSE)
        self._ask_again = time.monotonic() + self._pause

    def reset(self) -> None:
        """Forget what this process counted."""
        self._here.storage.reset()


def _in_redis(settings: Settings) -> FixedWindowRateLimiter:
    options = redis_options(settings)
    try:
        storage = storage_from_string(settings.redis_url, wrap_exceptions=True, **options)
    except Exception as error:  # whatever a URL's readers raise; their words would show the secret
        del error
        wanted = "redis://… or rediss://…"
        raise SettingError("REDIS_URL is not usable.", f"Set it to {wanted}.") from None
    return FixedWindowRateLimiter(storage)


def redis_options(settings: Settings) -> dict[str, Any]:
    """Return how Redis is asked: not for long, and by the certificate that the settings accept."""
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
