"""Claims through the verbs: what is stored as typed, what becomes a row, what is refused and where."""

import datetime as dt
from decimal import Decimal

import pytest

from articles import publishing, shapes, texts
from articles.claims import Claim
from articles.models import Frozen, Treatment
from articles.publishing import Refused
from portal import roles
from tests import builders

pytestmark = pytest.mark.django_db
HARM = builders.written_claim()
BENEFIT = {"direction": "benefit", "sentence": "More people could walk.", "how_sure": "low"}


def refused(act):
    """What a verb found: (code, place) of each problem."""
    with pytest.raises(Refused) as refusal:
        act()
    return [(problem.code, problem.place) for problem in refusal.value.problems]


def submitted(subject, editor, now, **changes):
    return publishing.submit(builders.draft(subject, by=editor, now=now, **changes), by=editor, now=now)


# --- As stored ----------------------------------------------------------------------------------


def test_a_claim_is_stored_clean_and_whole(cells, editor, now):
    typed = {"sentence": " Two\x00 died.\ufffe ", "sources": [" trial-1 ", "trial-1", "\x00"], "count": 2}
    draft = publishing.save_draft(cells, {"claims": [typed]}, by=editor, now=now)
    assert draft.claims == [{**shapes.BARE, "sentence": "Two died.", "sources": ["trial-1"], "count": 2}]


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ("a text", [("wrong_shape", "claims")]),
        (None, [("wrong_shape", "claims")]),
        (["a text"], [("wrong_shape", "Claim 1")]),
        ([HARM, {"strange": 1}], [("wrong_shape", "Claim 2")]),
        ([{"\x00": 1}], [("wrong_shape", "Claim 1")]),
        ([{"sentence": 5}], [("wrong_shape", "Claim 1")]),
        ([{"sentence": "x" * 401}], [("too_long", "Claim 1")]),
        ([{"caveat": "x" * 301}], [("too_long", "Claim 1")]),
        ([{"other": "x" * 81}], [("too_long", "Claim 1")]),
        ([{"direction": "wonder"}], [("no_choice", "Claim 1")]),
        ([{"how_sure": "x" * 10_000}], [("no_choice", "Claim 1")]),
        ([{"count": -1}], [("impossible_number", "Claim 1")]),
        ([{"of": 10**30}], [("impossible_number", "Claim 1")]),
        ([{"count": True}], [("wrong_shape", "Claim 1")]),
        ([{"count": 1.5}], [("wrong_shape", "Claim 1")]),
        ([{"count": "x" * 81}], [("too_long", "Claim 1")]),
        ([{"treatment": "12"}], [("wrong_shape", "Claim 1")]),
        ([{"treatment": 10**9}], [("no_choice", "Claim 1")]),
        ([{"treatment": 10**30}], [("impossible_number", "Claim 1")]),
        ([{"sources": "trial-1"}], [("wrong_shape", "Claim 1")]),
        ([{"sources": [1]}], [("wrong_shape", "Claim 1")]),
        ([{"sources": ["x" * 1001]}], [("wrong_shape", "Claim 1")]),
        ([{}] * 61, [("too_many_claims", "claims")]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_claim_is_refused_with_its_place_and_nothing_is_stored(cells, editor, now, claims, found):
    assert refused(lambda: publishing.save_draft(cells, {"claims": claims}, by=editor, now=now)) == found
    assert cells.revisions.count() == 0


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"parts": []}, ("wrong_shape", "where readers find")),
        ({"parts": {"strange": "x"}}, ("no_choice", "where readers find")),
        ({"parts": {"not_known": 5}}, ("wrong_shape", "What is not known")),
        ({"parts": {"not_known": "x" * 301}}, ("too_long", "What is not known")),
        ({"questions": "Why?"}, ("wrong_shape", "questions to ask")),
        ({"key_points": {"a": 1}}, ("wrong_shape", "key points")),
        ({"title": None}, ("wrong_shape", "title")),
        ({"title": ["x"]}, ("wrong_shape", "title")),
        ({"body": None}, ("wrong_shape", "text")),
    ],
    ids=str,
)
def test_what_is_of_another_kind_than_its_field_is_refused(cells, editor, now, content, found):
    assert refused(lambda: publishing.save_draft(cells, content, by=editor, now=now)) == [found]


def test_parts_and_questions_are_stored_clean(cells, editor, now):
    typed = {"parts": {"not_known": " What\x00 is not ", "alternatives": ""}, "questions": ["Who\x00?", " "]}
    draft = publishing.save_draft(cells, typed, by=editor, now=now)
    assert (draft.parts, draft.questions) == ({"not_known": "What is not"}, ["Who?"])


def test_a_picture_is_taken_out_and_the_editor_is_told(cells, editor, now):
    html = "<p>Before</p><p><img src='/cells.png'></p>"
    assert publishing.save_draft(cells, {"body": html}, by=editor, now=now).body == "<p>Before</p>"
    assert texts.losses_in_words(html) == ["Taken out, because texts here do without: pictures."]


# --- As rows ------------------------------------------------------------------------------------


def test_claims_of_a_treatment_become_rows_about_it(cells, editor, now):
    figures = {"count": 2, "of": 23, "other": "placebo", "other_count": 1, "other_of": 22}
    told = [HARM | figures, builders.written_claim(direction="not_known", sentence="How long it lasts.")]
    revision = submitted(cells, editor, now, claims=told)
    assert list(
        revision.claim_rows.values_list(
            *("position", "direction", "sentence", "count", "of", "other", "other_count", "other_of"),
            *("how_sure", "treatment__slug", "source__key", "weakness", "caveat"),
        )
    ) == [
        (1, "harm", "Two people died.", 2, 23, "placebo", 1, 22, "low", "cells", "trial-1", "", ""),
        (2, "not_known", "How long it lasts.", 2, 23, "", None, None, "low", "cells", "trial-1", "", ""),
    ]
    assert (revision.benefits, revision.harms) == (0, 1)


def test_a_guide_says_of_which_treatment_it_speaks(cells, editor, now):
    guide = builders.guide(now=now)
    told = builders.treatment_content(claims=[HARM | {"treatment": cells.pk}])
    content = {name: told[name] for name in ("claims", "parts", "body")}
    revision = submitted(guide, editor, now, **content)
    assert revision.claim_rows.get().treatment == cells


def test_all_sources_of_a_claim_stand_under_it_the_first_before_the_others(cells, editor, now):
    keys = [builders.source(key).key for key in ("second", "first")]
    revision = submitted(cells, editor, now, claims=[HARM | {"sources": keys}])
    claim = revision.claim_rows.get()
    assert (claim.source.key, {source.key for source in claim.sources.all()}) == (
        "second",
        {"first", "second"},
    )
    assert revision.citation_keys == ["trial-1", "second", "first"]
    assert {source.key for source in revision.cited.all()} == {"trial-1", "first", "second"}


@pytest.mark.parametrize(
    ("facts", "weakness"),
    [
        ([("placebo", "met")], ""),
        ([("placebo", "missed"), ("sham", "met")], ""),
        ([("placebo", "missed")], "missed"),
        ([("none", "no_control")], "no_control"),
        ([("none", "missed")], "both"),
        ([("placebo", "missed"), ("none", "no_control")], "both"),
    ],
)
def test_a_benefit_keeps_what_all_its_sources_have_against_them(cells, editor, now, facts, weakness):
    keys = [builders.source(control=control, main_measure=measure).key for control, measure in facts]
    benefit = builders.written_claim(**BENEFIT, sources=keys, caveat="It was not shown.")
    revision = submitted(cells, editor, now, claims=[benefit, HARM])
    assert [claim.weakness for claim in revision.claim_rows.all()] == [weakness, ""]
    assert (revision.benefits, revision.harms) == (1, 1)


def test_rows_never_change(cells, editor, now):
    claim = submitted(cells, editor, now, claims=[HARM]).claim_rows.get()
    with pytest.raises(Frozen):
        claim.save()
    with pytest.raises(Frozen):
        claim.delete()


def test_a_text_submitted_again_states_its_claims_again(cells, now):
    live = builders.published(cells, now=now, claims=[HARM], next_review_on=now.date() + dt.timedelta(days=1))
    again = publishing.submit_again(live, by=builders.staff(roles.EDITOR), now=now)
    assert [row.sentence for row in Claim.objects.filter(treatment_revision=again)] == ["Two people died."]
    assert again.harms == 1


def test_a_restored_text_brings_its_claims(cells, editor, now):
    live = builders.published(cells, now=now, claims=[HARM])
    builders.published(cells, now=now, claims=[])
    assert publishing.restore(live, by=editor, now=now).claims == [HARM]


# --- Refused ------------------------------------------------------------------------------------


def test_the_verb_refuses_a_benefit_without_a_source_and_names_its_place(cells, editor, now):
    draft = builders.draft(cells, by=editor, now=now, claims=[HARM, HARM | BENEFIT | {"sources": []}])
    assert refused(lambda: publishing.submit(draft, by=editor, now=now)) == [
        ("claim_without_source", "Claim 2")
    ]
    draft.refresh_from_db()
    assert (draft.state, Claim.objects.count()) == ("draft", 0)


def test_the_verb_refuses_a_benefit_of_a_trial_that_missed_until_it_says_so(cells, editor, now):
    benefit = HARM | BENEFIT
    draft = builders.draft(cells, by=editor, now=now, claims=[benefit, HARM])
    assert refused(lambda: publishing.submit(draft, by=editor, now=now)) == [
        ("benefit_unsaid_weakness", "Claim 1")
    ]
    said = benefit | {"caveat": "The trial missed its main measure."}
    publishing.save_draft(cells, {"claims": [said, HARM]}, by=editor, now=now)
    assert publishing.submit(draft, by=editor, now=now).state == "in_review"


def test_the_verb_refuses_benefits_without_harms(cells, editor, now):
    met = builders.source(main_measure="met").key
    draft = builders.draft(cells, by=editor, now=now, claims=[HARM | BENEFIT | {"sources": [met]}])
    assert refused(lambda: publishing.submit(draft, by=editor, now=now)) == [
        ("benefits_without_harms", "The claims")
    ]


def test_a_source_retracted_since_the_approval_stops_its_benefit(cells, now):
    met = builders.source(main_measure="met")
    benefit = builders.written_claim(**BENEFIT, sources=[met.key])
    revision = builders.approved(cells, now=now, claims=[benefit, HARM])
    type(met).objects.filter(pk=met.pk).update(state="retracted")
    assert refused(lambda: publishing.publish(revision, by=revision.author, now=now)) == [
        ("benefit_retracted", "Claim 1")
    ]


def test_another_way_than_cells_may_have_no_claims_and_needs_no_facts_of_cells(cells, editor, now):
    Treatment.objects.filter(pk=cells.pk).update(standing="alternative", quote_offered=False)
    cells.refresh_from_db()
    plain = builders.guide_content(title="Waiting")
    draft = publishing.save_draft(cells, plain, by=editor, now=now)
    builders.source("trial-1")
    assert publishing.submit(draft, by=editor, now=now).state == "in_review"


# --- The easy version ---------------------------------------------------------------------------

EASY = {
    "easy_summary": "What can go wrong.",
    "easy_body": "<h2>The risks</h2><p>Two of 23 people died [@easy-1]. A stroke is hard.</p>",
}


def test_the_easy_version_is_rendered_like_the_text(editor, now):
    source = builders.source("easy-1")
    revision = submitted(builders.guide(now=now), editor, now, **EASY)
    assert (revision.easy["contents"], revision.easy["citation_keys"], revision.easy["word_count"]) == (
        [{"id": "the-risks", "text": "The risks", "level": 2}],
        ["easy-1"],
        11,
    )
    assert '<h2 id="the-risks">The risks</h2>' in revision.easy["html"]
    assert (revision.easy["glossary"], revision.easy["grade"]) == ([], None)
    assert source in revision.cited.all()
    assert revision.citation_keys == ["trial-1"]


def test_a_guide_without_an_easy_version_keeps_nothing_of_one(editor, now):
    assert submitted(builders.guide(now=now), editor, now).easy == {}


def test_new_words_are_explained_in_the_easy_version_too(now):
    builders.source("easy-1")
    live = builders.published(builders.guide(now=now), now=now, **EASY)
    texts.GlossaryTerm.objects.create(term="stroke", explanation="Damage to the brain.")
    assert texts.refresh_rendering() == 1
    live.refresh_from_db()
    assert [word["term"] for word in live.easy["glossary"]] == ["stroke"]


def test_a_long_sentence_of_an_easy_version_is_refused_in_its_words(editor, now):
    builders.source("easy-1")
    long = "word " * 15 + "end."
    draft = builders.draft(
        builders.guide(now=now), by=editor, now=now, **EASY | {"easy_body": f"<p>{long} [@easy-1]</p>"}
    )
    with pytest.raises(Refused) as refusal:
        publishing.submit(draft, by=editor, now=now)
    assert str(refusal.value) == (
        "Easy version, the beginning: "
        f"This sentence has more than 15 words: “{long}” Make two sentences of it."
    )


def test_the_grade_of_a_text_is_kept_with_it(editor, now):
    body = "<p>" + "A doctor came. " * 15 + "[@trial-1]</p>"  # 0.39 × 3 + 11.8 × 4/3 − 15.59
    assert submitted(builders.guide(now=now), editor, now, body=body).grade == Decimal("1.3")
