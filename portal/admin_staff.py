"""Accounts and roles in the admin."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from . import edition
from .admin_bases import AuditedAdmin
from .models import User

admin.site.unregister(Group)

LABELS = {
    "is_staff": _("May sign in here"),
    "is_active": _("Account is open"),
    "is_superuser": _("Superuser"),
    "groups": _("Roles"),
}
HELP = {
    "username": _("What this person types to sign in. Letters, digits and @ . + - _ only."),
    "is_staff": _("Without this mark nobody signs in to the staff pages."),
    "is_active": _("Take the mark away when somebody leaves. What they did stays in the trail."),
    "is_superuser": _("May do everything, and gives roles to others. For one or two people."),
    "groups": _("What this person may see and do. More than one can be chosen."),
}
RIGHTS = ("is_active", "is_staff", "is_superuser")


def in_plain_words(form: forms.BaseForm) -> None:
    for name, field in form.fields.items():
        if name in LABELS:
            field.label = LABELS[name]
        if name in HELP:
            field.help_text = HELP[name]


class NewStaffForm(UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        in_plain_words(self)
        self.fields["is_staff"].initial = True


class StaffForm(UserChangeForm):
    """`acting` is who fills it in: nobody closes the door behind themselves."""

    acting: ClassVar[User | None] = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        in_plain_words(self)
        if password := self.fields.get("password"):
            password.help_text = _("Nobody can read it. A new one can be set.")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in RIGHTS:
            if self.takes(name):
                self.refuse(name)
        return cleaned

    def takes(self, name: str) -> bool:
        return self.initial.get(name) is True and self.cleaned_data.get(name) is False

    def refuse(self, name: str) -> None:
        if self.acting and self.instance.pk == self.acting.pk:
            self.add_error(name, _("You cannot take this from yourself. Ask another superuser."))
        elif self.initial.get("is_superuser") and not self.others_hold_the_keys():
            self.add_error(name, _("This is the last superuser. Make another one first."))

    def others_hold_the_keys(self) -> bool:
        # Their rows are held until the end: two superusers may not lock each other out at once.
        others = User.objects.select_for_update().filter(is_active=True, is_staff=True, is_superuser=True)
        return any(person.pk != self.instance.pk for person in others)


class NewPasswordForm(AdminPasswordChangeForm):
    """Everybody signs in with a password here."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True


def rights_changed(form: forms.BaseForm) -> dict[str, Any]:
    """Which roles were given and taken, by name, and whether the keys to everything were."""
    changed: dict[str, Any] = {}
    if "groups" in form.changed_data:
        before = {group.name for group in form.initial.get("groups") or ()}
        after = {group.name for group in form.cleaned_data["groups"]}
        changed |= {"roles_given": sorted(after - before), "roles_taken": sorted(before - after)}
    if "is_superuser" in form.changed_data:
        changed["superuser"] = "given" if form.cleaned_data["is_superuser"] else "taken"
    return {name: value for name, value in changed.items() if value}


class SuperusersManage:
    """Others with the permission may look; accounts and groups are changed by superusers alone."""

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        names = Group.objects.order_by("name").values_list("name", flat=True)
        return [*((name, name) for name in names), ("none", _("no role"))]

    def queryset(self, request, queryset):
        if self.value() == "none":
            return queryset.filter(groups__isnull=True)
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class StaffAdmin(SuperusersManage, AuditedAdmin, UserAdmin):
    audit_name = "staff"
    list_display = ("username", "name", "email", "groups_in_words", "is_active", "last_login")
    list_filter = (RoleFilter, "is_active", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "byline", "email")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "byline")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "groups", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "byline")}),
        (_("Permissions"), {"fields": ("is_staff", "groups")}),
    )
    form = StaffForm
    add_form = NewStaffForm
    add_form_template = None
    change_password_form = NewPasswordForm
    change_user_password_template = "admin/portal/user/change_password.html"  # noqa: S105 # a file
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        return ((None, {"fields": ("username",)}), *fieldsets[1:])

    def get_form(self, request, obj=None, change=False, **options):
        form: Any = super().get_form(request, obj, change=change, **options)
        form.acting = request.user
        return form

    def formfield_for_manytomany(self, db_field, request, **options):
        return super().formfield_for_manytomany(
            db_field, request, **options | {"widget": forms.CheckboxSelectMultiple()}
        )

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        edition.renew()  # texts name their author and their reviewer

    def construct_change_message(self, request, form, formsets, add=False):
        names = set(form.changed_data) & {"password", *flatten_fieldsets(self.fieldsets)}
        return {"fields": sorted(names)} | rights_changed(form)

    def log_addition(self, request, obj, message):
        self.record(
            request, "added", obj, **{name: kept for name, kept in message.items() if name != "fields"}
        )

    def log_change(self, request, obj, message):
        self.record(request, "changed", obj, **message)

    @admin.display(description=_("name"))
    def name(self, person: User) -> str:
        return person.public_name

    @admin.display(description=_("roles"))
    def groups_in_words(self, person: User) -> str:
        return person.role


@admin.register(Group)
class StaffGroupAdmin(SuperusersManage, AuditedAdmin, GroupAdmin):
    audit_name = "group"
    audit_looking = False
