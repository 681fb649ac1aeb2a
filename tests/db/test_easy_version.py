"""The easy version of a guide: its own address, plain links both ways, and how readers find it."""

import pytest
from django.conf import settings
from django.utils import timezone

from articles import pages, publishing, subjects
from tests import builders
from tests.pages import links, parts, text_of

pytestmark = pytest.mark.django_db
FULL, EASY = "/guides/risks/", "/guides/risks/easy/"
BODY = "<h2>Cells</h2><p>Cells are small.</p><h2>Harm</h2><p>Two people died [@trial-1].</p>"
TEXT = builders.told("<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>")
IN_EASY_WORDS = {"easy_summary": "What can go wrong.", "easy_body": BODY}


@pytest.fixture
def now():
    """Pages ask the clock, so what they show is written today."""
    return timezone.now()


@pytest.fixture
def guide(now):
    guide = builders.guide("risks", now=now)
    builders.published(guide, now=now, **IN_EASY_WORDS)
    return guide


def test_the_easy_version_has_its_own_words_and_says_when_they_were_checked(client, guide, now):
    response = client.get(EASY)
    assert response.status_code == 200
    assert parts(response, "h1") == ["Risks in plain words"]
    assert parts(response, ".easy-summary") == ["What can go wrong."]
    assert parts(response, ".prose") == ["Cells Cells are small. Harm Two people died."]
    assert parts(response, ".easy-contents li") == ["Cells", "Harm"]
    assert links(response, ".references a")[:1] == ["/evidence/trial-1/"]
    assert f"Checked on {now.day} {now:%B %Y}." in text_of(response)
    assert "Two of 23 people died" not in text_of(response)


def test_it_draws_one_claim_of_each_direction_in_figures_only_and_leads_to_its_words(client, now):
    rare = builders.written_claim()
    other = builders.written_claim(count=3)
    same = builders.written_claim(
        direction="no_effect", count=12, of=104, other="placebo", other_count=10, other_of=102
    )
    guide = builders.guide("risks", now=now)
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    claims = [claim | {"treatment": treatment.pk} for claim in (same, rare, other)]
    builders.published(guide, now=now, claims=claims, **IN_EASY_WORDS | TEXT)
    response = client.get(EASY)
    assert parts(response, ".easy-figures .claim-direction") == ["Harm", "No clear effect"]
    assert parts(response, ".easy-figures strong") == [
        "2 of 23 people",
        "12 of 104 people",
        "10 of 102 people",
    ]
    assert links(response, ".easy-figures a") == [f"{FULL}#claim-2", f"{FULL}#claim-1"]


def easy(client, now, body):
    claim = builders.written_claim()
    guide, treatment = builders.guide("risks", now=now), builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    claims = [claim | {"treatment": treatment.pk}]
    builders.published(guide, now=now, easy_summary="Harm.", easy_body=body, claims=claims, **TEXT)
    return client.get(EASY)


def test_where_the_words_tell_how_many_people_a_picture_stands_and_not_once_more_below(client, now):
    body = "<h2>Harm</h2><p>In a test, <b>2 of 23</b> people died [@trial-1].</p><p>It was sad.</p>"
    response = easy(client, now, body)
    assert parts(response, ".prose > *") == [
        "Harm",
        "In a test, 2 of 23 people died.",
        "Each small figure is a person. It happened to the filled ones. 2 of 23 people",
        "It was sad.",
    ]
    assert parts(response, ".easy-figures") == []
    assert len(parts(response, "#people-filled")) == 1


def test_in_a_list_it_stands_in_the_item_and_only_the_first_says_what_the_figures_are(client, now):
    body = (
        "<ul><li>With cells, 2 of 23 people [@trial-1].</li><li>Without, 3 of 23 people [@trial-1].</li></ul>"
    )
    assert parts(easy(client, now, f"<h2>Harm</h2>{body}"), ".prose li .told") == [
        "Each small figure is a person. It happened to the filled ones. 2 of 23 people",
        "3 of 23 people",
    ]


def test_two_groups_in_one_paragraph_stand_side_by_side_on_one_scale(client, now):
    body = "<h2>Harm</h2><p>It was 12 of 104 people. It was 40 of 80 people [@trial-1].</p>"
    assert parts(easy(client, now, body), ".told figcaption") == [
        "12 of 104 people Drawn as about 12 of every 100.",
        "40 of 80 people Drawn as 50 of every 100.",
    ]


def test_a_claim_that_no_words_of_it_tell_is_drawn_below(client, now):
    response = easy(client, now, "<h2>Harm</h2><p>In a test, 3 of 23 people died [@trial-1].</p>")
    assert parts(response, ".told strong") == ["3 of 23 people"]
    assert parts(response, ".easy-figures strong") == ["2 of 23 people"]


def test_no_benefit_is_drawn_where_no_harm_can_be():
    helps = builders.written_claim(direction="benefit", count=20, of=50)
    hurts = builders.written_claim(count=None, of=None)
    assert pages.pictured_in([helps, hurts]) == []


def test_one_plain_link_leads_from_each_version_to_the_other(client, guide):
    assert links(client.get(FULL), ".versions a") == [EASY]
    assert links(client.get(EASY), ".versions a") == [FULL]


def test_a_guide_without_one_offers_none_and_its_easy_address_says_so_and_leads_on(client, now):
    builders.published(builders.guide("risks", now=now), now=now)
    assert links(client.get(FULL), ".versions a") == []
    response = client.get(EASY)
    assert response.status_code == 404
    assert parts(response, "h1") == ["There is no easy version of this guide yet"]
    assert links(response, "main a") == [FULL, "/guides/?easy=1"]


def test_the_easy_version_is_its_own_page_to_machines(client, guide):
    assert links(client.get(EASY), 'link[rel="canonical"]') == [settings.SITE_URL + EASY]
    assert links(client.get(EASY), "[hreflang]") == []
    assert links(client.get(FULL), 'link[rel="canonical"]') == [settings.SITE_URL + FULL]


def test_help_for_new_signs_of_a_stroke_is_on_it(client, guide):
    assert links(client.get(EASY), ".easy-emergency a") == ["/emergency/"]


def test_links_to_other_guides_stay_in_easy_words_where_there_are_such(client, now):
    linking = (
        '<h2>Cells</h2><p>Read <a href="/guides/short/">this</a> and <a href="/guides/long/">that</a>.</p>'
    )
    short, long, guide = (builders.guide(slug, now=now) for slug in ("short", "long", "risks"))
    builders.published(short, now=now, **IN_EASY_WORDS)
    builders.published(long, now=now)
    guide.related.add(short, long)
    builders.published(guide, now=now, easy_summary="Two more.", easy_body=linking)
    response = client.get(EASY)
    assert links(response, ".prose a") == ["/guides/short/easy/", "/guides/long/"]
    assert links(response, "[aria-labelledby=related] a") == ["/guides/long/", "/guides/short/easy/"]
    assert links(client.get(FULL), "[aria-labelledby=related] a") == ["/guides/long/", "/guides/short/"]


def test_at_an_old_address_it_leads_to_the_easy_version_at_the_new_one(client, guide, now):
    subjects.rename(guide, slug="harms", by=guide.revisions.get().author, now=now)
    response = client.get(EASY)
    assert (response.status_code, response["Location"]) == (301, "/guides/harms/easy/")


def test_of_a_withdrawn_guide_it_is_gone_too(client, guide, now):
    revision = guide.revisions.get()
    publishing.withdraw(revision, reason="Its source was retracted.", by=revision.author, now=now)
    assert client.get(EASY).status_code == 410


def test_there_is_none_of_what_was_never_published(client, now):
    builders.guide("risks", now=now)
    assert client.get(EASY).status_code == 404


def test_it_sets_no_cookie_and_runs_no_script(client, guide):
    response = client.get(EASY)
    assert response.cookies == {}
    assert parts(response, "script") == []


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Easy", "Long"]),
        ("?easy=1", ["Easy"]),
        ("?easy=2", ["Easy", "Long"]),
        ("?easy=", ["Easy", "Long"]),
    ],
)
def test_the_list_marks_guides_with_an_easy_version_and_shows_only_them(client, now, query, titles):
    builders.published(builders.guide("easy-one", now=now), now=now, title="Easy", **IN_EASY_WORDS)
    builders.published(builders.guide("long-one", now=now), now=now, title="Long")
    response = client.get(f"/guides/{query}")
    assert sorted(parts(response, ".card h2")) == titles
    assert links(response, ".card .facts a") == ["/guides/easy-one/easy/"]


def test_it_costs_few_queries_however_many_guides_it_leads_to(client, now, django_assert_max_num_queries):
    guide = builders.guide("risks", now=now)
    others = [builders.guide(f"other-{number}", now=now) for number in range(5)]
    for other in others:
        builders.published(other, now=now, **IN_EASY_WORDS)
    guide.related.add(*others)
    linking = "".join(f'<p><a href="/guides/{other.slug}/">More</a>.</p>' for other in others)
    builders.published(guide, now=now, easy_summary="More.", easy_body=f"<h2>More</h2>{linking}")
    with django_assert_max_num_queries(5):
        response = client.get(EASY)
    assert links(response, ".prose a") == [f"/guides/{other.slug}/easy/" for other in others]
