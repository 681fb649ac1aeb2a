"""The branded admin site takes the place of Django's default one, so every @admin.register lands on it."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    default_site = "portal.staff_site.PortalAdminSite"
