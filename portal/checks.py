"""System checks of settings that start, but should not run in production: `manage.py check --deploy`."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from . import proxies


@register(Tags.security, deploy=True)
def development_is_off(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEVELOPMENT:
        return [Error("DEVELOPMENT is on: needed settings are made up.", hint="Unset it.", id="portal.E001")]
    return []


@register(Tags.security, deploy=True)
def debug_is_off(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.DEBUG:
        return [
            Error("DEBUG is on: every error shows settings and answers.", hint="Unset it.", id="portal.E002")
        ]
    return []


@register(Tags.security, deploy=True)
def site_is_reached_by_https(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if urlsplit(settings.SITE_URL).scheme != "https":
        return [
            Error(
                "SITE_URL does not begin with https://, so cookies and answers travel in the open.",
                hint="SITE_URL=https://www.example.org",
                id="portal.E003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def proxies_are_networks(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    hint = "TRUSTED_PROXIES=10.0.0.0/8,192.0.2.7"
    try:
        trusted = proxies.networks(settings.TRUSTED_PROXIES)
    except ValueError as error:
        return [Error(f"TRUSTED_PROXIES: {error}", hint=hint, id="portal.E004")]
    if any(network.prefixlen == 0 for network in trusted):
        return [Error("TRUSTED_PROXIES trusts the whole world.", hint=hint, id="portal.E005")]
    if not trusted and settings.BEHIND_TLS:
        return [
            Info(
                "TRUSTED_PROXIES is empty: right only where the server itself holds the certificate. "
                "Behind a proxy every page would redirect to itself, and every visitor share one address.",
                hint=hint,
                id="portal.I006",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def somebody_is_written_to(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if not settings.STAFF_EMAILS:
        return [
            Error(
                "STAFF_EMAILS is empty: nobody hears of a new request.",
                hint="STAFF_EMAILS=desk@example.org",
                id="portal.E007",
            )
        ]
    named = {"CONTACT_EMAIL": [settings.CONTACT_EMAIL], "STAFF_EMAILS": settings.STAFF_EMAILS}
    return [
        Error(
            f"{name} holds {address!r}, which is not an address that can be written to.",
            hint=f"{name}=help@example.org",
            id="portal.E008",
        )
        for name, addresses in named.items()
        for address in addresses
        if not _can_be_written_to(address)
    ]


@register(Tags.security, deploy=True)
def hosts_are_named(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Warning(
                "ALLOWED_HOSTS takes any name: links in pages could be made to point elsewhere.",
                hint="ALLOWED_HOSTS=www.example.org",
                id="portal.W009",
            )
        ]
    return []


def _can_be_written_to(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return not address.endswith(".invalid")
