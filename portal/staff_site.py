"""The staff admin site: its name, its limited sign-in, its first page. What stands on it: <app>/admin.py.

Apart from portal.admin, because Django asks for the site while portal.admin is still registering on it.
"""

import datetime as dt
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import NON_FIELD_ERRORS, BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import audit, throttle
from .models import User

# Room for a forgotten password and for an office behind one address, none for a guessing machine. A name
# alone has much more room: otherwise anybody could keep its owner out from anywhere.
PER_ADDRESS = throttle.Rate(30, per=dt.timedelta(minutes=20))
PER_NAME_THERE = throttle.Rate(10, per=dt.timedelta(minutes=20))
PER_NAME = throttle.Rate(100, per=dt.timedelta(minutes=20))
# Who finds a desk left open must not find out its password too.
PER_OLD_PASSWORD = throttle.Rate(10, per=dt.timedelta(minutes=20))


def may_try(request: HttpRequest, username: str, *, now: dt.datetime) -> bool:
    """Take one try from what is left to this address, to the name there and to the name; False if none is."""
    address = request.client_address  # type: ignore[attr-defined]
    return (
        throttle.allow("sign_in_address", address, rate=PER_ADDRESS, now=now)
        and throttle.allow("sign_in_name_there", name_there(request, username), rate=PER_NAME_THERE, now=now)
        and throttle.allow("sign_in_name", username, rate=PER_NAME, now=now)
    )


def name_there(request: HttpRequest, username: str) -> str:
    address = throttle.counted(request.client_address)  # type: ignore[attr-defined]
    return f"{address}\n{username.strip()}"


def forget_the_visitor(session: SessionBase) -> None:
    """Answers about somebody's health, and their two hours, do not come along into the session of staff."""
    for key in set(session.keys()) - {SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY}:
        del session[key]


class SignInForm(AdminAuthenticationForm):
    def clean(self):
        username = self.cleaned_data.get("username", "")
        if self.request and not may_try(self.request, username, now=timezone.now()):
            raise ValidationError(
                _("Too many attempts to sign in. Please wait a few minutes and try again."), code="too_many"
            )
        return super().clean()


class PortalAdminSite(AdminSite):
    site_header = site_title = settings.SITE_NAME
    index_title = _("Today")
    empty_value_display = "–"
    login_form = SignInForm

    def get_urls(self):
        """Django's addresses but two that nothing here leads to.

        /admin/r/ answers 500 to a number that is none. /admin/autocomplete/ searches every name and address
        of requesters past the limits of our lists, and past the trail.
        """
        left_out = {"view_on_site", "autocomplete"}
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", "") not in left_out]

    def admin_view(self, view, cacheable=False):
        """Django's guard of a view; it renews the session, and keeps a form that came after its end.

        A number too big for the database, in a form or address, is a 400.
        """
        from . import refusals

        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if self.has_permission(request):
                    refusals.renew(request.session, cast("User", request.user), now=timezone.now())
                elif request.method == "POST" and request.path != reverse("admin:logout"):
                    return refusals.signed_out(request)
                return guarded(request, *args, **kwargs)
            except OverflowError as error:
                raise BadRequest("a number too big for the database") from error

        return answered

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """Django's sign-in; a refusal says so by its status too, a success enters the trail."""
        unsaved = {"unsaved": "unsaved" in request.GET}
        response = super().login(request, unsaved | (extra_context or {}))
        if request.method == "POST" and isinstance(response, TemplateResponse):
            return refused(response)
        if request.method == "POST":
            person = cast("User", request.user)
            forget_the_visitor(request.session)
            throttle.give_back("sign_in_name_there", name_there(request, person.get_username()))
            throttle.give_back("sign_in_name", person.get_username())
            audit.record("staff.signed_in", person, by=person, now=timezone.now())
        return response

    def password_change(self, request: HttpRequest, extra_context=None) -> TemplateResponse:
        """Django's page; wrong old passwords are counted, a change enters the trail."""
        if request.method != "POST":
            return super().password_change(request, extra_context)
        person = cast("User", request.user)
        if not throttle.allow("old_password", str(person.pk), rate=PER_OLD_PASSWORD, now=timezone.now()):
            return too_many_old_passwords(request)
        response = super().password_change(request, extra_context)
        refused_form = (getattr(response, "context_data", None) or {}).get("form")
        if refused_form is None:
            audit.record("staff.password_changed", person, by=person, now=timezone.now())
        if refused_form is None or not refused_form.has_error("old_password"):
            throttle.give_back("old_password", str(person.pk))
        return response

    def index(self, request: HttpRequest, extra_context=None) -> TemplateResponse:
        from . import dashboard

        today = dashboard.of(cast("User", request.user), now=timezone.now())
        return super().index(request, {"today": today} | (extra_context or {}))


def too_many_old_passwords(request: HttpRequest) -> TemplateResponse:
    headers = {"Retry-After": str(PER_OLD_PASSWORD.seconds), "Cache-Control": "no-store"}
    words = {"minutes": PER_OLD_PASSWORD.minutes}
    return TemplateResponse(request, "429.html", words, status=429, headers=headers)


def refused(response: TemplateResponse) -> TemplateResponse:
    """The sign-in page again: 429 when there were too many tries, 422 when name or password were wrong."""
    form = (response.context_data or {})["form"]
    if form.has_error(NON_FIELD_ERRORS, "too_many"):
        response.status_code = 429
        response["Retry-After"] = str(PER_NAME_THERE.seconds)
    else:
        response.status_code = 422
    return response
