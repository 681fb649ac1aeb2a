"""What staff are shown when the admin refuses: a form that came too late, a page of another role.

A form that came too late is offered again with all that was typed; sending it is always a press of theirs.
"""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import User

RENEWED = "renewed_at"
RENEWED_EVERY = dt.timedelta(minutes=5)


def renew(session: SessionBase, person: User, *, now: dt.datetime) -> None:
    """A session ends so long after it was last used, not after it was begun; written every few minutes."""
    begun = person.last_login.timestamp() if person.last_login else 0
    if session.get(RENEWED, begun) <= (now - RENEWED_EVERY).timestamp():
        session[RENEWED] = int(now.timestamp())


# --- A form that came too late ------------------------------------------------------------------


def in_admin(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("admin:index"))


def is_staff(request: HttpRequest) -> bool:
    return hasattr(request, "user") and admin.site.has_permission(request)


def may_be_kept(request: HttpRequest) -> bool:
    """What was typed may be written into a page, unless it was a password or makes an account."""
    never = ("admin:login", "admin:logout", "admin:password_change", "admin:portal_user_changelist")
    starts = (*map(reverse, never), reverse("admin:app_list", args=["auth"]))
    return not request.path.startswith(starts)


def comes_from_here(request: HttpRequest) -> bool:
    """Browsers name the page that sent a form; what another site made up is never offered again."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and "password" not in name
    ]


def form_too_old(request: HttpRequest) -> HttpResponse | None:
    """For a form of the admin without its token; None where the readers' page has to answer."""
    if not (in_admin(request) and hasattr(request, "user")):
        return None
    if may_be_kept(request) and comes_from_here(request):
        return send_again(request)
    if not is_staff(request):
        return None
    return in_frame(request, "admin/too_old.html", {"title": _("This form was too old")})


def signed_out(request: HttpRequest) -> HttpResponse:
    """For a form that was sent when the session had ended."""
    if may_be_kept(request):
        return send_again(request)
    asked = urlencode({"next": request.path, "unsaved": "1"})
    return HttpResponseRedirect(f"{reverse('admin:login')}?{asked}")


def send_again(request: HttpRequest) -> HttpResponse:
    here = is_staff(request)
    words = {
        "title": _("Please send this once more") if here else _("You were signed out"),
        "signed_in": here,
        "typed": typed(request),
        "address": request.get_full_path(),
    }
    return in_frame(request, "admin/send_again.html", words)


# --- A page of another role ---------------------------------------------------------------------

# What an address of the admin asks for, by the last word of its name.
ASKS_FOR = {
    "add": "add",
    "again": "retry",
    "answered": "work",
    "assign": "assign",
    "changelist": "view",
    "contact": "work",
    "export": "export",
    "history": "view",
    "link": "work",
    "move": "work",
    "news": "work",
    "note": "work",
    "restore": "change",
    "take": "work",
    "withdraw": "work",
}


def forbidden(request: HttpRequest) -> HttpResponse | None:
    """Says to staff whose page it is; None where the readers' page has to answer."""
    if not (in_admin(request) and is_staff(request)):
        return None
    superusers = User.objects.filter(is_active=True, is_superuser=True).order_by("pk")
    words = {
        "title": _("This is for another role"),
        "whose": whose(request),
        "givers": [person.public_name for person in superusers[:3]],
    }
    return in_frame(request, "admin/forbidden.html", words)


def whose(request: HttpRequest) -> str | Promise:
    """The roles that may do what was asked, in words; '' where the address does not tell."""
    match = request.resolver_match
    named = (match.url_name or "") if match else ""
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if named.startswith(f"{name}_"):
            return who_may(request, model, named.removeprefix(f"{name}_"))
    return ""


def who_may(request: HttpRequest, model: Any, last: str) -> str | Promise:
    if last == "delete":
        return _("Nobody: nothing is deleted here.")
    verb = ASKS_FOR.get(last, "")
    if last == "change":
        verb = "change" if request.method == "POST" else "view"
    if not verb:
        return ""
    options = model._meta
    groups = Group.objects.filter(
        permissions__content_type__app_label=options.app_label,
        permissions__codename=f"{verb}_{options.model_name}",
    )
    return ", ".join(groups.order_by("name").values_list("name", flat=True)) or _("superusers only")


def in_frame(request: HttpRequest, template: str, words: dict[str, Any]) -> HttpResponse:
    response = render(request, template, admin.site.each_context(request) | words, status=403)
    response["Cache-Control"] = "no-store"
    return response
