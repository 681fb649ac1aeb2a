"""Where finished pages are kept: the cache, which may be away, and then nothing is kept.

It may hold what another program wrote, or an older version of this one, or what was cut off. Everything is
kept as bytes with a sum of them, and what does not come out as it went in counts as nothing kept.
"""

from __future__ import annotations

import logging
import pickle
import time
import zlib
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# What a cache may do that is not there.
AWAY = (RedisError, OSError)
# What reading may do to bytes that this program did not write: pickle promises no less.
UNREADABLE = (
    *(pickle.UnpicklingError, EOFError, AttributeError, ImportError, LookupError),
    *(ArithmeticError, MemoryError, TypeError, ValueError),
)
# A cache that did not answer is left alone for this long: waiting for it takes every page its time.
REST = 5.0  # seconds
SUM = 4  # bytes


class _Rest:
    until = 0.0
    told = False


def take(keys: Iterable[str]) -> dict[str, Any]:
    """What is kept under these keys, in one question; {} while the cache is away."""
    if _resting():
        return {}
    try:
        found = _found(list(keys))
    except AWAY as error:
        _rest(error)
        return {}
    _well()
    return found


def put(key: str, value: Any, *, seconds: float | None) -> None:
    """Keep it for so long (None: until there is no room); nothing happens while the cache is away.

    The value is made of tuples, words, bytes and numbers: a class might be another one tomorrow.
    """
    if _resting():
        return
    try:
        cache.set(key, _packed(value), seconds)
    except AWAY as error:
        _rest(error)


# --- What is broken -----------------------------------------------------------------------------


def _found(keys: list[str]) -> dict[str, Any]:
    try:
        packed = cache.get_many(keys)
    except UNREADABLE as error:
        packed = _readable(keys, error)
    return {key: value for key, one in packed.items() if (value := _unpacked(one)) is not None}


def _readable(keys: list[str], error: Exception) -> dict[str, Any]:
    """Asked one by one; what nobody can read is put away, so that it does not cost this again."""
    logger.warning("the cache holds what cannot be read (%s); it is put away", type(error).__name__)
    found = {}
    for key in keys:
        try:
            found[key] = cache.get(key)
        except UNREADABLE:
            cache.delete(key)
    return found


def _packed(value: Any) -> bytes:
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return _sum(content) + content


def _unpacked(packed: Any) -> Any:
    """None for what was not packed here, or is not whole any more."""
    if not isinstance(packed, bytes) or packed[:SUM] != _sum(packed[SUM:]):
        return None
    return pickle.loads(packed[SUM:])  # noqa: S301 - what the cache returned has been through this already


def _sum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(SUM)


# --- Whether it is there ------------------------------------------------------------------------


def _resting() -> bool:
    return time.monotonic() < _Rest.until


def _rest(error: Exception) -> None:
    _Rest.until = time.monotonic() + REST
    if not _Rest.told:
        _Rest.told = True
        logger.warning(
            "the cache is away (%s); pages come from the database or are drawn", type(error).__name__
        )


def _well() -> None:
    if _Rest.told:
        _Rest.told = False
        logger.warning("the cache is there again")
