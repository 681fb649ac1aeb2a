"""Claims as readers see them: direction, people, sources, how sure, what must be said beside them."""

import pytest
from django.utils import timezone

from articles import pages
from articles.models import GlossaryTerm, Source
from portal import roles
from tests import builders
from tests.pages import links, parts, text_of

pytestmark = pytest.mark.django_db
TEXT = builders.told("<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>")
GUIDE, TREATMENT = "/guides/risks/", "/treatments/cells/"


@pytest.fixture
def now():
    """Pages ask the clock, so what they show is written today."""
    return timezone.now()


@pytest.fixture
def cells(now):
    """A treatment with a claim of each direction, in another order than the page has."""
    builders.source("trial-1", plain_title="The first trial, 2024")
    builders.source("trial-2", plain_title="The second trial, 2025", main_measure="met")
    treatment = builders.treatment("cells", now=now)
    claims = [
        builders.written_claim(direction="not_known", sentence="Nobody has counted.", count=None, of=None),
        builders.written_claim(),
        builders.written_claim(
            direction="no_effect",
            sentence="As many walked.",
            count=12,
            of=104,
            other="placebo",
            other_count=10,
            other_of=102,
            how_sure="moderate",
        ),
        builders.written_claim(
            direction="benefit",
            sentence="A few more could use an arm.",
            count=24,
            of=200,
            sources=["trial-2", "trial-1"],
            caveat="The first trial missed its main measure.",
        ),
    ]
    builders.published(treatment, now=now, claims=claims)
    return treatment


def test_claims_stand_in_groups_with_harms_right_after_benefits(client, cells):
    response = client.get(TREATMENT)
    assert parts(response, ".claim-group h3") == ["Benefits", "Harms", "No clear effect", "Not known"]
    assert parts(response, ".claim-direction > .status-shape") == [
        "Benefit",
        "Harm",
        "No clear effect",
        "Not known",
    ]
    assert parts(response, ".claim-sentence") == [
        "A few more could use an arm.",
        "Two people died.",
        "As many walked.",
        "Nobody has counted.",
    ]


def test_a_claim_says_how_sure_it_is_what_its_evidence_lacks_and_where_it_comes_from(client, cells):
    assert parts(client.get(TREATMENT), "#claim-4") == [
        "Benefit How sure: low A few more could use an arm. 24 of 200 people Drawn as 12 of every 100."
        " But: The first trial missed its main measure."
        " Sources 2. The second trial, 2025 1. The first trial, 2024"
    ]


def test_what_the_words_for_how_sure_mean_is_said_once_and_the_surest_first(client, cells):
    response = client.get(TREATMENT)
    assert parts(response, ".sure-levels li") == [
        "Moderate : more studies may change this",
        "Low : more studies will probably change this",
    ]


def test_where_nothing_says_how_sure_it_is_nothing_explains_it(client, now):
    unknown = builders.written_claim(direction="not_known")
    builders.published(builders.treatment("cells", now=now), now=now, claims=[unknown])
    assert parts(client.get(TREATMENT), ".sure-levels") == []


def test_what_is_said_of_several_treatments_stands_once_and_names_them(client, cells, now):
    other = builders.treatment("others", now=now)
    builders.published(other, now=now, title="Other cells")
    claims = [
        builders.written_claim(treatment=cells.pk),
        builders.written_claim(treatment=other.pk),
        builders.written_claim(treatment=other.pk, count=3),
    ]
    builders.published(builders.guide("risks", now=now), now=now, claims=claims, **TEXT)
    response = client.get(GUIDE)
    assert links(response, "#claim-1 .claim-facts a") == [
        "/treatments/cells/",
        "/treatments/others/",
        "#ref-1",
    ]
    assert parts(response, "#claim-1 .claim-facts dt") == ["Treatments", "Source"]
    assert len(parts(response, ".claim")) == 2
    assert len(parts(response, "#claim-1 #claim-2")) == 1


def test_people_are_drawn_and_named_and_two_groups_stand_side_by_side(client, cells):
    response = client.get(TREATMENT)
    assert parts(response, "#claim-3 figcaption") == [
        "12 of 104 people with the treatment Drawn as about 12 of every 100.",
        "10 of 102 people with placebo Drawn as about 10 of every 100.",
    ]
    html = response.content.decode()
    assert html.count('role="img" aria-label="12 of 104 people with the treatment"') == 1
    assert html.count('role="img" aria-label="2 of 23 people"') == 1


@pytest.mark.parametrize(("count", "of", "words"), [(1, 23, "1 of 23 people"), (1, 1, "1 of 1 person")])
def test_one_of_many_is_still_of_many_people(client, now, count, of, words):
    claim = builders.written_claim(count=count, of=of)
    builders.published(builders.treatment("cells", now=now), now=now, claims=[claim])
    assert parts(client.get(TREATMENT), "figcaption") == [words]


def test_a_control_group_is_never_told_as_the_treated_one(client, now):
    groups = {"group": "a placebo instead of cells", "other": "cells"}
    figures = {"count": 10, "of": 102, "other_count": 12, "other_of": 104}
    way = builders.treatment("waiting", now=now)
    builders.published(way, now=now, claims=[builders.written_claim(**groups | figures)])
    response = client.get("/treatments/waiting/")
    assert parts(response, ".claim figcaption strong") == ["10 of 102 people", "12 of 104 people"]
    assert [words.split(" Drawn")[0] for words in parts(response, ".claim figcaption")] == [
        "10 of 102 people with a placebo instead of cells",
        "12 of 104 people with cells",
    ]
    html = response.content.decode()
    assert 'aria-label="10 of 102 people with a placebo instead of cells"' in html


def test_of_what_nobody_knows_no_certainty_is_told(client, cells):
    assert [words for words in parts(client.get(TREATMENT), ".claim") if words.startswith("Not known")] == [
        "Not known Nobody has counted. Source 1. The first trial, 2024"
    ]


def test_trials_of_other_cells_stand_apart_with_what_they_tested(client, cells, now):
    other = builders.treatment("others", now=now)
    builders.published(other, now=now, title="Other cells")
    Source.objects.get(key="trial-1").treatments.set([cells])
    Source.objects.get(key="trial-2").treatments.set([other])
    response = client.get(TREATMENT)
    assert links(response, "[aria-labelledby=trials] th a") == ["/evidence/trial-1/"]
    assert links(response, "[aria-labelledby=other-trials] tbody a") == [
        "/evidence/trial-2/",
        "/treatments/others/",
    ]


def test_what_cannot_be_drawn_honestly_is_said_in_words_only(client, now):
    rare = builders.written_claim(count=1, of=500)
    builders.published(builders.treatment("cells", now=now), now=now, claims=[rare])
    response = client.get(TREATMENT)
    assert parts(response, ".claim svg") == []
    assert parts(response, ".people-words") == ["1 of 500 people"]


def test_sources_of_claims_are_references_that_lead_back_to_them(client, cells):
    response = client.get(TREATMENT)
    assert links(response, "#claim-4 .claim-facts a") == ["#ref-2", "#ref-1"]
    assert links(response, "#ref-2 .uses a") == ["#claim-4"]
    assert links(response, "#ref-1 .uses a") == ["#cite-1-1", "#claim-1", "#claim-2", "#claim-3", "#claim-4"]


def test_a_claim_in_a_guide_names_its_treatment_and_leads_there(client, cells, now):
    builders.published(
        builders.guide("risks", now=now), now=now, claims=[builders.written_claim(treatment=cells.pk)], **TEXT
    )
    response = client.get(GUIDE)
    assert links(response, "#claim-1 .claim-facts a") == ["/treatments/cells/", "#ref-1"]
    assert "Treatment Neural stem cells" in parts(response, "#claim-1")[0]
    assert parts(response, ".contents-wide li") == [
        "The risks",
        "Without the cells",
        "Your other choices",
        "What is not known",
        "What studies found",
        "Questions to ask",
        "References",
    ]


def test_a_claim_about_a_treatment_without_a_live_page_leads_nowhere(client, cells, now):
    unwritten = builders.treatment("unwritten", now=now)
    builders.published(
        builders.guide("risks", now=now),
        now=now,
        claims=[builders.written_claim(treatment=unwritten.pk)],
        **TEXT,
    )
    response = client.get(GUIDE)
    assert links(response, "#claim-1 .claim-facts a") == ["#ref-1"]
    assert "unwritten" not in text_of(response)


def test_a_guide_with_claims_on_many_treatments_still_costs_six_queries(
    client, now, django_assert_max_num_queries
):
    guide = builders.guide("risks", now=now)
    claims = []
    for number in range(4):
        treatment = builders.treatment(now=now)
        builders.published(treatment, now=now)
        source = builders.source(f"under-{number}")
        claims.append(builders.written_claim(treatment=treatment.pk, sources=[source.key, "trial-1"]))
    guide.treatments.add(treatment)
    builders.published(guide, now=now, claims=claims, **TEXT)
    with django_assert_max_num_queries(6):
        response = client.get(GUIDE)
    assert len(parts(response, ".claim")) == 4
    assert len(parts(response, ".references > li")) == 5


def test_unfinished_claims_of_a_draft_are_left_out_of_its_preview(cells, now):
    editor = builders.staff(roles.EDITOR)
    unfinished = [
        {},
        builders.written_claim(sentence=""),
        builders.written_claim(direction="", sources=["no-such-source"]),
        builders.written_claim(sources=["no-such-source"], how_sure="", of=None),
    ]
    draft = builders.draft(cells, by=editor, now=now, claims=unfinished)
    page = pages.treatment_page(draft, today=now.date(), preview=True)
    ((direction, (claim,)),) = page["groups"]
    assert (direction, claim.backing, claim.figures, claim.sure) == ("harm", (), (), "")


def test_whatever_is_written_in_claims_sources_and_words_is_text_and_not_html(client, now):
    hostile = "<b>\"'&</b>"
    builders.source("trial-1", title=f"Title {hostile}", plain_title=f"Name {hostile}", publisher=hostile)
    GlossaryTerm.objects.create(term=f"people {hostile}", also=["people"], explanation=f"Means {hostile}")
    claim = builders.written_claim(
        sentence=f"Said {hostile}", caveat=hostile, other=hostile, other_count=1, other_of=20
    )
    builders.published(builders.treatment("cells", now=now), now=now, claims=[claim], **TEXT)
    response = client.get(TREATMENT)
    assert parts(response, ".claim b, .references b, .words b, .contents b") == []
    assert parts(response, ".words dd[id]") == [f"Means {hostile}"]
    assert parts(response, ".claim-sentence") == [f"Said {hostile}"]
    assert parts(response, ".claim-caveat") == [f"But: {hostile}"]
    assert parts(response, "figcaption:last-child")[-1] == f"1 of 20 people with {hostile}"
    assert parts(response, ".claim-facts dd:last-child")[-1] == f"1. Name {hostile}"
    assert parts(response, "#ref-1 > a") == [f"Title {hostile}"]


# --- What a weak benefit lacks ------------------------------------------------------------------

WEAK = "The trials under this missed the goal that they had set themselves."
EVASIVE = "We are very glad about this."


def test_what_the_trials_under_a_benefit_lack_is_said_whatever_an_editor_wrote(client, now):
    benefit = builders.written_claim(direction="benefit", sentence="More people walked.", caveat=EVASIVE)
    claims = [benefit, builders.written_claim()]
    builders.published(builders.treatment("cells", now=now), now=now, claims=claims)
    assert parts(client.get(TREATMENT), ".claim-caveat") == [f"But: {WEAK} {EVASIVE}"]
    builders.published(builders.treatment("others", now=now), now=now)
    side_by_side = client.get("/treatments/compare/?t=cells&t=others")
    assert f"But: {WEAK} {EVASIVE}" in parts(side_by_side, ".compare-claims p")


def test_it_follows_the_record_of_the_trial(client, cells):
    Source.objects.update(main_measure="missed")
    assert parts(client.get(TREATMENT), ".claim-caveat") == [
        f"But: {WEAK} The first trial missed its main measure."
    ]
