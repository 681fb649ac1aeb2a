"""Every address of the admin, asked for by everybody: what each gets stands in the table below.

A new address fails here until somebody has written down who may have it.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver, reverse

import articles.roles
import portal.roles
import quotes.roles
from articles.models import EvidenceFlag, Feedback, GlossaryTerm, Guide, TrialCriteria
from portal import audit, roles
from portal.models import AuditEvent, OutboxMessage, Page, User
from quotes.models import Note, Stage
from tests import builders

pytestmark = pytest.mark.django_db

LEADS = "/admin/quotes/quoterequest/"
WHO = (*roles.ALL, "Superuser")

# In the order of WHO: Editor, Medical reviewer, Coordinator, Manager, Auditor, Superuser. 302 of a record's
# bare address leads to its page, which decides; 405 stands where only POST is answered (tested below).
TABLE = """
index                                         200  200  200  200  200  200
login                                         302  302  302  302  302  302
logout                                        405  405  405  405  405  405
password_change                               200  200  200  200  200  200
password_change_done                          200  200  200  200  200  200
jsi18n                                        200  200  200  200  200  200
auth_user_password_change                     403  403  403  403  403  200
portal_user_changelist                        403  403  403  200  200  200
portal_user_add                               403  403  403  403  403  200
portal_user_history                           403  403  403  200  200  200
portal_user_delete                            403  403  403  403  403  403
portal_user_change                            403  403  403  200  200  200
admin/portal/user/<path:object_id>/           302  302  302  302  302  302
auth_group_changelist                         403  403  403  403  403  200
auth_group_add                                403  403  403  403  403  200
auth_group_history                            403  403  403  403  403  200
auth_group_delete                             403  403  403  403  403  403
auth_group_change                             403  403  403  403  403  200
admin/auth/group/<path:object_id>/            302  302  302  302  302  302
portal_page_changelist                        200  200  403  200  200  200
portal_page_add                               200  403  403  200  403  200
portal_page_history                           200  200  403  200  200  200
portal_page_restore                           405  405  405  405  405  405
portal_page_delete                            403  403  403  403  403  403
portal_page_change                            200  200  403  200  200  200
admin/portal/page/<path:object_id>/           302  302  302  302  302  302
portal_outboxmessage_changelist               403  403  200  200  200  200
portal_outboxmessage_add                      403  403  403  403  403  403
portal_outboxmessage_history                  403  403  200  200  200  200
portal_outboxmessage_again                    405  405  405  405  405  405
portal_outboxmessage_delete                   403  403  403  403  403  403
portal_outboxmessage_change                   403  403  200  200  200  200
admin/portal/outboxmessage/<path:object_id>/  302  302  302  302  302  302
portal_auditevent_changelist                  403  403  403  200  200  200
portal_auditevent_add                         403  403  403  403  403  403
portal_auditevent_history                     403  403  403  200  200  200
portal_auditevent_delete                      403  403  403  403  403  403
portal_auditevent_change                      403  403  403  200  200  200
admin/portal/auditevent/<path:object_id>/     302  302  302  302  302  302
articles_guide_compare                        200  200  403  200  200  200
articles_guide_revision                       200  200  403  200  200  200
articles_guide_preview                        200  200  403  200  200  200
articles_guide_step                           302  302  302  302  302  302
articles_guide_due                            200  200  200  200  200  200
articles_guide_changelist                     200  200  200  200  200  200
articles_guide_add                            200  403  403  403  403  200
articles_guide_history                        200  200  403  200  200  200
articles_guide_delete                         403  403  403  403  403  403
articles_guide_change                         200  200  200  200  200  200
admin/articles/guide/<path:object_id>/        302  302  302  302  302  302
articles_treatment_compare                    200  200  403  200  200  200
articles_treatment_revision                   200  200  403  200  200  200
articles_treatment_preview                    200  200  403  200  200  200
articles_treatment_step                       302  302  302  302  302  302
articles_treatment_changelist                 200  200  200  200  200  200
articles_treatment_add                        200  403  403  403  403  200
articles_treatment_history                    200  200  403  200  200  200
articles_treatment_delete                     403  403  403  403  403  403
articles_treatment_change                     200  200  200  200  200  200
admin/articles/treatment/<path:object_id>/    302  302  302  302  302  302
articles_topic_changelist                     200  200  200  200  200  200
articles_topic_add                            200  403  403  403  403  200
articles_topic_history                        200  200  200  200  200  200
articles_topic_delete                         403  403  403  403  403  403
articles_topic_change                         200  200  200  200  200  200
admin/articles/topic/<path:object_id>/        302  302  302  302  302  302
articles_source_changelist                    200  200  200  200  200  200
articles_source_add                           200  403  403  403  403  200
articles_source_history                       200  200  200  200  200  200
articles_source_delete                        403  403  403  403  403  403
articles_source_change                        200  200  200  200  200  200
admin/articles/source/<path:object_id>/       302  302  302  302  302  302
articles_glossaryterm_changelist              200  200  200  200  200  200
articles_glossaryterm_add                     200  403  403  403  403  200
articles_glossaryterm_history                 200  200  200  200  200  200
articles_glossaryterm_delete                  403  403  403  403  403  403
articles_glossaryterm_change                  200  200  200  200  200  200
admin/articles/glossaryterm/<path:object_id>/ 302  302  302  302  302  302
articles_trialcriteria_changelist             200  200  200  200  200  200
articles_trialcriteria_add                    200  403  403  403  403  200
articles_trialcriteria_history                200  200  200  200  200  200
articles_trialcriteria_delete                 403  403  403  403  403  403
articles_trialcriteria_change                 200  200  200  200  200  200
admin/articles/trialcriteria/<path:object_id>/ 302  302  302  302  302  302
articles_claim_changelist                     200  200  403  200  200  200
articles_claim_add                            403  403  403  403  403  403
articles_claim_history                        200  200  403  200  200  200
articles_claim_delete                         403  403  403  403  403  403
articles_claim_change                         200  200  403  200  200  200
admin/articles/claim/<path:object_id>/        302  302  302  302  302  302
articles_evidenceflag_changelist              200  200  403  200  200  200
articles_evidenceflag_add                     403  403  403  403  403  403
articles_evidenceflag_history                 200  200  403  200  200  200
articles_evidenceflag_delete                  403  403  403  403  403  403
articles_evidenceflag_change                  200  200  403  200  200  200
admin/articles/evidenceflag/<path:object_id>/ 302  302  302  302  302  302
articles_feedback_changelist                  200  200  403  200  200  200
articles_feedback_add                         403  403  403  403  403  403
articles_feedback_history                     200  200  403  200  200  200
articles_feedback_delete                      403  403  403  403  403  403
articles_feedback_change                      200  200  403  200  200  200
admin/articles/feedback/<path:object_id>/     302  302  302  302  302  302
quotes_quoterequest_export                    405  405  405  405  405  405
quotes_quoterequest_move                      403  403  302  302  403  302
quotes_quoterequest_answered                  403  403  302  302  403  302
quotes_quoterequest_take                      403  403  302  302  403  302
quotes_quoterequest_assign                    403  403  302  302  403  302
quotes_quoterequest_note                      403  403  302  302  403  302
quotes_quoterequest_link                      403  403  302  302  403  302
quotes_quoterequest_news                      403  403  302  302  403  302
quotes_quoterequest_withdraw                  403  403  302  302  403  302
quotes_quoterequest_contact                   403  403  200  200  403  200
quotes_quoterequest_changelist                403  403  200  200  403  200
quotes_quoterequest_add                       403  403  403  403  403  403
quotes_quoterequest_history                   403  403  200  200  403  200
quotes_quoterequest_delete                    403  403  403  403  403  403
quotes_quoterequest_change                    403  403  200  200  403  200
admin/quotes/quoterequest/<path:object_id>/   302  302  302  302  302  302
quotes_destination_changelist                 403  403  200  200  200  200
quotes_destination_add                        403  403  403  200  403  200
quotes_destination_history                    403  403  200  200  200  200
quotes_destination_delete                     403  403  403  403  403  403
quotes_destination_change                     403  403  200  200  200  200
admin/quotes/destination/<path:object_id>/    302  302  302  302  302  302
app_list:articles                             200  200  200  200  200  200
app_list:auth                                 404  404  404  404  404  200
app_list:portal                               200  200  200  200  200  200
app_list:quotes                               404  404  200  200  200  200
autocomplete                                  404  404  404  404  404  404
view_on_site                                  404  404  404  404  404  404
anything-else                                 404  404  404  404  404  404
"""


def written() -> dict[str, list[int]]:
    """The table: name of the address, and the status for each of WHO."""
    lines = (line.split() for line in TABLE.splitlines() if line)
    return {name: [int(status) for status in statuses] for name, *statuses in lines}


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, str]]:
    """Every route of the admin with its name; one without a name is named by itself."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif route.startswith("admin/"):
            yield pattern.name or route, route


@pytest.fixture
def records(now):
    """One record of each kind that the admin shows, by the beginning of its addresses."""
    editor = builders.staff(roles.EDITOR)
    guide, treatment = builders.guide(now=now), builders.treatment(now=now)
    for subject in (guide, treatment):
        builders.draft(subject, by=editor, now=now)
    live_claim = builders.claim(
        builders.published(builders.guide(now=now), now=now), builders.source(), treatment=treatment
    )
    lead = builders.lead(now=now)
    return {
        "admin/portal/user/": editor,
        "admin/auth/group/": Group.objects.first(),
        "admin/portal/page/": Page.objects.create(slug="why", title="Why", updated_at=now),
        "admin/portal/outboxmessage/": OutboxMessage.objects.filter(about=lead.reference).first(),
        "admin/portal/auditevent/": audit.record("guide.opened", guide, by=editor, now=now),
        "admin/articles/guide/": guide,
        "admin/articles/treatment/": treatment,
        "admin/articles/topic/": builders.topic(),
        "admin/articles/source/": builders.source(),
        "admin/articles/glossaryterm/": GlossaryTerm.objects.create(term="stroke", explanation="A clot."),
        "admin/articles/trialcriteria/": TrialCriteria.objects.create(
            source=live_claim.source, stroke="clot", recruiting="open", places="Japan", checked_on=now.date()
        ),
        "admin/articles/claim/": live_claim,
        "admin/articles/evidenceflag/": EvidenceFlag.objects.create(
            source=live_claim.source,
            claim=live_claim,
            from_state="current",
            to_state="retracted",
            raised_at=now,
        ),
        "admin/articles/feedback/": Feedback.objects.create(
            guide=guide, revision_number=1, useful=False, at=now
        ),
        "admin/quotes/quoterequest/": lead,
        "admin/quotes/destination/": builders.destination(),
    }


def addresses(records) -> dict[str, str]:
    """Every address of the admin with a real record in it."""
    found = dict(routes(get_resolver()))
    guide = records["admin/articles/guide/"]
    filled = {
        name: filled_in(route, record_of(route, records))
        for name, route in found.items()
        if name not in ("app_list", "view_on_site", "admin/(?P<url>.*)$")
    }
    filled |= {f"app_list:{app}": f"/admin/{app}/" for app in ("articles", "auth", "portal", "quotes")}
    kind = ContentType.objects.get_for_model(Guide).pk
    return filled | {
        "autocomplete": "/admin/autocomplete/?app_label=quotes&model_name=note&field_name=lead&term=Ada",
        "view_on_site": f"/admin/r/{kind}/{guide.pk}/",
        "anything-else": "/admin/nothing/",
    }


def record_of(route, records):
    return next((record for start, record in records.items() if route.startswith(start)), None)


def filled_in(route, record) -> str:
    values = {"number": "1", "name": "submit"}
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda gap: values.get(gap[1], str(record and record.pk)), route)


def sign_in(client, who):
    if who == "Superuser":
        client.force_login(User.objects.create_superuser("root"))
    else:
        client.force_login(builders.staff(who))


@pytest.mark.parametrize("who", WHO)
def test_every_address_answers_each_role_as_it_is_written(client, records, who):
    sign_in(client, who)
    column = WHO.index(who)
    got = {name: client.get(address).status_code for name, address in addresses(records).items()}
    assert got == {name: statuses[column] for name, statuses in written().items()}


def test_without_an_account_every_address_leads_to_the_sign_in(client, records):
    got = {}
    for name, address in addresses(records).items():
        response = client.get(address)
        got[name] = (response.status_code, response.get("Location", "").partition("?")[0])
    to_sign_in = (302, reverse("admin:login"))
    assert got == dict.fromkeys(written(), to_sign_in) | {
        "login": (200, ""),
        "logout": (302, reverse("admin:index")),
    }


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_active": False}], ids=["not staff", "left"])
def test_a_group_alone_opens_nothing(client, records, fields):
    client.force_login(builders.staff(roles.MANAGER, **fields))
    assert client.get(f"{LEADS}{records['admin/quotes/quoterequest/'].pk}/change/").status_code == 302


# What a policy without 'unsafe-inline' would stop; what is only read as data it would not.
INLINE = re.compile(
    r"""<style|\sstyle=|\son[a-z]+=["']|<script(?![^>]*\ssrc=)(?![^>]*"(?:importmap|application/[a-z+]+)")"""
)


def test_no_page_of_the_admin_has_inline_style_or_script(client, records):
    pages = {"login": client.get(reverse("admin:login"))}
    sign_in(client, "Superuser")
    for name, address in addresses(records).items():
        response = client.get(address)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            pages[name] = response
    assert len(pages) > 40
    inline = {name: INLINE.findall(page.content.decode()) for name, page in pages.items()}
    assert {name: found for name, found in inline.items() if found} == {}


# --- What the migrations grant ------------------------------------------------------------------

TABLES = {"portal": portal.roles, "articles": articles.roles, "quotes": quotes.roles}
MIGRATED = """
import json, sys
import django
django.setup()
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
call_command("migrate", verbosity=0)
held = Group.objects.values_list("name", "permissions__content_type__app_label", "permissions__codename")
names = Permission.objects.values_list("content_type__app_label", "codename", "name")
json.dump({"held": list(held), "names": list(names)}, sys.stdout)
"""


def test_a_migrated_database_holds_today_s_tables_and_django_s_names(tmp_path):
    """In a process of its own: the groups of this test's database were perhaps not made by migrations."""
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", MIGRATED],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DEVELOPMENT": "true",
            "VAR_DIR": str(tmp_path),
            "DATABASE_URL": f"sqlite:///{tmp_path}/migrated.sqlite3",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    migrated = json.loads(ended.stdout)
    assert sorted(tuple(line) for line in migrated["held"]) == sorted(
        (group, app, f"{verb}_{model}")
        for app, kept in TABLES.items()
        for group, models in kept.PERMISSIONS.items()
        for model, verbs in models.items()
        for verb in verbs
    )
    assert sorted(tuple(line) for line in migrated["names"] if line[0] in TABLES) == sorted(
        (app, codename, str(name)) for app in TABLES for codename, name in django_s_names(app)
    )


def django_s_names(app):
    for model in apps.get_app_config(app).get_models():
        options = model._meta
        for verb in options.default_permissions:
            yield f"{verb}_{options.model_name}", f"Can {verb} {options.verbose_name_raw}"
        yield from options.permissions


@pytest.mark.parametrize("app", TABLES)
def test_a_table_names_every_group(app):
    """One that it did not name would keep what it once had."""
    assert set(TABLES[app].PERMISSIONS) == set(roles.ALL)


def test_granting_again_takes_what_the_table_no_longer_says():
    other = Permission.objects.get(codename="view_guide")
    portal.roles.grant(apps, "portal", {roles.EDITOR: {"page": ("view",)}})
    editors = Group.objects.get(name=roles.EDITOR)
    held = editors.permissions.filter(content_type__app_label="portal")
    assert list(held.values_list("codename", flat=True)) == ["view_page"]
    assert editors.permissions.contains(other)


# --- Leads --------------------------------------------------------------------------------------

# What each may do with a lead, by POST. 302 is done and back to the lead, 409 and 422 a refusal with its
# page, 200 a file.
VERBS = """
assign    403  403  409  302  403  302
move      403  403  302  302  403  302
answered  403  403  302  302  403  302
take      403  403  302  302  403  302
note      403  403  302  302  403  302
link      403  403  302  302  403  302
contact   403  403  422  422  403  422
news      403  403  302  302  403  302
withdraw  403  403  302  302  403  302
export    403  403  403  200  403  200
"""


# They have given the lead away before they take it.
MAY_ASSIGN = (roles.MANAGER, "Superuser")


@pytest.mark.parametrize("who", WHO)
def test_every_verb_of_a_lead_answers_each_role_as_it_is_written(client, records, who):
    sign_in(client, who)
    lead = records["admin/quotes/quoterequest/"]
    colleague = builders.staff(roles.COORDINATOR)
    asked = {
        "assign": (f"{lead.pk}/assign/", {"assignee": colleague.pk}),
        "move": (f"{lead.pk}/move/", {"seen": "received", "to": "in_touch"}),
        "answered": (f"{lead.pk}/answered/", {}),
        "take": (f"{lead.pk}/take/", {"seen_assignee": colleague.pk} if who in MAY_ASSIGN else {}),
        "note": (f"{lead.pk}/note/", {"text": "Asked for the scan."}),
        "link": (f"{lead.pk}/link/", {}),
        "contact": (f"{lead.pk}/contact/", {}),
        "news": (f"{lead.pk}/news/", {}),
        "withdraw": (f"{lead.pk}/withdraw/", {}),
        "export": ("export/", {}),
    }
    got = {
        verb: client.post(LEADS + address, fields).status_code for verb, (address, fields) in asked.items()
    }
    column = WHO.index(who)
    table = (line.split() for line in VERBS.splitlines() if line)
    assert got == {verb: int(statuses[column]) for verb, *statuses in table}


@pytest.mark.parametrize("who", [roles.EDITOR, roles.REVIEWER, roles.AUDITOR])
def test_who_may_not_work_leads_changes_none_and_leaves_no_trail(client, records, who):
    lead = records["admin/quotes/quoterequest/"]
    before = AuditEvent.objects.filter(action__startswith="lead.").count()
    sign_in(client, who)
    client.get(f"{LEADS}{lead.pk}/change/")
    client.get(LEADS)
    client.post(f"{LEADS}{lead.pk}/move/", {"seen": "received", "to": "closed"})
    client.post(f"{LEADS}{lead.pk}/take/")
    client.post(f"{LEADS}{lead.pk}/note/", {"text": "x"})
    lead.refresh_from_db()
    assert (lead.stage, lead.assignee, Note.objects.count()) == (Stage.RECEIVED, None, 0)
    assert AuditEvent.objects.filter(action__startswith="lead.").count() == before


def test_a_coordinator_neither_assigns_nor_exports(client, records):
    lead = records["admin/quotes/quoterequest/"]
    sign_in(client, roles.COORDINATOR)
    client.post(f"{LEADS}{lead.pk}/assign/", {"assignee": builders.staff(roles.COORDINATOR).pk})
    chosen = {"action": "export_selected", "_selected_action": [lead.pk], "index": "0"}
    listed = client.post(LEADS, chosen)
    lead.refresh_from_db()
    assert lead.assignee is None
    assert listed["Content-Type"] == "text/html; charset=utf-8"
    assert not AuditEvent.objects.filter(action="lead.exported").exists()


@pytest.mark.parametrize("who", [roles.EDITOR, roles.AUDITOR])
def test_first_page_and_menu_name_no_lead_to_who_may_see_none(client, records, who):
    sign_in(client, who)
    page = client.get("/admin/").content.decode()
    assert (LEADS in page, records["admin/quotes/quoterequest/"].reference in page) == (False, False)
