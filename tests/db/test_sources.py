"""Source records: the verbs that write them, and their pages and lists in the admin."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from articles import publishing, sources, stating
from articles.checks import statements
from articles.models import Claim, EvidenceFlag, Source, TrialCriteria
from articles.versions import PublishingError
from portal import roles
from portal.models import AuditEvent, Edition
from portal.templatetags.staff_words import noted
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signed_in")]

DAY = dt.timedelta(days=1)
LIST = "/admin/articles/source/"


@pytest.fixture
def trial():
    return builders.source("trial-1", main_measure="met")


def mark():
    return list(Edition.objects.values_list("mark", flat=True))


# --- The verbs ----------------------------------------------------------------------------------

RECORD = {
    "key": "new",
    "title": "Cells",
    "kind": "trial",
    "publisher": "Journal",
    "finding": "No difference.",
    "sureness": "A",
    "checked_on": dt.date(2026, 11, 1),
}


def test_a_source_is_added_with_its_trail_and_readers_see_it(now, editor):
    before = mark()
    made = sources.add(RECORD, by=editor, now=now)
    assert Source.objects.get() == made
    assert [(event.action, event.target_label) for event in AuditEvent.objects.all()] == [
        ("source.added", "new")
    ]
    assert len(mark()) == len(before) + 1


def test_the_treatments_that_a_trial_tested_are_kept_and_their_change_leaves_a_trail(now, editor):
    cells, others = builders.treatment("cells", now=now), builders.treatment("others", now=now)
    made = sources.add(RECORD | {"treatments": [cells]}, by=editor, now=now)
    assert list(made.treatments.all()) == [cells]
    assert sources.change(made, {"treatments": [cells], "people": 7}, by=editor, now=now).fields == ["people"]
    told = sources.change(made, {"treatments": [cells, others]}, by=editor, now=now)
    assert (told.fields, set(made.treatments.all())) == (["treatments"], {cells, others})
    assert AuditEvent.objects.order_by("pk").last().detail == {"fields": ["treatments"]}


@pytest.mark.parametrize("name", ["finding", "plain_title"])
def test_words_that_promise_too_much_are_refused(now, editor, trial, name):
    with pytest.raises(PublishingError, match="promises more than is known"):
        sources.add(RECORD | {name: "A miracle"}, by=editor, now=now)
    with pytest.raises(PublishingError, match="promises more than is known"):
        sources.change(trial, {name: "A miracle"}, by=editor, now=now)
    assert list(Source.objects.values_list("key", name)) == [("trial-1", getattr(trial, name))]


def test_a_correction_writes_what_is_new_and_tells_its_fields(now, editor, trial):
    told = sources.change(trial, {"people": 3, "title": trial.title, "year": 2025}, by=editor, now=now)
    assert (trial.people, trial.year, told.fields) == (3, 2025, ["people", "year"])
    assert [(event.action, event.detail) for event in AuditEvent.objects.all()] == [
        (
            "source.changed",
            {"fields": ["people", "year"], "changes": {"people": [126, 3], "year": [2024, 2025]}},
        )
    ]


def test_the_trail_tells_from_what_to_what_and_why_and_long_words_in_brief(now, editor, trial):
    builders.claim(builders.published(builders.guide(now=now), now=now), trial)
    changes = {"main_measure": "missed", "finding": "No. " * 100, "url": ""}
    sources.change(trial, changes, reason="The paper itself says so.", by=editor, now=now)
    event = AuditEvent.objects.get(action="source.changed")
    assert event.detail["changes"]["main_measure"] == ["met", "missed"]
    assert event.detail["changes"]["finding"][1] == ("No. " * 40)[:159] + "…"
    assert noted(event).startswith(
        "what it found, in plain words: No difference on the main measure. → No. No."
    )
    assert "; main measure: main measure met → main measure missed; " in noted(event)
    assert noted(event).endswith(
        "link: https://journal.example/trial-1 → –; reason: The paper itself says so."
    )


def test_what_changes_nothing_leaves_no_trail(now, editor, trial):
    assert sources.change(trial, {"people": trial.people}, by=editor, now=now) == sources.Changed()
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("reason", "told"), [("", "Say why the state changes"), ("  ", "Say why"), ("Fraud.", "at least 3 words")]
)
def test_another_state_needs_a_reason(now, editor, trial, reason, told):
    with pytest.raises(PublishingError, match=told):
        sources.change(trial, {"state": "retracted"}, reason=reason, by=editor, now=now)
    assert Source.objects.get().state == "current"


def test_a_key_stays(now, editor, trial):
    with pytest.raises(PublishingError, match="Texts cite the key, so it stays"):
        sources.change(trial, {"key": "other"}, by=editor, now=now)


def test_every_change_is_another_edition(now, editor, trial):
    sources.change(trial, {"people": 3}, by=editor, now=now)
    before = mark()
    sources.change(trial, {"state": "retracted"}, reason="The journal found fraud.", by=editor, now=now)
    assert mark() != before


# --- Benefits that lost what bore them ----------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"main_measure": "missed"},
        {"main_measure": "not_reported"},
        {"control": "none"},
        {"kind": "observation"},
    ],
)
def test_a_benefit_that_no_source_bears_any_more_is_told_and_all_that_stands_on_it_flagged(
    now, editor, trial, changes
):
    weak = builders.source()
    live = builders.published(builders.guide(now=now), now=now)
    lost = builders.claim(live, trial, weak, direction="benefit", sentence="lost")
    builders.claim(live, trial, builders.source(main_measure="met"), direction="benefit", sentence="kept")
    builders.claim(live, trial, sentence="a harm")
    builders.claim(live, trial, direction="benefit", weakness="missed", caveat="It missed.", sentence="said")
    told = sources.change(trial, changes, reason="The paper itself says so.", by=editor, now=now)
    assert (told.overstated, told.flagged["claims"]) == ([lost], 4)
    assert list(Claim.objects.live().overstated()) == [lost]
    publishing.withdraw(live, reason="It was overstated.", by=editor, now=now)
    assert list(Claim.objects.live().overstated()) == []


@pytest.mark.parametrize("kind", Source.Kind.values)
@pytest.mark.parametrize("control", Source.Control.values)
@pytest.mark.parametrize("main_measure", Source.MainMeasure.values)
def test_what_shows_a_benefit_is_the_same_for_the_database_and_for_the_checks(kind, control, main_measure):
    source = builders.source(kind=kind, control=control, main_measure=main_measure)
    shown = statements.shows_it([source.key], {source.key: stating.fact_of(source)})
    assert Source.objects.showing_benefit().exists() is shown


# --- In the admin -------------------------------------------------------------------------------


def page(source):
    return f"{LIST}{source.pk}/change/"


def typed(response, **changes):
    form = response.context_data["adminform"].form
    return {name: form[name].value() for name in form.fields if form[name].value() is not None} | changes


def errors(response):
    return response.context_data["adminform"].form.errors


def test_a_change_of_state_goes_through_the_verb_and_tells_what_it_flagged(client, now, editor, trial):
    live = builders.published(builders.guide(now=now), now=now)
    builders.claim(live, trial)
    opened = client.get(page(trial))
    said = typed(opened, state="retracted", reason="The journal took it back.", people=7)
    response = client.post(page(trial), said, follow=True)
    trial.refresh_from_db()
    assert (trial.state, trial.people) == ("retracted", 7)
    flags = f"/admin/articles/evidenceflag/?source={trial.pk}"
    assert next(str(message) for message in response.context["messages"]) == (
        f'Flagged for review: 1 guide, 1 claim. <a href="{flags}">See which</a>'
    )
    assert client.get(flags).context_data["cl"].result_count == 2
    events = AuditEvent.objects.filter(target_type="articles.source").order_by("pk")
    assert [(event.action, event.detail) for event in events] == [
        (
            "source.changed",
            {
                "fields": ["people", "state"],
                "changes": {"people": [126, 7], "state": ["current", "retracted"]},
            },
        ),
        (
            "source.state_changed",
            {
                "from": "current",
                "to": "retracted",
                "reason": "The journal took it back.",
                "guides": 1,
                "treatments": 0,
                "claims": 1,
                "settled": 0,
            },
        ),
    ]


def test_without_a_reason_the_state_stays_and_what_was_typed_is_kept(client, editor, trial):
    response = client.post(page(trial), typed(client.get(page(trial)), state="retracted", people=7))
    assert errors(response) == {"reason": ["Say why the state changes."]}
    assert response.context_data["adminform"].form["people"].value() == "7"
    trial.refresh_from_db()
    assert (trial.state, trial.people) == ("current", 126)


@pytest.fixture
def reviewer(client, reviewer):
    client.force_login(reviewer)
    return reviewer


def test_a_reviewer_says_that_a_state_changed_with_a_reason(client, reviewer, trial):
    said = typed(client.get(page(trial)))
    assert list(said) == ["state", "opened"]
    changed = said | {"state": "retracted", "reason": "The journal took it back."}
    assert client.post(page(trial), changed).status_code == 302
    trial.refresh_from_db()
    assert trial.state == "retracted"


def test_a_reviewer_changes_nothing_else_of_a_source(client, reviewer, trial):
    said = typed(
        client.get(page(trial)), people=7, finding="New.", url="https://example.org/", treatments=[1]
    )
    client.post(page(trial), said | {"state": "retracted", "reason": "The journal took it back."})
    events = AuditEvent.objects.filter(action="source.changed")
    assert [event.detail["fields"] for event in events] == [["state"]]
    trial.refresh_from_db()
    assert (trial.state, trial.people) == ("retracted", 126)


@pytest.mark.parametrize("role", [roles.COORDINATOR, roles.MANAGER, roles.AUDITOR])
def test_others_only_read_a_source(client, trial, role):
    client.force_login(builders.staff(role))
    assert (
        client.post(page(trial), {"state": "retracted", "reason": "The journal says so."}).status_code == 403
    )


def test_only_who_may_record_whom_a_trial_takes_in_is_asked_to(client, editor, trial):
    link = f'<a href="/admin/articles/trialcriteria/add/?source={trial.pk}">'
    assert link in client.get(page(trial)).text
    client.force_login(builders.staff(roles.REVIEWER))
    assert link not in client.get(page(trial)).text


def test_another_main_measure_is_saved_with_a_reason_where_readers_see_the_source(client, now, editor, trial):
    builders.published(builders.guide(now=now), now=now)
    said = typed(client.get(page(trial)), main_measure="missed")
    told = "Say why this changes: texts that were submitted or that readers see lean on it."
    assert errors(client.post(page(trial), said)) == {"reason": [told]}
    assert client.post(page(trial), said | {"reason": "The paper itself says so."}).status_code == 302
    assert Source.objects.get().main_measure == "missed"


def test_an_editor_is_told_at_the_state_who_may_say_that_a_source_is_current_again(client, editor, trial):
    Source.objects.update(state="retracted")
    said = typed(client.get(page(trial)), state="current", reason="The journal thought again.")
    told = "Only a medical reviewer may say that it is no longer in this state."
    assert errors(client.post(page(trial), said)) == {"state": [told]}
    client.force_login(builders.staff(roles.REVIEWER))
    said = typed(client.get(page(trial)), state="current", reason="The journal thought again.")
    assert client.post(page(trial), said).status_code == 302
    assert Source.objects.get().state == "current"


def test_a_short_reason_is_told_at_its_box_and_kept(client, editor, trial):
    said = typed(client.get(page(trial)), state="retracted", reason="Fraud.", people=7)
    response = client.post(page(trial), said)
    told = "A reason has at least 3 words and 12 letters. Write what you looked at."
    assert errors(response) == {"reason": [told]}
    assert response.context_data["adminform"].form["reason"].value() == "Fraud."
    trial.refresh_from_db()
    assert (trial.state, trial.people) == ("current", 126)


def test_what_is_wrong_stands_above_the_form_with_the_way_to_each_field(client, editor, trial):
    said = typed(client.get(page(trial)), state="retracted", year="soon")
    response = client.post(page(trial), said)
    box = re.search(r'<div class="error-box".*?</div>', response.text, re.DOTALL)
    assert (response.status_code, re.findall(r'<a href="#(.*?)">(.*?)</a>', box[0])) == (
        422,
        [
            ("id_year", "Year: Enter a whole number."),
            ("id_reason", "Why it changes: Say why the state changes."),
        ],
    )


def test_a_source_was_not_checked_on_a_day_to_come(client, editor, trial):
    tomorrow = timezone.localdate() + DAY
    response = client.post(page(trial), typed(client.get(page(trial)), checked_on=str(tomorrow)))
    assert errors(response) == {"checked_on": ["This day has not come yet."]}


def test_a_reason_without_another_state_is_told(client, editor, trial):
    response = client.post(page(trial), typed(client.get(page(trial)), reason="The journal took it back."))
    told = "You wrote why it changes. Choose the new state, or clear the reason."
    assert errors(response) == {"state": [told]}


def test_a_superseded_source_names_the_newer_one(client, editor, trial):
    newer = builders.source("newer")
    said = typed(client.get(page(trial)), state="superseded", reason="A newer review is out.")
    response = client.post(page(trial), said)
    assert errors(response) == {"superseded_by": ["Name the source that supersedes this one."]}
    assert client.post(page(trial), said | {"superseded_by": newer.pk}).status_code == 302
    trial.refresh_from_db()
    assert (trial.state, trial.superseded_by) == ("superseded", newer)


def test_who_saves_second_is_told_and_flags_nothing(client, now, editor, trial):
    builders.published(builders.guide(now=now), now=now)
    opened = client.get(page(trial))
    sources.change(trial, {"year": 2025}, by=editor, now=now)
    said = typed(opened, state="retracted", reason="The journal found fraud.")
    response = client.post(page(trial), said)
    assert list(errors(response)) == ["__all__"]
    assert EvidenceFlag.objects.count() == 0


def test_a_new_source_is_added_by_the_verb(client, editor):
    response = client.post(
        f"{LIST}add/", RECORD | {"control": "placebo", "main_measure": "met", "state": "current"}
    )
    assert (response.status_code, Source.objects.get().key) == (302, "new")
    assert [event.action for event in AuditEvent.objects.filter(actor_name="eda")] == ["source.added"]


def test_an_editor_ticks_the_treatments_that_a_trial_tested(client, now, editor, trial):
    cells = builders.treatment("cells", now=now)
    opened = client.get(page(trial))
    assert client.post(page(trial), typed(opened, treatments=[cells.pk])).status_code == 302
    assert list(trial.treatments.all()) == [cells]
    events = AuditEvent.objects.filter(target_type="articles.source")
    assert [(event.action, event.detail) for event in events] == [
        ("source.changed", {"fields": ["treatments"]})
    ]
    assert client.post(page(trial), typed(client.get(page(trial)), treatments=[])).status_code == 302
    assert list(trial.treatments.all()) == []


def test_a_benefit_that_lost_its_source_is_told_to_the_editor(client, now, editor, trial):
    builders.claim(builders.published(builders.guide(now=now), now=now), trial, direction="benefit")
    said = typed(client.get(page(trial)), main_measure="missed", reason="The paper itself says so.")
    response = client.post(page(trial), said, follow=True)
    flagged, told = (str(message) for message in list(response.context["messages"])[:2])
    assert flagged.startswith("Flagged for review: 1 guide, 1 claim.")
    assert told.startswith("Readers see 1 benefit that now stands on no source")
    found = client.get("/admin/articles/claim/?standing=overstated")
    assert found.context_data["cl"].result_count == 1


@pytest.fixture
def library(now, editor, trial):
    """A source under a guide by its text and a claim, under a treatment by a claim only; another unused."""
    builders.source("unused")
    guide = builders.published(builders.guide("risks", now=now), now=now)
    builders.claim(guide, trial, sentence="Two of 23.")
    body = "<h2>Cells</h2><p>One of 9 [@other].</p>"
    builders.source("other")
    cells = builders.published(builders.treatment("cells", now=now), now=now, body=body, title="Cells")
    builders.claim(cells, trial, sentence="Of cells.")
    old = builders.published(builders.guide("old", now=now), now=now)
    builders.claim(old, trial, sentence="Of old.")
    publishing.withdraw(old, reason="Newer trials say otherwise.", by=editor, now=now)


def test_the_page_names_what_readers_see_on_it(client, library, trial):
    shown = client.get(page(trial)).context_data["adminform"].model_admin
    assert [
        ">Risks in plain words</a>" in shown.used_by_guides(trial),
        "old" in shown.used_by_guides(trial),
    ] == [
        True,
        False,
    ]
    assert ">Cells</a>" in shown.used_by_treatments(trial)
    claims = shown.used_by_claims(trial)
    assert [words in claims for words in ("harm: Two of 23.", "harm: Of cells.", "Of old.")] == [
        True,
        True,
        False,
    ]


def test_the_list_counts_what_readers_see_on_each(client, library):
    cl = client.get(LIST).context_data["cl"]
    assert {source.key: cl.model_admin.in_use(source) for source in cl.result_list} == {
        "trial-1": "1 guide, 1 treatment, 2 claims",
        "other": "1 treatment",
        "unused": "–",
    }


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("readers=used", ["other", "trial-1"]),
        ("readers=unused", ["unused"]),
        ("readers=flagged", ["other"]),
        ("state__exact=terminated", ["other"]),
        ("readers=nonsense", ["other", "trial-1", "unused"]),
    ],
)
def test_the_list_is_narrowed(client, now, editor, library, query, keys):
    other = Source.objects.get(key="other")
    sources.change(other, {"state": "terminated"}, reason="Its sponsor ran out of money.", by=editor, now=now)
    found = client.get(f"{LIST}?{query}", follow=True).context_data["cl"].result_list
    assert sorted(source.key for source in found) == keys


def test_whom_a_trial_takes_in_is_recorded_from_its_page(client, now, editor, trial):
    add = f"/admin/articles/trialcriteria/add/?source={trial.pk}"
    assert add in client.get(page(trial)).content.decode()
    said = {"source": trial.pk, "stroke": "clot", "since_from_hours": 18, "since_to_hours": 36}
    said |= {"recruiting": "open", "places": "Japan", "checked_on": "2026-11-01", "opened": ""}
    assert client.post(add, said).status_code == 302
    made = TrialCriteria.objects.get()
    change = f"/admin/articles/trialcriteria/{made.pk}/change/"
    assert f'<a href="{change}">taking people in</a>' in client.get(page(trial)).content.decode()
    assert AuditEvent.objects.filter(action="criteria.added").count() == 1
    opened = client.get(change)
    refused = client.post(change, typed(opened, since_from_hours=40))
    assert errors(refused) == {"__all__": ["The time since the stroke ends before it begins."]}
    assert client.post(change, typed(opened, places="Osaka")).status_code == 302
    assert list(errors(client.post(change, typed(opened, places="Kyoto")))) == ["__all__"]


def test_whom_a_trial_takes_in_promises_nothing(client, editor, trial):
    said = {"source": trial.pk, "stroke": "clot", "recruiting": "open", "places": "x", "also": "A miracle."}
    response = client.post("/admin/articles/trialcriteria/add/", said | {"checked_on": "2026-11-01"})
    assert list(errors(response)) == ["also"]
    assert TrialCriteria.objects.count() == 0
