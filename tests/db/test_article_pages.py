import datetime as dt
import gzip
import json
import re
import struct
from html.parser import HTMLParser
from itertools import islice, product
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from articles import pages, publishing, subjects
from articles.models import GlossaryTerm, Guide, Source, Treatment
from portal import roles
from tests import builders
from tests.pages import parts, text_of

pytestmark = pytest.mark.django_db
GUIDE = "/guides/risks/"


@pytest.fixture
def now():
    """Pages ask the clock, so what they show is written today."""
    return timezone.now()


def body_of(number_of_sources):
    """A text that cites this many sources, which are made."""
    keys = [builders.source(f"many-{number}").key for number in range(number_of_sources)]
    return "<h2>The risks</h2>" + "".join(f"<p>A fact [@{key}].</p>" for key in keys)


class Anchors(HTMLParser):
    """Collects ids, and the places on the same page that links lead to."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.targets = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.ids += [attributes["id"]] if "id" in attributes else []
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.targets |= set(attributes.get(name, "").split())
        if attributes.get("href", "").startswith("#"):
            self.targets.add(attributes["href"][1:])


# --- The guide page -----------------------------------------------------------------------------


def test_a_guide_says_who_wrote_and_reviewed_it_and_when(client, guide, now):
    builders.published(guide, now=now)
    response = client.get(GUIDE)
    checked, following = now.date(), now.date() + dt.timedelta(days=182)
    assert response.status_code == 200
    text = text_of(response)
    for words in (
        f"Checked on {checked.day} {checked:%B %Y}",
        f"Next check by {following.day} {following:%B %Y}",
        "Written by E. Editor",
        "Reviewed by Dr R. Reviewer, neurologist",
        "1 minute to read",
        "Key points One point. Two points. Three points.",
        "Questions to ask",
        "Who gives the cells?",
        f"{checked.day} {checked:%B %Y} : first published",
    ):
        assert words in text


def test_a_citation_leads_to_its_reference_and_back(client, guide, now):
    builders.published(guide, now=now, body="<h2>A</h2><p>One [@trial-1]. Two [@trial-1].</p>")
    html = client.get(GUIDE).content.decode()
    assert '<li id="ref-1">' in html
    assert html.count('href="#ref-1"') == 2
    assert [html.count(f'href="#cite-1-{use}"') for use in (1, 2, 3)] == [1, 1, 0]
    assert 'href="/evidence/trial-1/"' in html


def test_every_place_on_the_page_that_is_pointed_at_is_there_once(client, guide, now):
    GlossaryTerm.objects.create(term="people", explanation="Human beings.")
    body = "<h2>Main</h2><p>Two people [@trial-1].</p><h3>References</h3><table><tr><td>a</td></tr></table>"
    builders.published(guide, now=now, body=body)
    anchors = Anchors(client.get(GUIDE).content.decode())
    assert sorted(anchors.ids) == sorted(set(anchors.ids))
    assert anchors.targets <= set(anchors.ids)


def test_a_guide_costs_six_queries_however_many_sources_it_cites(
    client, guide, now, django_assert_max_num_queries
):
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    other = builders.guide(now=now, translation_of=guide)
    builders.published(other, now=now)
    guide.treatments.add(treatment)
    guide.related.add(other)
    guide.topics.add(builders.topic(), builders.topic())
    builders.published(guide, now=now, body=body_of(40))
    with django_assert_max_num_queries(6):
        response = client.get(GUIDE)
    assert response.content.decode().count('<li id="ref-') == 40


def test_a_guide_sets_no_cookie_runs_no_script_and_fetches_nothing_from_elsewhere(client, guide, now):
    builders.published(guide, now=now)
    response = client.get(GUIDE)
    html = response.content.decode()
    assert response.cookies == {}
    assert "cookie" not in response.get("Vary", "").lower()
    assert re.findall(r"<script[^>]*>", html) == ['<script type="application/ld+json">']
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    assert not re.search(r'(?:src|<link [^>]*href)="https?://(?!127\.0\.0\.1)', html)


def test_a_long_guide_and_its_style_weigh_less_than_60_kib(client, guide, now):
    words = " ".join(
        f"We saw {''.join(three)} here." for three in islice(product("aeioubdgkm", repeat=3), 700)
    )
    builders.published(guide, now=now, body=f"{body_of(40)}<p>{words}</p>")
    page = client.get(GUIDE, headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    css = gzip.compress((settings.BASE_DIR / "portal/static/portal/portal.css").read_bytes())
    assert len(page.content) + len(css) < 60 * 1024


def test_machines_are_told_what_the_page_is(client, guide, now):
    builders.published(guide, now=now)
    html = client.get(GUIDE).content.decode()
    graph = json.loads(re.search(r'ld\+json">(.*?)</script>', html).group(1))["@graph"]
    assert [thing["@type"] for thing in graph] == ["MedicalWebPage", "BreadcrumbList"]
    assert graph[0]["reviewedBy"] == {
        "@type": "Person",
        "name": "Dr R. Reviewer, neurologist",
        "jobTitle": "Medical reviewer",
    }
    assert graph[0]["lastReviewed"] == now.date().isoformat()
    assert f'<link rel="canonical" href="{settings.SITE_URL}{GUIDE}">' in html
    assert f'<meta property="og:url" content="{settings.SITE_URL}{GUIDE}">' in html


def test_a_demonstration_says_so_and_claims_no_review_to_machines(client, guide, now):
    builders.published(guide, now=now, demonstration=True)
    html = client.get(GUIDE).content.decode()
    graph = json.loads(re.search(r'ld\+json">(.*?)</script>', html).group(1))["@graph"]
    assert "not yet signed off by a clinician" in html
    assert not {"reviewedBy", "lastReviewed"} & set(graph[0])


def test_the_quote_link_stands_after_the_text_and_names_a_single_treatment(client, guide, now):
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    guide.treatments.add(treatment)
    builders.published(guide, now=now)
    html = client.get(GUIDE).content.decode()
    link = html.index('href="/quote/?treatment=cells"')
    assert html.index("Two of 23 people died") < link


def test_a_guide_of_several_treatments_asks_for_a_quote_without_naming_one(client, guide, now):
    for slug in ("cells", "others"):
        treatment = builders.treatment(slug, now=now)
        builders.published(treatment, now=now)
        guide.treatments.add(treatment)
    builders.published(guide, now=now)
    html = client.get(GUIDE).content.decode()
    assert "?treatment=" not in html.split("<article", 1)[1]


def test_a_treatment_found_in_trials_only_leads_to_trials_and_to_no_quote(client, guide, now):
    treatment = builders.treatment("cells", now=now)
    Treatment.objects.update(quote_offered=False)
    builders.published(treatment, now=now)
    guide.treatments.add(treatment)
    builders.published(guide, now=now)
    for address in (GUIDE, "/treatments/cells/"):
        article = client.get(address).content.decode().split("<article", 1)[1].split("</article>")[0]
        assert 'href="https://trialsearch.who.int/"' in article
        assert "/quote/" not in article


def test_a_guide_asks_for_a_quote_where_one_of_its_treatments_has_one(client, guide, now):
    for slug, offered in (("cells", False), ("others", True)):
        treatment = builders.treatment(slug, now=now)
        Treatment.objects.filter(slug=slug).update(quote_offered=offered)
        builders.published(treatment, now=now)
        guide.treatments.add(treatment)
    builders.published(guide, now=now)
    assert 'href="/quote/"' in client.get(GUIDE).content.decode().split("<article", 1)[1]


def test_a_guide_gives_the_key_points_first_and_what_it_is_filed_under_last(client, guide, now):
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    guide.treatments.add(treatment)
    guide.topics.add(builders.topic(name="Costs"))
    builders.published(guide, now=now)
    html = client.get(GUIDE).content.decode()
    parts = [
        'class="lead"',
        'id="key-points"',
        "Checked on",
        'class="prose"',
        'id="references"',
        '<details class="subjects',
    ]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)
    assert '<a href="/treatments/cells/">' in html[places[-1] :]


def test_a_new_version_does_not_make_an_old_guide_new(guide, now):
    first = builders.published(guide, now=now - dt.timedelta(days=30))
    second = builders.published(guide, now=now, by=first.author)
    graph = json.loads(pages.guide_page(second, today=now.date())["structured"])["@graph"]
    assert [graph[0][name] for name in ("datePublished", "dateModified")] == [
        str(timezone.localdate(revision.published_at)) for revision in (first, second)
    ]


def test_what_is_in_another_language_says_so_wherever_it_is_listed(client, guide, now):
    arabic = builders.guide("arabic", now=now, language="ar")
    builders.published(arabic, now=now, title="Arabic words", summary="More of them.")
    builders.published(guide, now=now)
    guide.related.add(arabic)
    here = ' lang="ar" dir="rtl">'
    assert [
        f"{here}{words}</" in client.get("/guides/").text for words in ("Arabic words", "More of them.")
    ] == [
        True,
        True,
    ]
    assert f"{here}Arabic words</a>" in client.get("/").text
    assert f"{here}Arabic words</a>" in client.get(GUIDE).text


def test_every_page_of_a_list_is_its_own(client, now):
    for number in range(31):
        builders.source(f"source-{number}")
    canonical = {
        query: re.search(r'rel="canonical" href="([^"]+)"', client.get(f"/evidence/{query}").text)[1]
        for query in ("", "?page=1", "?page=2", "?page=99", "?kind=trial&page=2")
    }
    first = f"{settings.SITE_URL}/evidence/"
    assert list(canonical.values()) == [first, first, *[f"{first}?page=2"] * 3]


def test_one_demonstration_in_the_list_is_enough_to_say_that_no_doctor_checked_it(client, guide, now):
    builders.published(builders.guide("shown", now=now), now=now - dt.timedelta(days=9), demonstration=True)
    builders.published(guide, now=now)
    assert "On this demonstration copy that person is not a doctor." in client.get("/guides/").text


@pytest.mark.parametrize("address", [GUIDE, "/treatments/cells/"])
def test_an_overdue_page_says_so_and_loses_its_quote_link(client, guide, now, address):
    treatment = builders.treatment("cells", now=now)
    long_ago = now - dt.timedelta(days=100)
    for subject in (guide, treatment):
        builders.published(subject, now=long_ago, next_review_on=now.date() - dt.timedelta(days=1))
    page = client.get(address).content.decode()
    assert 'class="overdue"' in page
    assert "/quote/" not in page


def test_days_are_those_of_the_clock_on_the_wall_here(guide):
    late = dt.datetime(2026, 11, 20, 20, 0, tzinfo=dt.UTC)
    revision = builders.published(guide, now=late)
    with timezone.override("Asia/Tokyo"):
        structured = pages.guide_page(revision, today=late.date())["structured"]
    graph = json.loads(structured)["@graph"]
    assert (graph[0]["lastReviewed"], graph[0]["datePublished"]) == ("2026-11-21", "2026-11-21")


@pytest.mark.parametrize(
    ("address", "above"),
    [(GUIDE, ("Guides", "/guides/")), ("/treatments/cells/", ("Treatments", "/treatments/"))],
)
def test_machines_are_told_what_stands_above_a_page(client, guide, now, address, above):
    for subject in (guide, builders.treatment("cells", now=now)):
        builders.published(subject, now=now)
    told = re.search(r'<script type="application/ld\+json">(.*?)</script>', client.get(address).text)[1]
    steps = [("Home", "/"), above]
    assert json.loads(told)["@graph"][1:] == [
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": name, "item": settings.SITE_URL + path}
                for place, (name, path) in enumerate(steps, 1)
            ],
        }
    ]


def test_the_day_of_the_next_review_is_not_yet_overdue(guide, now):
    revision = builders.published(guide, now=now, next_review_on=now.date() + dt.timedelta(days=1))
    day = revision.next_review_on
    assert pages.guide_page(revision, today=day)["overdue"] is False
    assert pages.guide_page(revision, today=day + dt.timedelta(days=1))["overdue"] is True


def test_related_guides_and_translations_are_told_apart(client, guide, now):
    related, arabic, draft = (builders.guide(slug, now=now) for slug in ("related", "arabic", "draft"))
    for other, title in ((related, "Read this"), (arabic, "In Arabic")):
        builders.published(other, now=now, title=title)
    Guide.objects.filter(pk=arabic.pk).update(language="ar", translation_of=guide)
    guide.related.add(related, draft)
    revision = builders.published(guide, now=now)
    page = pages.guide_page(revision, today=now.date())
    assert (page["related"], page["translations"]) == ([related], [arabic])
    arabic.refresh_from_db()
    back = pages.guide_page(arabic.live_revision, today=now.date())
    assert (back["related"], back["translations"], back["text_direction"]) == ([], [guide], "rtl")


def catalogue(folder, language, **words):
    """A compiled catalogue with these translations, as gettext reads it."""
    entries = sorted({"": "Content-Type: text/plain; charset=UTF-8\n", **words}.items())
    table, strings, at = [], b"", 28 + 16 * len(entries)
    for side in (0, 1):
        for entry in entries:
            text = entry[side].encode()
            table += [len(text), at + len(strings)]
            strings += text + b"\0"
    head = (0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    path = folder / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(struct.pack(f"<{7 + len(table)}I", *head, *table) + strings)


KEY_POINTS = "النقاط الرئيسية"


@pytest.mark.parametrize(("translated", "words"), [(True, KEY_POINTS), (False, "Key points")])
def test_the_fixed_words_of_a_guide_speak_its_language_where_the_portal_does(
    client, now, tmp_path, settings, translated, words
):
    if translated:
        catalogue(tmp_path, "ar", **{"Key points": KEY_POINTS})
        settings.LOCALE_PATHS = [tmp_path]
    builders.published(builders.guide("risks", now=now, language="ar"), now=now)
    html = client.get(GUIDE).content.decode()
    assert '<html lang="en-gb" dir="ltr">' in html
    assert '<article class="stack" lang="ar" dir="rtl">' in html
    assert f'<h2 id="key-points">{words}</h2>' in html


def test_a_preview_is_marked_and_not_for_search_engines(rf, guide, now):
    revision = builders.draft(guide, by=builders.staff(roles.EDITOR), now=now)
    page = pages.guide_page(revision, today=now.date(), preview=True)
    html = render_to_string("articles/guide.html", page, rf.get("/admin/"))
    assert "Only staff see this" in html
    assert '<meta name="robots" content="noindex">' in html
    assert "ld+json" not in html


# --- What is not live ---------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["none", "draft", "in_review", "approved"])
def test_what_was_never_published_does_not_exist(client, guide, now, state):
    editor = builders.staff(roles.EDITOR)
    if state in ("draft", "in_review"):
        revision = builders.draft(guide, by=editor, now=now)
        if state == "in_review":
            publishing.submit(revision, by=editor, now=now)
    if state == "approved":
        builders.approved(guide, now=now)
    assert client.get(GUIDE).status_code == 404
    assert text_of(client.get("/guides/")).count("Risks in plain words") == 0


def test_a_draft_of_a_live_guide_changes_nothing_for_readers(client, guide, now):
    builders.published(guide, now=now, title="Old words")
    builders.draft(guide, by=builders.staff(roles.EDITOR), now=now, title="Other words")
    assert "Old words" in text_of(client.get(GUIDE))
    assert "Other words" not in text_of(client.get(GUIDE))


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_what_was_withdrawn_is_gone_with_help(client, now, kind):
    subject = getattr(builders, kind)("risks", now=now)
    builders.published(getattr(builders, kind)("other", now=now), now=now, title="Something else")
    revision = builders.published(subject, now=now)
    publishing.withdraw(revision, reason="Its source was retracted.", by=revision.author, now=now)
    response = client.get(f"/{kind}s/risks/")
    assert response.status_code == 410
    assert "Something else" in text_of(response)
    assert "Risks in plain words" not in text_of(response)


@pytest.mark.parametrize("kind", ["guide", "treatment"])
def test_an_old_address_moves_for_good(client, now, kind):
    subject = getattr(builders, kind)("risks", now=now)
    revision = builders.published(subject, now=now)
    subjects.rename(subject, slug="harms", by=revision.author, now=now)
    response = client.get(f"/{kind}s/risks/")
    assert (response.status_code, response["Location"]) == (301, f"/{kind}s/harms/")
    assert client.get(f"/{kind}s/harms/").status_code == 200


# --- Lists --------------------------------------------------------------------------------------


def titles_in(response):
    return re.findall(r"<h2><a [^>]*>(.*?)</a></h2>", response.content.decode())


@pytest.fixture
def three_guides(now):
    topic = builders.topic(slug="costs")
    treatment = builders.treatment("cells", now=now)
    builders.published(treatment, now=now)
    for days, (title, audience) in enumerate(
        [("Newest", "patients"), ("Middle", "everyone"), ("Oldest", "caregivers")]
    ):
        guide = builders.guide(now=now, audience=audience)
        builders.published(guide, now=now - dt.timedelta(days=days), title=title)
        if title != "Newest":
            guide.topics.add(topic)
        if title == "Oldest":
            guide.treatments.add(treatment)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["Newest", "Middle", "Oldest"]),
        ("?topic=costs", ["Middle", "Oldest"]),
        ("?treatment=cells", ["Oldest"]),
        ("?for=patients", ["Newest", "Middle"]),
        ("?for=caregivers&topic=costs", ["Middle", "Oldest"]),
        ("?topic=nothing&treatment=%00&for=x&page=9999", ["Newest", "Middle", "Oldest"]),
        ("?for=patients&treatment=cells", []),
    ],
)
def test_guides_are_filtered_newest_reviewed_first(client, three_guides, query, titles):
    response = client.get(f"/guides/{query}")
    assert titles_in(response) == titles
    word = "guide" if len(titles) == 1 else "guides"
    assert f"{len(titles)} {word}" in text_of(response)


def test_an_empty_result_helps(client, three_guides):
    html = client.get("/guides/?for=patients&treatment=cells").content.decode()
    assert "No guide fits all of that yet" in html
    assert '<a href="/treatments/">' in html


def test_treatments_are_listed_with_whose_cells_and_how_given(client, now):
    builders.published(builders.treatment("cells", now=now), now=now)
    text = text_of(client.get("/treatments/"))
    assert "What cells nerve cells" in text
    assert "Whose cells Cells from a donor" in text
    assert "How they are given surgery" in text


def test_a_treatment_shows_its_trials_in_words(client, now):
    builders.source("trial-1", people=23, time_since_stroke="2 to 13 months", control="sham")
    builders.published(builders.treatment("cells", now=now), now=now)
    text = text_of(client.get("/treatments/cells/"))
    assert "main measure missed 23 2 to 13 months Sham procedure" in text


def test_a_trial_under_way_stands_among_the_trials_and_a_register_does_not(client, now):
    trial = builders.source("under-way", kind="registry", registration="NCT1", main_measure="not_reported")
    register = builders.source("register", kind="registry", registration="")
    body = "<h2>A</h2><p>One [@trial-1]. Two [@under-way]. Three [@register].</p>"
    cells = builders.published(builders.treatment("cells", now=now), now=now, body=body).subject
    cells.tested_in.add(trial, register)
    page = client.get("/treatments/cells/").context
    assert page["trials"] == [trial]
    assert [source.key for source in page["other_trials"]] == ["trial-1"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"a", "b", "c"}),
        ("?kind=trial", {"a", "b"}),
        ("?result=met", {"a"}),
        ("?kind=trial&result=missed", {"b"}),
        ("?state=retracted", {"b"}),
        ("?state=retracted&kind=review", set()),
        ("?kind=%F0%9F%98%80&result=&state=x", {"a", "b", "c"}),
    ],
)
def test_sources_are_filtered_by_kind_result_and_state(client, query, keys):
    builders.source("a", main_measure="met")
    builders.source("b", state="retracted")
    builders.source("c", kind="review")
    html = client.get(f"/evidence/{query}").content.decode()
    assert set(re.findall(r'href="/evidence/(\w)/"', html)) == keys


def test_a_source_is_named_in_plain_words_first(client, guide, now):
    builders.source("trial-1", title="A phase 2 trial", plain_title="The first trial, 2024")
    builders.published(guide, now=now)
    assert parts(client.get("/evidence/trial-1/"), "h1") == ["The first trial, 2024"]
    assert "A phase 2 trial Journal of Examples, 2024" in text_of(client.get("/evidence/trial-1/"))
    assert parts(client.get("/evidence/"), "tbody th a") == ["The first trial, 2024"]
    assert "The first trial, 2024: A phase 2 trial" in parts(client.get(GUIDE), "#ref-1")[0]


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ("Phase 2, randomised, double-blind", "yes"),
        ("Randomised, open, assessors blinded", "only those who measured"),
        ("Phase 1, open, one group only", "no"),
        ("Randomised, not blinded", "no"),
        ("Reopened in 2024", "not recorded"),
    ],
)
def test_a_table_of_trials_says_who_knew_who_got_what(client, now, design, words):
    builders.source("trial-1", design=design)
    builders.published(builders.treatment("cells", now=now), now=now)
    assert parts(client.get("/treatments/cells/"), "[data-label=Blinded]") == [words]


def test_trials_come_before_weaker_evidence_and_new_before_old(client):
    builders.source("price", kind="price", year=2026)
    builders.source("review", kind="review", year=2026)
    builders.source("old", year=2016)
    builders.source("new", year=2024)
    builders.source("undated", year=None)
    html = client.get("/evidence/").content.decode()
    assert re.findall(r'href="/evidence/(\w+)/"', html) == ["new", "old", "undated", "review", "price"]


def test_retracted_and_superseded_sources_stay_and_say_so(client):
    newer = builders.source("newer")
    builders.source("older", state="superseded", superseded_by=newer)
    builders.source("bad", state="retracted")
    html = client.get("/evidence/").content.decode()
    marks = {
        re.search(r'href="/evidence/(\w+)/"', row)[1]: re.findall(
            r'class="status-shape status-(\w+)">\1<', row
        )
        for row in html.partition("<tbody>")[2].split("</tr>")[:-1]
    }
    assert marks == {"newer": [], "older": ["superseded"], "bad": ["retracted"]}
    assert 'href="/evidence/newer/"' in client.get("/evidence/older/").content.decode()
    assert "Do not rely on it" in text_of(client.get("/evidence/bad/"))


def test_a_source_shows_every_field_and_where_it_is_used(client, guide, now):
    builders.source(
        "trial-1",
        doi="10.1000/x",
        pmid="123",
        registration="NCT01234567",
        time_since_stroke="2 to 13 months",
        finding="One of 23.",
    )
    builders.published(guide, now=now)
    response = client.get("/evidence/trial-1/")
    text, html = text_of(response), response.content.decode()
    told_to_machines = {"changed_at"}  # in the sitemap
    not_told = {"id", "superseded_by", "state", *told_to_machines}
    shown = {field.name for field in Source._meta.concrete_fields} - not_told
    values = Source.objects.filter(key="trial-1").values(*shown).get()
    values |= {"url": "Read it at journal.example"}
    values |= {"checked_on": "1 November 2026", "kind": "Trial", "control": "Placebo"}
    values |= {"main_measure": "Main measure missed", "sureness": "A: original or official text read"}
    assert [name for name, value in values.items() if str(value) not in text] == []
    for link in (
        "https://doi.org/10.1000/x",
        "https://pubmed.ncbi.nlm.nih.gov/123/",
        "https://clinicaltrials.gov/study/NCT01234567",
        GUIDE,
    ):
        assert f'href="{link}"' in html


def test_a_source_leaves_out_what_does_not_apply_to_it(client):
    apart = {"people": None, "control": "not_applicable", "main_measure": "not_applicable"}
    builders.source("price", kind="price", finding="It costs 5.", **apart)
    text = text_of(client.get("/evidence/price/"))
    absent = ("does not apply", "not recorded", "People", "Compared with", "Main measure")
    assert [words for words in absent if words.casefold() in text.casefold()] == []


@pytest.mark.parametrize(("url", "told"), [("", True), ("https://journal.example/x", False)])
def test_a_source_without_an_address_says_so(client, url, told):
    builders.source("price", kind="price", url=url)
    assert ("This source has no public address" in text_of(client.get("/evidence/price/"))) is told


@pytest.mark.parametrize(
    ("control", "words"),
    [("sham", "main measure missed"), ("none", "own goal missed; no comparison group")],
)
def test_a_study_without_a_comparison_group_missed_its_own_goal_only(client, control, words):
    builders.source("a", main_measure="missed", control=control, people=23, time_since_stroke="a year")
    assert f"2024 {words} Trial 23" in text_of(client.get("/evidence/"))
    assert f"Main measure {words[0].upper()}{words[1:]}" in text_of(client.get("/evidence/a/"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?result=met", "We found no trial that met its main measure."),
        ("?result=met&kind=trial", "We found no trial that met its main measure."),
        ("?result=met&kind=survey", "No source fits all of these"),
    ],
)
def test_that_no_trial_met_its_measure_is_said_in_so_many_words(client, query, words):
    builders.source("a", main_measure="missed")
    assert re.findall(r"<h2>(.*?)</h2>", client.get(f"/evidence/{query}").content.decode()) == [words]


def test_a_source_does_not_name_drafts_that_cite_it(client, guide, now):
    builders.draft(guide, by=builders.staff(roles.EDITOR), now=now)
    assert "No page cites it at the moment." in text_of(client.get("/evidence/trial-1/"))


def add_rows(number, *, editor, now):
    """This many guides, treatments and sources that readers see, without the cost of their reviews."""
    reviewer = builders.staff(roles.REVIEWER)
    for _ in range(number):
        builders.source()
        topic = builders.topic()
        for subject in (builders.guide(now=now), builders.treatment(now=now)):
            revision = builders.draft(subject, by=editor, now=now)
            type(revision).objects.filter(pk=revision.pk).update(
                state="published",
                reviewed_by=reviewer,
                reviewed_at=now,
                next_review_on=now.date() + dt.timedelta(days=9),
                published_by=editor,
                published_at=now,
                discern=builders.discern(),
                discern_total=60,
                discern_on=now.date(),
            )
            type(subject).objects.filter(pk=subject.pk).update(live_revision=revision)
        for guide in Guide.objects.all():
            guide.topics.add(topic)


@pytest.mark.parametrize("address", ["/guides/", "/treatments/", "/evidence/", "/sitemap.xml"])
def test_a_list_costs_the_same_queries_with_one_row_and_with_thirty(
    client, now, django_assert_num_queries, address
):
    editor = builders.staff(roles.EDITOR)
    add_rows(1, editor=editor, now=now)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    add_rows(29, editor=editor, now=now)
    with django_assert_num_queries(len(one)):
        client.get(address)


# --- Any input ----------------------------------------------------------------------------------


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["/guides/", "/treatments/", "/evidence/"]),
    st.dictionaries(
        st.sampled_from(["topic", "treatment", "for", "kind", "result", "page"]) | st.text(max_size=5),
        st.text(max_size=30) | st.integers().map(str),
        max_size=4,
    ),
)
def test_no_query_string_breaks_a_list(client, address, query):
    encoded = urlencode(query, errors="surrogatepass")
    assert client.get(f"{address}?{encoded}").status_code == 200
