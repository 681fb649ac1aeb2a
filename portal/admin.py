"""Staff, fixed pages, letters and the trail in the admin; and the bases every other admin stands on."""

from . import admin_letters, admin_pages, admin_staff, admin_trail
from .admin_bases import (
    SHOWN,
    AuditedAdmin,
    DeclaredFilters,
    OneOf,
    ReadOnlyAdmin,
    what_was_listed,
    when_shown,
    with_nonce,
)
from .overtaking import Unovertaken

__all__ = [
    "SHOWN",
    "AuditedAdmin",
    "DeclaredFilters",
    "OneOf",
    "ReadOnlyAdmin",
    "Unovertaken",
    "admin_letters",
    "admin_pages",
    "admin_staff",
    "admin_trail",
    "what_was_listed",
    "when_shown",
    "with_nonce",
]
