"""Letters in the admin: to whom, about what, how far, and why not. What they say is never shown."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from . import mail, mail_words
from .admin_bases import ReadOnlyAdmin
from .models import OutboxMessage, User

Words = str | Promise
State = OutboxMessage.State


def letter_in_words(template: str) -> Words:
    from . import dashboard  # where the apps meet; they stand on this module's neighbours

    return dashboard.letter_in_words(template)


class LetterFilter(admin.SimpleListFilter):
    title = _("letter")
    parameter_name = "template"

    def lookups(self, request, model_admin):
        templates = OutboxMessage.objects.order_by("template").values_list("template", flat=True).distinct()
        return [(template, letter_in_words(template)) for template in templates]

    def queryset(self, request, queryset):
        return queryset.filter(template=self.value()) if self.value() else queryset


@admin.register(OutboxMessage)
class LetterAdmin(ReadOnlyAdmin):
    """The address only for who may see leads: beside the reference it says who asked."""

    audit_name = "letter"
    change_form_template = "admin/portal/outboxmessage/letter.html"
    list_display = ("letter", "about", "to_address", "state", "attempts", "created_at", "sent_at", "why")
    list_filter = ("state", LetterFilter, "created_at")
    search_fields = ("about", "to_address")
    actions = ("send_again",)

    @admin.display(description=_("letter"), ordering="template")
    def letter(self, letter: OutboxMessage) -> Words:
        return letter_in_words(letter.template)

    @admin.display(description=_("what went wrong"))
    def why(self, letter: OutboxMessage) -> Words:
        return mail_words.why(letter.last_error) or letter.last_error

    def get_list_display(self, request):
        return self.without_address(request, super().get_list_display(request))

    def get_search_fields(self, request):
        return self.without_address(request, super().get_search_fields(request))

    def get_fields(self, request, obj=None):
        names = ["letter", "about", "to_address", "state", "attempts", "created_at"]
        if obj and obj.language:
            names.append("language")
        if obj and obj.state == State.WAITING:
            names.append("next_attempt_at")
        if obj and obj.state == State.SENT:
            names.append("sent_at")
        if obj and obj.last_error:
            names += ["why", "last_error"]
        return self.without_address(request, names)

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    def without_address(self, request: HttpRequest, names: Sequence[Any]) -> list[Any]:
        sees_leads = request.user.has_perm("quotes.view_quoterequest")
        return [name for name in names if sees_leads or name != "to_address"]

    # --- Sending again --------------------------------------------------------------------------

    def get_urls(self):
        again = self.admin_site.admin_view(require_POST(self.again_view))
        return [path("<int:pk>/again/", again, name="portal_outboxmessage_again"), *super().get_urls()]

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        failed = obj is not None and obj.state == State.FAILED and not mail.is_forgotten(obj)
        context["may_send_again"] = failed and self.has_retry_permission(request)
        if obj:
            words = {"words": letter_in_words(obj.template)}
            context |= {"title": _("Letter %(words)s") % words, "subtitle": ""}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def has_retry_permission(self, request):
        return request.user.has_perm("portal.retry_outboxmessage")

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not (self.has_view_permission(request) and self.has_retry_permission(request)):
            raise PermissionDenied
        letter = get_object_or_404(OutboxMessage, pk=pk)
        try:
            mail.retry(letter, by=cast("User", request.user), now=timezone.now())
        except mail.NotFailed as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            self.message_user(request, _("The letter will be sent again."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:portal_outboxmessage_change", args=[pk]))

    @admin.action(description=_("Send the chosen failed letters again"), permissions=["retry"])
    def send_again(self, request, queryset):
        again = sum(self.try_again(letter, request.user) for letter in queryset)
        if not again:
            self.message_user(request, _("None of the chosen letters can be sent again."), messages.WARNING)
            return
        said = ngettext("%d letter will be sent again.", "%d letters will be sent again.", again)
        self.message_user(request, said % again, messages.SUCCESS)

    def try_again(self, letter: OutboxMessage, by: User) -> bool:
        try:
            mail.retry(letter, by=by, now=timezone.now())
        except mail.NotFailed:
            return False
        return True
