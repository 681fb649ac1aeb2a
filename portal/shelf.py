"""Where finished pages are kept: the cache, which may be away, and then nothing is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# What a cache may do that is not there, or that holds what another program wrote.
AWAY = (RedisError, OSError)
# A cache that did not answer is left alone for this long: waiting for it takes every page its time.
REST = 5.0  # seconds


class _Rest:
    until = 0.0
    told = False


def take(keys: Iterable[str]) -> dict[str, Any]:
    """What is kept under these keys, in one question; {} while the cache is away."""
    if _resting():
        return {}
    try:
        found = cache.get_many(keys)
    except AWAY as error:
        _rest(error)
        return {}
    _well()
    return found


def put(key: str, value: Any, *, seconds: float | None) -> None:
    """Keep it for so long (None: until there is no room); nothing happens while the cache is away."""
    if _resting():
        return
    try:
        cache.set(key, value, seconds)
    except AWAY as error:
        _rest(error)


def _resting() -> bool:
    return time.monotonic() < _Rest.until


def _rest(error: Exception) -> None:
    _Rest.until = time.monotonic() + REST
    if not _Rest.told:
        _Rest.told = True
        logger.warning("the cache is away (%s); every page is drawn anew", type(error).__name__)


def _well() -> None:
    if _Rest.told:
        _Rest.told = False
        logger.warning("the cache is there again")
