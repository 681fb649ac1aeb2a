"""Destinations for trying the form. Staff replace them with those they really offer."""

import datetime as dt

from .models import Destination

DESTINATIONS = (
    ("mexico", "Mexico", "MX"),
    ("turkiye", "Türkiye", "TR"),
    ("india", "India", "IN"),
    ("colombia", "Colombia", "CO"),
)


def load(now: dt.datetime) -> int:
    """Add the destinations that are not there yet; how many were added."""
    added = 0
    for slug, name, country in DESTINATIONS:
        _place, is_new = Destination.objects.get_or_create(
            slug=slug, defaults={"name": name, "country": country, "demonstration": True}
        )
        added += is_new
    return added
