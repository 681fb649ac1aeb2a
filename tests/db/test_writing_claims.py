"""Claims, needed parts and the easy version on the page on which staff write: kept, compared, refused."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles import publishing, sources
from articles.checks.quality import Problem
from articles.models import GuideRevision, RevisionState, Source
from articles.shapes import MOST_CLAIMS
from articles.staff.claim_lines import claim_lines
from tests import builders
from tests.db.test_admin_articles import approving, deeds, page, shown, step, typed
from tests.db.test_editing_page import differing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signed_in")]
State = RevisionState
SECOND = dt.timedelta(seconds=5)
SHORT = Problem("few_key_points", "warning", "Three to six key points help most.", key="key points")
LEAST = "A reason has at least 3 words and 12 letters."
TOO_SHORT = f"{LEAST} Write what you looked at."
FEW = f"reason-{SHORT.name}"
HARM = builders.written_claim()
IN_WORDS = "Harm: Two people died. 2 of 23 people. How sure: low: more studies will probably change this. "


@pytest.fixture
def treatment(now):
    return builders.treatment("neural", now=now)


@pytest.fixture
def draft(now, editor):
    guide = builders.guide("risks", now=now)
    return builders.draft(guide, by=editor, now=now, claims=[HARM | {"treatment": a_treatment(now)}])


@pytest.fixture
def plain(now, editor):
    """A draft without a claim; nothing stands in its way."""
    return builders.draft(builders.guide("plain", now=now), by=editor, now=now)


def told():
    """The parts that readers of a text with claims must be told, in a body and by their headings."""
    whole = builders.treatment_content()
    return {name: whole[name] for name in ("body", "parts")}


def a_treatment(now):
    return builders.treatment("cells", now=now).pk


def rows(*claims, total=None):
    """The rows of the form as a browser sends them; each a dictionary of the boxes that were filled in."""
    sent = {"claims-TOTAL_FORMS": total or len(claims), "claims-INITIAL_FORMS": 0}
    for number, written in enumerate(claims):
        sent |= {f"claims-{number}-{box}": value for box, value in written.items()}
    return sent


def as_typed(claim, **changes):
    boxes = {box: "" if value is None else value for box, value in claim.items()}
    return boxes | {"sources": " ".join(claim["sources"])} | changes


def save(client, draft, *claims, opened=None, **changes):
    opened = opened or client.get(page(draft.subject))
    return client.post(page(draft.subject), typed(opened) | rows(*claims) | changes)


def stored(draft):
    draft.refresh_from_db()
    return draft.claims


# --- Kept ---------------------------------------------------------------------------------------


def test_a_claim_is_stored_as_it_was_typed(client, draft):
    claim = as_typed(
        draft.claims[0],
        direction="benefit",
        count="12",
        of="104",
        group="donor cells",
        other="placebo",
        other_count="0",
        other_of="102",
        sources="trial-1, [@trial-2]  trial-1",
        caveat="It missed\r\nits measure.",
    )
    assert save(client, draft, claim).status_code == 302
    assert stored(draft) == [
        HARM
        | {
            "direction": "benefit",
            "treatment": a_claimed(draft),
            "count": 12,
            "of": 104,
            "group": "donor cells",
            "other": "placebo",
            "other_count": 0,
            "other_of": 102,
            "sources": ["trial-1", "trial-2"],
            "caveat": "It missed its measure.",
        }
    ]


def a_claimed(draft):
    return draft.claims[0]["treatment"]


def test_the_page_shows_each_claim_and_two_blank_rows(client, draft):
    claims = shown(client.get(page(draft.subject))).claims
    assert [row["sentence"].value() for row in claims] == ["Two people died.", None, None]
    assert claims.forms[0]["sources"].value() == "trial-1"


def test_a_page_without_rows_leaves_the_claims_as_they_are(client, draft):
    before = stored(draft)
    client.post(page(draft.subject), typed(client.get(page(draft.subject)), title="New"))
    assert (stored(draft), draft.title) == (before, "New")


def test_blank_rows_are_no_claims_and_no_change(client, draft):
    save(client, draft, as_typed(draft.claims[0]), {"sentence": "  ", "ORDER": ""})
    assert [action for action, _name, _detail in deeds(draft.subject)] == ["guide.saved"]


def test_claims_stand_in_the_order_that_was_asked_for_without_those_removed(client, draft):
    said = [{"sentence": words, "ORDER": place} for words, place in (("A.", "3"), ("B.", "1"), ("C.", "2"))]
    said[2]["DELETE"] = "on"
    save(client, draft, *said)
    assert [claim["sentence"] for claim in stored(draft)] == ["B.", "A."]


def test_a_treatment_speaks_of_itself_in_its_claims(client, now, editor, treatment):
    builders.draft(treatment, by=editor, now=now, claims=[HARM])
    response = client.get(reverse("admin:articles_treatment_change", args=[treatment.pk]))
    assert "treatment" not in shown(response).claims.forms[0].fields


def test_needed_parts_and_the_easy_version_are_stored(client, draft):
    said = {
        "part_alternatives": "The risks",
        "easy_summary": "Short.",
        "easy_body": "<p>Cells are <script>x</script>new.</p>",
    }
    save(client, draft, **said)
    draft.refresh_from_db()
    assert (draft.parts, draft.easy_summary) == ({"alternatives": "The risks"}, "Short.")
    assert draft.easy_body == "<p>Cells are new.</p>"


# --- More rows ----------------------------------------------------------------------------------


def test_more_rows_save_nothing_and_keep_all_that_was_typed(client, draft):
    opened = client.get(page(draft.subject))
    sent = typed(opened, title="Typed", more="1") | rows({"sentence": "A.", "count": "many"}, {}, {"of": "9"})
    del sent["save"]
    response = client.post(page(draft.subject), sent)
    form = shown(response)
    assert (response.status_code, response.context_data["errors"]) == (200, [])
    assert (form["title"].value(), form["opened"].value()) == ("Typed", sent["opened"])
    assert [(row["sentence"].value(), row["count"].value(), row["of"].value()) for row in form.claims] == [
        ("A.", "many", ""),
        ("", "", "9"),
        *[(None, None, None)] * 6,
    ]
    draft.refresh_from_db()
    assert draft.title == "Risks in plain words"


@pytest.mark.parametrize(("total", "then"), [(3, 8), (8, 13), (22, MOST_CLAIMS), (MOST_CLAIMS, MOST_CLAIMS)])
def test_each_time_five_more_rows_come_up_to_the_limit_which_is_said(client, draft, total, then):
    sent = typed(client.get(page(draft.subject)), more="1") | rows({"sentence": "A."}, total=total)
    response = client.post(page(draft.subject), sent)
    assert len(shown(response).claims.forms) == then
    assert "A text holds 24 claims at most." in response.text


def test_a_count_of_rows_that_is_none_is_no_row(client, draft):
    sent = typed(client.get(page(draft.subject)), more="1") | {"claims-TOTAL_FORMS": "9" * 5000}
    assert len(shown(client.post(page(draft.subject), sent)).claims.forms) == 5


def test_the_page_of_a_new_guide_keeps_its_rows_too(client, editor):
    address = reverse("admin:articles_guide_add")
    sent = typed(more="1", slug="new-one") | rows({"sentence": "A."})
    form = shown(client.post(address, sent))
    assert (form["slug"].value(), form.claims.forms[0]["sentence"].value()) == ("new-one", "A.")


# --- Refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("box", "wrong", "message"),
    [
        ("other_of", "9" * 5000, "Claim 1, of how many: Write 80 signs at most; these are 5000."),
        (
            "direction",
            "miracle",
            "Claim 1, This is a: Select a valid choice. miracle is not one of the available choices.",
        ),
        (
            "treatment",
            "9" * 30,
            f"Claim 1, Treatment: Select a valid choice. {'9' * 30} is not one of the available choices.",
        ),
        ("sentence", "\0", "Claim 1, In one sentence: Null characters are not allowed."),
    ],
)
def test_a_claim_that_cannot_be_is_told_at_its_box_and_kept(client, draft, box, wrong, message):
    response = save(client, draft, as_typed(draft.claims[0]) | {box: wrong}, title="Typed")
    assert response.status_code == 422
    assert response.context_data["errors"] == [(f"id_claims-0-{box}", message)]
    assert shown(response).claims.forms[0][box].value() == wrong
    assert shown(response)["title"].value() == "Typed"
    draft.refresh_from_db()
    assert draft.title == "Risks in plain words"


NO_NUMBER = "This is no number of people. Write a whole number, such as 104."


@pytest.mark.parametrize("box", ["count", "of", "other_count", "other_of"])
@pytest.mark.parametrize("typed_in", ["a few", "12 of 104", "-1", "1,204", "9" * 11, "1_000"])
def test_a_draft_keeps_a_bad_number_as_it_was_typed_and_says_so_at_its_box(client, draft, box, typed_in):
    saved = save(client, draft, as_typed(draft.claims[0]) | {box: typed_in})
    assert (saved.status_code, stored(draft)[0][box]) == (302, typed_in)
    opened = shown(client.get(page(draft.subject))).claims.forms[0]
    assert (opened[box].value(), opened[box].errors) == (typed_in, [NO_NUMBER])


def test_more_people_than_there_were_are_kept_and_told_at_their_box(client, draft):
    assert save(client, draft, as_typed(draft.claims[0], count="30")).status_code == 302
    assert (stored(draft)[0]["count"], stored(draft)[0]["of"]) == (30, 23)
    opened = shown(client.get(page(draft.subject))).claims.forms[0]
    assert opened.errors == {"count": ["This is more than all of them (23)."]}


def test_a_bad_number_is_a_check_and_stops_the_submitting_only(client, draft):
    refused = save(client, draft, as_typed(draft.claims[0], count="a few"), submit="1")
    place, said = ("claim-1", "Claim 1: “a few” is no number of people. Write a whole number, such as 104.")
    assert (refused.status_code, refused.context_data["errors"].count((place, said))) == (422, 1)
    assert shown(refused).claims.forms[0].errors == {"count": [NO_NUMBER]}
    assert (stored(draft)[0]["count"], draft.state) == ("a few", State.DRAFT)
    told = client.get(page(draft.subject)).context_data["checks"]
    assert [str(check.problem) for check in told if check.anchor == place] == [said]


def test_a_bad_number_is_told_beside_what_does_stop_the_saving(client, draft):
    response = save(client, draft, as_typed(draft.claims[0], count="a few"), title="")
    assert response.status_code == 422
    assert response.context_data["errors"] == [
        ("id_title", "Title: Give it a title."),
        ("id_claims-0-count", f"Claim 1, People it happened to: {NO_NUMBER}"),
    ]


def test_a_version_tells_a_bad_number_as_it_was_typed(client, draft):
    save(client, draft, as_typed(draft.claims[0], count="a few", of=""))
    assert "Two people died. a few of – people." in claim_lines(stored(draft))[0]


def test_the_figures_of_a_claim_stand_apart_from_words_that_run_the_other_way():
    (line,) = claim_lines([HARM | {"sentence": "توفي شخصان."}])
    assert line.startswith("Harm: \u2068توفي شخصان.\u2069 2 of 23 people.")


def test_a_place_that_is_none_leaves_the_claim_where_it_was_and_says_so(client, draft):
    said = [
        {"sentence": words, "ORDER": place} for words, place in (("A.", "2"), ("B.", "first"), ("C.", "1"))
    ]
    saved = save(client, draft, *said)
    assert [claim["sentence"] for claim in stored(draft)] == ["C.", "A.", "B."]
    told = "Claim 2: “first” is no place in the order. Write a whole number, such as 1."
    assert told in client.get(saved.url).text


def test_an_address_typed_as_a_source_is_kept_for_mending(client, draft):
    address = f"https://example.org/{'a' * 200}"
    assert save(client, draft, as_typed(draft.claims[0], sources=address)).status_code == 302
    assert stored(draft)[0]["sources"] == [address]


def test_no_more_claims_than_a_form_holds(client, draft):
    response = save(client, draft, *({"sentence": f"Claim {number}."} for number in range(MOST_CLAIMS + 1)))
    assert response.status_code == 422
    assert response.context_data["errors"] == [("claims", f"No more than {MOST_CLAIMS} claims fit.")]


@pytest.mark.parametrize("junk", ["", "x", "-1", "\0"])
def test_rows_that_nobody_can_count_are_told(client, draft, junk):
    response = save(client, draft, **{"claims-TOTAL_FORMS": junk})
    assert response.status_code == 422
    assert response.context_data["errors"] == [
        ("claims", "The claims did not arrive whole. Send the page again.")
    ]


# --- Two editors, versions ----------------------------------------------------------------------


def test_a_colleague_s_claims_are_shown_beside_those_that_were_typed(client, now, draft, colleague):
    opened = client.get(page(draft.subject))
    theirs = [draft.claims[0] | {"sentence": "Three people died."}]
    publishing.save_draft(draft.subject, {"claims": theirs}, by=colleague, now=now + SECOND)
    mine = as_typed(draft.claims[0], sentence="Some people died.")
    refused = save(client, draft, mine, opened=opened)
    assert refused.status_code == 409
    assert differing(refused.context_data["meanwhile"]) == {"claims": (["Three "], ["Some "])}
    assert shown(refused).claims.forms[0]["sentence"].value() == "Some people died."
    assert stored(draft) == theirs


def test_a_version_tells_its_claims_in_words_and_is_restored_with_them(client, now, editor, draft):
    publishing.discard(draft, by=editor, now=now)
    response = client.get(reverse("admin:articles_guide_revision", args=[draft.subject_id, draft.number]))
    claims = next(passage.claims for passage in response.context_data["text"] if passage.label == "claims")
    assert [words for words, _sources in claims] == [f"{IN_WORDS}Treatment: cells. Sources: trial-1."]
    client.post(step(draft, "restore"))
    assert draft.subject.revisions.first().claims == draft.claims


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_the_page_costs_the_same_with_one_claim_and_with_twenty(client, now, editor, kind):
    costs = []
    about = builders.treatment("about", now=now).pk if kind == "guide" else None
    claim = HARM | {"treatment": about}
    for number in (1, 20):
        subject = getattr(builders, kind)(f"text-{number}", now=now)
        for version in range(number):
            said = told() | {"claims": [claim] * number, "title": str(version)}
            last = builders.draft(subject, by=editor, now=now, **said)
            publishing.submit(last, by=editor, now=now)
            publishing.take_back(last, by=editor, now=now)
        builders.draft(subject, by=editor, now=now, claims=[claim] * number)
        address = reverse(f"admin:articles_{kind}_change", args=[subject.pk])
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        costs.append(len(asked))
    assert costs[0] == costs[1]


# --- The gate on the page -----------------------------------------------------------------------


def problems_of(response):
    return [(check.problem.code, check.anchor) for check in response.context_data["checks"]]


def test_checks_lead_to_their_field_what_blocks_first(client, now, editor, draft):
    few = told() | {"key_points": ["One."], "claims": [draft.claims[0] | {"sources": []}]}
    publishing.save_draft(draft.subject, few, by=editor, now=now + SECOND)
    response = client.get(page(draft.subject))
    assert problems_of(response) == [("claim_without_source", "claim-1"), ("few_key_points", "id_key_points")]
    assert '<a href="#claim-1">Claim 1</a>' in response.content.decode()


def test_nothing_stands_in_the_way_of_a_sound_text(client, plain):
    assert "Nothing stands in the way." in client.get(page(plain.subject)).content.decode()


def test_a_warning_needs_a_reason_beside_the_button(client, now, plain):
    opened = client.get(page(plain.subject))
    sent = typed(opened, key_points="One.", submit="1", **{FEW: ""})
    refused = client.post(page(plain.subject), sent)
    plain.refresh_from_db()
    assert (refused.status_code, plain.state, plain.key_points) == (422, State.DRAFT, ["One."])
    assert [field for field, _message in refused.context_data["errors"]] == [f"id_{FEW}"]
    reasons = {FEW: "There is one point only."}
    client.post(page(plain.subject), typed(refused, key_points="One.", submit="1", **reasons))
    plain.refresh_from_db()
    assert (plain.state, plain.overrides[0]["reason"]) == (State.IN_REVIEW, "There is one point only.")


def test_reasons_are_kept_when_something_else_stands_in_the_way(client, plain):
    opened = client.get(page(plain.subject))
    body = "<p>All is well [@nobody].</p>"
    sent = typed(opened, key_points="One.", body=body, submit="1", **{FEW: "Because."})
    refused = client.post(page(plain.subject), sent)
    assert refused.context_data["reasons"][FEW].value() == "Because."


# --- Approving ----------------------------------------------------------------------------------


@pytest.fixture
def with_a_warning(client, now, editor, plain, reviewer):
    short = publishing.save_draft(plain.subject, {"key_points": ["One."]}, by=editor, now=now)
    publishing.submit(
        short, by=editor, now=now, reasons=builders.why(short, {"few_key_points": "There is one only."})
    )
    client.force_login(reviewer)
    return short


def test_no_question_is_answered_before(client, with_a_warning):
    form = client.get(page(with_a_warning.subject)).context_data["offers"][0].form
    asked = [question for group in form.groups for question in group.questions]
    assert [(q.score.value(), q.where.value()) for q in asked] == [(None, None)] * 15


def test_a_reviewer_agrees_to_what_was_left_standing(client, with_a_warning):
    refused = client.post(step(with_a_warning, "approve"), approving())
    assert refused.context_data["errors"] == [
        (
            "id_approve-agrees",
            "I agree that these may stand: "
            "Tick this if you agree with the reasons; otherwise ask for changes.",
        )
    ]
    assert "There is one only." in refused.content.decode()
    client.post(step(with_a_warning, "approve"), approving(agrees="on"))
    with_a_warning.refresh_from_db()
    assert (with_a_warning.state, with_a_warning.discern_total) == (State.APPROVED, 60)


@pytest.fixture
def retracted_meanwhile(client, now, editor, plain, reviewer):
    """In review; what it cites was retracted since it was submitted."""
    text = publishing.submit(plain, by=editor, now=now)
    source = text.cited.get()
    sources.change(source, {"state": "retracted"}, reason="The journal says so.", by=editor, now=now + SECOND)
    client.force_login(reviewer)
    return text


def test_what_came_up_during_the_review_is_asked_of_the_reviewer(client, retracted_meanwhile):
    text = retracted_meanwhile
    refused = client.post(step(text, "approve"), approving())
    text.refresh_from_db()
    assert (refused.status_code, text.state) == (422, State.IN_REVIEW)
    (asked,) = refused.context_data["offers"][0].form.warnings_new
    assert refused.context_data["errors"] == [
        (
            asked.auto_id,
            "Why this may stay. Under “The risks”: The source “trial-1” was retracted.: "
            "Say why this may stay, or have the text mended.",
        )
    ]
    name = asked.html_name.removeprefix("approve-")
    client.post(step(text, "approve"), approving(**{name: "It speaks of harm alone."}))
    text.refresh_from_db()
    assert (text.state, text.overrides[0]["reason"]) == (State.APPROVED, "It speaks of harm alone.")


def test_too_low_a_score_is_told_at_its_question_and_kept(client, with_a_warning):
    said = approving(agrees="on", risks_score="2", aims_where="The summary")
    refused = client.post(step(with_a_warning, "approve"), said)
    assert [field for field, _message in refused.context_data["errors"]] == ["id_approve-risks_score_0"]
    form = refused.context_data["offers"][0].form
    assert (form["risks_score"].value(), form["aims_where"].value()) == ("2", "The summary")
    with_a_warning.refresh_from_db()
    assert (with_a_warning.state, with_a_warning.discern) == (State.IN_REVIEW, [])


def test_a_place_that_is_not_in_the_text_is_told_beside_its_question(client, with_a_warning):
    said = approving(agrees="on", aims_where="The beginning", dates_where="in it")
    refused = client.post(step(with_a_warning, "approve"), said)
    told = "This is no heading of the text and no words of it. Copy a heading, or three words in a row."
    assert (refused.status_code, refused.context_data["errors"]) == (
        422,
        [
            ("id_approve-aims_where", f"Where in the text, question 1: {told}"),
            ("id_approve-dates_where", f"Where in the text, question 5: {told}"),
        ],
    )
    form = refused.context_data["offers"][0].form
    assert (form["aims_where"].errors, form["aims_where"].value()) == ([told], "The beginning")


def test_a_reason_that_is_too_short_is_told_at_its_box_and_kept(client, plain):
    opened = client.get(page(plain.subject))
    refused = client.post(page(plain.subject), typed(opened, key_points="One.", submit="1", **{FEW: "Fine."}))
    plain.refresh_from_db()
    assert (refused.status_code, plain.state) == (422, State.DRAFT)
    assert refused.context_data["errors"] == [(f"id_{FEW}", f"The key points: {TOO_SHORT}")]
    field = refused.context_data["reasons"][FEW]
    assert (field.value(), field.errors) == ("Fine.", [TOO_SHORT])


def test_a_reviewer_s_short_reason_is_told_at_its_box_and_kept(client, retracted_meanwhile):
    text = retracted_meanwhile
    (asked,) = client.get(page(text.subject)).context_data["offers"][0].form.warnings_new
    name = asked.html_name.removeprefix("approve-")
    refused = client.post(step(text, "approve"), approving(**{name: "Fine."}))
    text.refresh_from_db()
    assert (refused.status_code, text.state) == (422, State.IN_REVIEW)
    field = refused.context_data["offers"][0].form[name]
    assert (field.value(), field.errors) == ("Fine.", [TOO_SHORT])
    assert [field for field, _message in refused.context_data["errors"]] == [asked.auto_id]


@pytest.fixture
def live(client, now, reviewer):
    """What a reviewer who is signed in may confirm or withdraw."""
    client.force_login(reviewer)
    return builders.published(builders.guide("other", now=now), now=now)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("confirm", TOO_SHORT),
        ("withdraw", f"{LEAST} Write what readers would be told wrongly, or what changed."),
    ],
)
def test_a_short_reason_for_a_step_with_a_live_text_is_told_at_its_box_and_kept(client, live, name, told):
    refused = client.post(step(live, name), {f"{name}-reason": "Fine.", f"{name}-next_review_on": ""})
    (form,) = (o.form for o in refused.context_data["offers"] if o.step.name == name)
    assert (refused.status_code, form["reason"].value(), form["reason"].errors) == (422, "Fine.", [told])
    live.refresh_from_db()
    assert (live.withdrawn_at, live.subject.live_revision) == (None, live)


def test_the_version_tells_its_score_and_its_day(client, now, editor):
    approved = builders.approved(builders.guide("other", now=now), now=now)
    html = client.get(
        reverse("admin:articles_guide_revision", args=[approved.subject_id, 1])
    ).content.decode()
    assert "60 of 75, scored on 20 November 2026 by Dr R. Reviewer, neurologist" in html


# --- Confirming and comparing -------------------------------------------------------------------


def confirming(client, live):
    """What a browser sends from the page as it is now, with a reason."""
    form = client.get(page(live.subject)).context_data["offers"][0].form
    filled_in = {f"confirm-{name}": form[name].value() or "" for name in form.fields}
    return filled_in | {"confirm-reason": "No newer trial."}


def test_a_reviewer_confirms_a_live_text(client, live, reviewer):
    client.post(step(live, "confirm"), confirming(client, live))
    live.refresh_from_db()
    confirmed = live.confirmations.get()
    assert (confirmed.reason, confirmed.by, confirmed.next_review_on) == (
        "No newer trial.",
        reviewer,
        live.next_review_on,
    )


def test_who_confirms_a_text_whose_evidence_changed_meanwhile_is_told(client, now, live, reviewer):
    said = confirming(client, live)
    source = Source.objects.get(key="trial-1")
    sources.change(source, {"state": "retracted"}, reason="Its journal says so.", by=reviewer, now=now)
    refused = client.post(step(live, "confirm"), said)
    assert (refused.status_code, live.confirmations.count()) == (409, 0)
    client.post(step(live, "confirm"), confirming(client, live))
    assert live.confirmations.count() == 1


def test_who_confirms_on_an_old_page_is_told(client, live):
    said = confirming(client, live)
    refused = client.post(step(live, "confirm"), said | {"confirm-seen": "2026-12-01"})
    assert (refused.status_code, live.confirmations.count()) == (409, 0)


def compare(subject, **asked):
    return reverse("admin:articles_guide_compare", args=[subject.pk]), asked


def test_any_two_versions_are_compared_also_one_set_aside(client, now, editor, draft):
    publishing.discard(draft, by=editor, now=now)
    publishing.save_draft(draft.subject, builders.guide_content(title="Second"), by=editor, now=now)
    response = client.get(*compare(draft.subject, **{"from": 1, "to": 2}))
    comparison = response.context_data["comparison"]
    assert (comparison.before, comparison.after) == ("Version 1: set aside", "Version 2: draft")
    assert differing(comparison)["title"] == (["Risks in plain words"], ["Second"])


@pytest.mark.parametrize("junk", ["", "x", "0", "-1", "7", "9" * 40, "\0", "1.5", "٣"])
def test_junk_in_the_address_of_a_comparison_is_told(client, draft, junk):
    response = client.get(*compare(draft.subject, **{"from": "1", "to": junk}))
    assert (response.status_code, response.context_data["comparison"]) == (422, None)
    assert re.match(
        "On the right: (Choose a|There is no such) version", response.context_data["errors"][0][1]
    )


def test_versions_to_compare_are_told_apart_by_author_and_day(client, now, editor, draft):
    publishing.save_draft(draft.subject, {"title": "Second"}, by=editor, now=now)
    form = client.get(*compare(draft.subject)).context_data["form"]
    assert form.fields["from"].choices == [(1, "Version 1: draft (eda, 20 November 2026)")]


def test_a_comparison_that_is_only_opened_asks_which(client, draft):
    response = client.get(*compare(draft.subject))
    assert (response.status_code, response.context_data["errors"]) == (200, [])


def test_what_changed_under_a_text_stands_on_its_page(client, now, editor):
    live = builders.published(builders.guide("other", now=now), now=now)
    source = live.cited.get()
    sources.change(source, {"state": "retracted"}, reason="The journal says so.", by=editor, now=now)
    response = client.get(page(live.subject))
    flags = response.context_data["flags"]
    assert [(flag.source, flag.from_state, flag.to_state) for flag in flags] == [
        (source, "current", "retracted")
    ]
    assert "Evidence under this text changed" in response.content.decode()


def test_beside_each_claim_stands_what_its_sources_can_bear(client, draft):
    trial = Source.objects.get(key="trial-1")
    said = "trial; compared with: placebo; main measure missed; 126 people; current"
    link = f'<a href="{reverse("admin:articles_source_change", args=[trial.pk])}">'

    def told(response):
        found = re.search(r'<ul class="bears">(.*?)</ul>', response.text, re.DOTALL)
        words = " ".join(re.sub(r"<[^>]+>", "", found[1]).split())
        return link in found[1], words.partition("trial-1: ")[2]

    assert told(client.get(page(draft.subject))) == (True, said)
    GuideRevision.objects.filter(pk=draft.pk).update(state=State.IN_REVIEW)
    assert told(client.get(page(draft.subject))) == (True, said)


def test_what_sources_can_bear_costs_the_same_for_one_claim_and_for_many(client, draft):
    claims = [as_typed(draft.claims[0], sentence=f"Claim {number}.") for number in range(12)]

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(page(draft.subject))
        return len(captured)

    one = queries()
    save(client, draft, *claims)
    assert len(stored(draft)) == 12
    queries()  # shows the message
    assert queries() == one


def folds(response):
    """Of each claim that says something whether it is open, and whether the blank ones are."""
    claims = shown(response).claims
    return [row.is_open for row in claims.filled], claims.adding


def test_saved_claims_are_folded_and_blank_ones_wait_behind_one_fold(client, draft):
    opened = client.get(page(draft.subject))
    assert folds(opened) == ([False], False)
    assert opened.text.count('<details class="claim">') == 1
    (row,) = shown(opened).claims.filled
    assert row.sentence == "Harm: Two people died."


def test_without_a_claim_the_blank_ones_are_open(client, plain):
    assert folds(client.get(page(plain.subject))) == ([], True)


def test_what_is_typed_and_not_saved_is_open_and_the_rest_is_folded(client, draft):
    stored_one, new = as_typed(draft.claims[0]), as_typed(draft.claims[0], sentence="New.")
    both = rows(stored_one, new)
    opened = client.get(page(draft.subject))
    refused = client.post(page(draft.subject), typed(opened, title="", **both))
    assert folds(refused) == ([False, True], False)
    more = client.post(page(draft.subject), typed(opened, more="1", **both))
    assert folds(more) == ([False, True], True)
    changed = client.post(page(draft.subject), typed(opened, title="", **rows(new)))
    assert folds(changed) == ([True], False)


def test_a_claim_with_an_error_is_open(client, draft):
    refused = save(client, draft, as_typed(draft.claims[0], count="200"), title="")
    assert folds(refused) == ([True], False)


def test_a_key_without_a_source_is_told_on_saving_and_kept(client, draft):
    saved = save(client, draft, as_typed(draft.claims[0], sources="trial-1 nobody-2020 <b>"))
    assert stored(draft)[0]["sources"] == ["trial-1", "nobody-2020", "<b>"]
    assert "Claim 1: there is no source with the key nobody-2020, &lt;b&gt;." in client.get(saved.url).text
