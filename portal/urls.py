"""The whole map of the site on one page; each app lists its own addresses under its prefix."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.decorators.http import require_safe

from . import health, views
from .all_sitemaps import SITEMAPS

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("articles.urls")),
    path("quote/", include("quotes.urls")),
    path("emergency/", views.emergency, name="emergency"),
    path("admin/", admin.site.urls),
    path("sitemap.xml", views.sitemap_index, {"sitemaps": SITEMAPS}, name="sitemaps"),
    path("sitemap-<slug:section>.xml", require_safe(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    # Last: any other single word is the address of a fixed page.
    path("<slug:slug>/", views.page, name="page"),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
