"""Limits: so many of something per address or e-mail, as token buckets in the database.

A bucket holds at most `capacity` tokens and refills evenly over `per`. Keys are hashed with the secret,
so the table tells nobody who was here.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from django.db import transaction
from django.utils.crypto import salted_hmac

from .models import TokenBucket

# A bucket left alone this long is full again, so its row says nothing any more.
LONGEST = dt.timedelta(days=7)


@dataclass(frozen=True)
class Rate:
    """`capacity` at once, refilled within `per`: Rate(5, timedelta(hours=1)) is five an hour."""

    capacity: int
    per: dt.timedelta

    def __post_init__(self) -> None:
        if self.capacity < 1 or not dt.timedelta(0) < self.per <= LONGEST:
            raise ValueError("A rate allows at least one within at most a week.")

    @property
    def wait(self) -> dt.timedelta:
        """How long one token takes to come back: what to tell who was refused."""
        return self.per / self.capacity

    @property
    def seconds(self) -> int:
        """`wait` in whole seconds, never too few: what Retry-After tells a program."""
        return -(-self.wait // dt.timedelta(seconds=1))

    @property
    def minutes(self) -> int:
        """`wait` in whole minutes, never too few: what a page tells a person."""
        return -(-self.wait // dt.timedelta(minutes=1))

    def refilled(self, tokens: float, elapsed: dt.timedelta) -> float:
        # The clocks of two servers differ: time never runs backwards here.
        elapsed = max(elapsed, dt.timedelta(0))
        return min(float(self.capacity), tokens + elapsed / self.wait)


def allow(scope: str, key: str, *, rate: Rate, now: dt.datetime) -> bool:
    """Take one token of `key` in `scope`; False where none is left. Undone with the caller's transaction."""
    with transaction.atomic():  # on SQLite this holds the only write lock, on PostgreSQL the row
        bucket, _ = TokenBucket.objects.select_for_update().get_or_create(
            key=_hashed(scope, key), defaults={"tokens": rate.capacity, "updated_at": now}
        )
        tokens = rate.refilled(bucket.tokens, now - bucket.updated_at)
        if tokens < 1:
            return False
        bucket.tokens = tokens - 1
        bucket.updated_at = max(now, bucket.updated_at)
        bucket.save(update_fields=["tokens", "updated_at"])
        return True


def give_back(scope: str, key: str) -> None:
    """Fill the bucket of `key` again, as after a sign-in that succeeded."""
    TokenBucket.objects.filter(key=_hashed(scope, key)).delete()


def forget_old(now: dt.datetime) -> int:
    """Remove the buckets that are full again; how many there were."""
    return TokenBucket.objects.filter(updated_at__lt=now - LONGEST).delete()[0]


def _hashed(scope: str, key: str) -> str:
    text = f"{scope}\n{counted(key)}"
    return salted_hmac("portal.throttle", text, algorithm="sha256").hexdigest()


def counted(key: str) -> str:
    """What shares a limit: an e-mail in any case; an IPv6 subscriber's whole /64, who owns all of it."""
    key = key.strip().casefold()
    try:
        address = ipaddress.ip_address(key)
    except ValueError:
        return key
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else key
