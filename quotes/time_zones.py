"""Time zones to choose from: one city per clock, grouped by region, short enough for a phone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# In the form. A request keeps it as the empty text: there is no clock to go by.
ELSEWHERE = "elsewhere"

GROUPS: tuple[tuple[StrOrPromise, tuple[tuple[str, StrOrPromise], ...]], ...] = (
    (
        _("Europe"),
        (
            ("Europe/London", _("London, Dublin, Lisbon")),
            ("Europe/Paris", _("Paris, Berlin, Madrid, Rome, Warsaw")),
            ("Europe/Athens", _("Athens, Bucharest, Helsinki, Kyiv")),
            ("Europe/Istanbul", _("Istanbul")),
            ("Europe/Moscow", _("Moscow, Minsk")),
        ),
    ),
    (
        _("Africa"),
        (
            ("Africa/Casablanca", _("Casablanca")),
            ("Africa/Accra", _("Accra, Dakar, Abidjan")),
            ("Africa/Lagos", _("Lagos, Algiers, Kinshasa, Tunis")),
            ("Africa/Johannesburg", _("Johannesburg, Harare, Tripoli")),
            ("Africa/Cairo", _("Cairo")),
            ("Africa/Nairobi", _("Nairobi, Addis Ababa")),
        ),
    ),
    (
        _("Middle East"),
        (
            ("Asia/Beirut", _("Beirut")),
            ("Asia/Jerusalem", _("Jerusalem")),
            ("Asia/Riyadh", _("Riyadh, Baghdad, Amman, Kuwait, Doha")),
            ("Asia/Tehran", _("Tehran")),
            ("Asia/Dubai", _("Dubai, Muscat, Baku")),
        ),
    ),
    (
        _("Asia"),
        (
            ("Asia/Kabul", _("Kabul")),
            ("Asia/Karachi", _("Karachi, Tashkent, Almaty")),
            ("Asia/Kolkata", _("Delhi, Mumbai, Colombo")),
            ("Asia/Kathmandu", _("Kathmandu")),
            ("Asia/Dhaka", _("Dhaka")),
            ("Asia/Yangon", _("Yangon")),
            ("Asia/Bangkok", _("Bangkok, Hanoi, Jakarta")),
            ("Asia/Shanghai", _("Beijing, Hong Kong, Singapore, Manila")),
            ("Asia/Tokyo", _("Tokyo, Seoul")),
        ),
    ),
    (
        _("Australia and Pacific"),
        (
            ("Australia/Perth", _("Perth")),
            ("Australia/Adelaide", _("Adelaide")),
            ("Australia/Brisbane", _("Brisbane")),
            ("Australia/Sydney", _("Sydney, Melbourne")),
            ("Pacific/Auckland", _("Auckland")),
            ("Pacific/Honolulu", _("Honolulu")),
        ),
    ),
    (
        _("North America"),
        (
            ("America/New_York", _("New York, Toronto, Miami")),
            ("America/Chicago", _("Chicago, Houston, Winnipeg")),
            ("America/Denver", _("Denver, Calgary")),
            ("America/Phoenix", _("Phoenix")),
            ("America/Los_Angeles", _("Los Angeles, Vancouver")),
            ("America/Anchorage", _("Anchorage")),
            ("America/Halifax", _("Halifax")),
            ("America/St_Johns", _("St John’s")),
        ),
    ),
    (
        _("Central and South America"),
        (
            ("America/Mexico_City", _("Mexico City, Guatemala, San José")),
            ("America/Bogota", _("Bogotá, Lima, Quito, Panama, Kingston")),
            ("America/Caracas", _("Caracas, La Paz, San Juan")),
            ("America/Santiago", _("Santiago")),
            ("America/Sao_Paulo", _("São Paulo, Buenos Aires, Montevideo")),
        ),
    ),
    (_("Elsewhere"), ((ELSEWHERE, _("Another place: we will ask you")),)),
)
CITIES: dict[str, StrOrPromise] = {zone: cities for _region, zones in GROUPS for zone, cities in zones}


def known(zone: str) -> ZoneInfo | None:
    """The clock of a zone; None where there is none of that name, and for nobody's: the empty one."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return None
