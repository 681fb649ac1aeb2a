"""Treatments side by side."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import html

from articles import subjects
from articles.models import Source, Treatment, TrialCriteria
from tests import builders
from tests.pages import links, parts

pytestmark = pytest.mark.django_db
COMPARE = "/treatments/compare/"


@pytest.fixture
def now():
    """Pages ask the clock, so what they show is written today."""
    return timezone.now()


def add(slug, *, now, **changes):
    treatment = builders.treatment(slug, now=now)
    builders.published(treatment, now=now, title=slug.title(), **changes)
    return treatment


def add_other_way(slug, *, now, **changes):
    treatment = builders.treatment(slug, now=now)
    Treatment.objects.filter(pk=treatment.pk).update(standing="alternative", quote_offered=False)
    treatment.refresh_from_db()
    nothing = {"cell_type": "", "donor": "", "route": "", "approval": ""}
    builders.published(treatment, now=now, title=slug.title(), **nothing | changes)
    return treatment


@pytest.fixture
def five(now):
    """Five treatments with cells, and two other ways."""
    for slug in ("alpha", "beta", "gamma", "delta", "epsilon"):
        add(slug, now=now)
    for slug in ("waiting", "rehabilitation"):
        add_other_way(slug, now=now)


def columns(response):
    return parts(response, ".compare-table thead th")


def row(response, name):
    """The cells of the row with this name, without the names of their columns."""
    for line in parts_by_row(response):
        if line[0] == name:
            return line[1:]
    raise AssertionError(f"no row {name}")


def parts_by_row(response):
    tree = html.fromstring(response.content.decode())
    for cell_name in tree.cssselect(".compare-name"):
        cell_name.drop_tree()
    for line in tree.cssselect(".compare-table tbody tr"):
        yield [" ".join(" ".join(cell.itertext()).split()) for cell in line.cssselect("tr > *")]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?t=beta&t=alpha", ["Beta", "Alpha"]),
        ("?t=alpha&t=beta&t=alpha&t=", ["Alpha", "Beta"]),
        ("?t=alpha&t=beta&t=gamma&t=delta", ["Alpha", "Beta", "Gamma", "Delta"]),
        ("?t=alpha&t=waiting&t=beta", ["Alpha", "Beta"]),
    ],
)
def test_two_to_four_stand_in_the_order_chosen_and_the_other_ways_always_beside_them(
    client, five, query, shown
):
    response = client.get(f"{COMPARE}{query}")
    assert response.status_code == 200
    assert columns(response) == [*shown, "Rehabilitation", "Waiting"]


def test_its_address_on_paper_names_what_is_compared(client, five):
    response = client.get(f"{COMPARE}?t=beta&t=alpha&t=waiting")
    assert parts(response, "p.print-only") == [f"http://127.0.0.1:8000{COMPARE}?t=beta&t=alpha"]


@pytest.mark.parametrize("query", ["", "?t=", "?t=waiting", "?with=alpha", "?t=&x=1"])
def test_where_nothing_is_chosen_there_is_a_form_and_no_complaint(client, five, query):
    response = client.get(f"{COMPARE}{query}")
    assert (response.status_code, columns(response), parts(response, ".error-summary")) == (200, [], [])
    assert parts(response, ".choices label") == ["Alpha", "Beta", "Delta", "Epsilon", "Gamma"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?t=alpha", "Choose one more: two treatments or more can be put side by side."),
        ("?t=alpha&t=alpha", "Choose one more: two treatments or more can be put side by side."),
        (
            "?t=alpha&t=beta&t=gamma&t=delta&t=epsilon",
            "You chose 5. Take one away: no more than 4 fit side by side.",
        ),
        (
            "?t=alpha&t=nothing",
            "We have no page on one of the treatments you asked for. Choose from this list.",
        ),
        ("?t=%00", "We have no page on one of the treatments you asked for. Choose from this list."),
        (
            "?t=" + "9" * 3000,
            "We have no page on one of the treatments you asked for. Choose from this list.",
        ),
    ],
)
def test_what_cannot_be_compared_is_said_above_and_at_the_choice(client, five, query, words):
    response = client.get(f"{COMPARE}{query}")
    assert (response.status_code, columns(response)) == (422, [])
    assert parts(response, ".error-summary a") == [words]
    assert parts(response, "#choose-error") == [words]
    assert links(response, ".error-summary a") == ["#compare-1"]


def ticked(response):
    boxes = html.fromstring(response.content.decode()).cssselect("input[name=t]")
    return [box.get("value") for box in boxes if box.get("checked") is not None]


@pytest.mark.parametrize(
    ("query", "boxes"),
    [("?t=alpha", ["alpha"]), ("?with=beta", ["beta"]), ("?t=alpha&with=beta", ["alpha"]), ("?with=x", [])],
)
def test_what_was_chosen_stays_ticked(client, five, query, boxes):
    assert ticked(client.get(f"{COMPARE}{query}")) == boxes


def test_an_old_address_of_a_treatment_is_still_known(client, five, now):
    alpha = Treatment.objects.get(slug="alpha")
    subjects.rename(alpha, slug="omega", by=alpha.live_revision.author, now=now)
    response = client.get(f"{COMPARE}?t=alpha&t=beta&t=omega")
    assert links(response, ".compare-table thead a")[:2] == ["/treatments/omega/", "/treatments/beta/"]


def test_each_row_says_what_the_pages_say(client, now):
    builders.source("trial-1", people=23, plain_title="The first trial")
    builders.source("trial-2", people=100, main_measure="met", plain_title="The second trial")
    body = "<h2>A</h2><p>Two of 23 died [@trial-1]. More walked [@trial-2].</p>"
    helps = builders.written_claim(
        direction="benefit",
        sentence="More walked.",
        count=20,
        of=50,
        sources=["trial-2"],
        how_sure="moderate",
    )
    alpha = add("alpha", now=now, body=body, claims=[helps, builders.written_claim()])
    alpha.tested_in.set(Source.objects.all())
    add("beta", now=now, donor="own", questions=["One?", "Two?", "Three?"])
    add_other_way("waiting", now=now)
    response = client.get(f"{COMPARE}?t=alpha&t=beta")
    assert row(response, "What cells") == ["nerve cells", "nerve cells", "No cells"]
    assert row(response, "Whose cells") == ["Cells from a donor", "The person's own cells", "–"]
    assert row(response, "Trials")[:1] == [
        "2 trials of it on its page, 123 people in all 1: main measure met 1: main measure missed"
    ]
    assert row(response, "Benefit") == [
        "More walked. How sure: moderate",
        "we found none that a study shows",
        "we found none that a study shows",
    ]
    assert row(response, "Harm")[1] == "we found none reported; that is no proof that there is none"
    assert row(response, "No clear effect")[1] == "its page states none"
    assert row(response, "Harm")[0] == "Two people died. How sure: low"
    assert links(response, ".compare-claims a") == [
        "/treatments/alpha/#claim-1",
        "/treatments/alpha/#claim-2",
    ]
    assert row(response, "Where it is approved") == ["Nowhere for stroke.", "Nowhere for stroke.", "–"]
    assert row(response, "Questions to ask")[1] == "3 questions to ask about it One? Two? Three?"
    assert links(response, "#questions .compare-more")[1] == "/treatments/beta/#questions"
    assert row(response, "Checked on") == [f"{now.day} {now:%B %Y}"] * 3


def test_on_a_small_screen_a_list_leads_to_each_part_of_it(client, five):
    response = client.get(f"{COMPARE}?t=alpha&t=beta")
    places = links(response, ".compare-contents a")
    tree = html.fromstring(response.content.decode())
    assert [tree.cssselect(f".compare-table {place}") != [] for place in places] == [True] * 10


@pytest.mark.parametrize(
    ("people", "tested", "said"),
    [
        ((23, 100), "12", "2 trials of it on its page, 123 people in all 2: main measure missed"),
        ((23, 100), "1", "1 trial of it on its page, 23 people in all 1: main measure missed"),
        (
            (23, None),
            "12",
            "2 trials of it on its page; 23 people in the 1 trial whose number we know"
            " 2: main measure missed",
        ),
        ((None, None), "2", "1 trial of it on its page 1: main measure missed"),
        ((23, 100), "", "–"),
    ],
)
def test_only_what_tested_it_is_counted_as_its_trial(client, now, people, tested, said):
    for number, some in enumerate(people, 1):
        builders.source(f"trial-{number}", people=some)
    alpha = add("alpha", now=now, body="<h2>A</h2><p>Two of 23 died [@trial-1] [@trial-2].</p>")
    beta = add("beta", now=now)
    for number in "12":
        Source.objects.get(key=f"trial-{number}").treatments.set([alpha if number in tested else beta])
    assert row(client.get(f"{COMPARE}?t=alpha&t=beta"), "Trials")[0] == said


def test_what_is_not_finished_is_told_apart_from_what_was_stopped_or_not_reported(client, now):
    silent = {"main_measure": "not_reported"}
    builders.source("planned", kind="registry", registration="NCT1", **silent)
    builders.source("stopped", **silent)
    builders.source("paused", **silent)
    alpha = add("alpha", now=now, body="<h2>A</h2><p>Two died [@planned] [@stopped] [@paused].</p>")
    add("beta", now=now)
    Source.objects.filter(key="stopped").update(state="terminated")
    alpha.tested_in.set(Source.objects.filter(key__in=["planned", "stopped", "paused"]))
    response = client.get(f"{COMPARE}?t=alpha&t=beta")
    assert parts(response, "#trials li") == [
        "1: no final result reported",
        "1: not finished, or no results yet",
        "1: stopped early, without a result",
    ]


KIND = "Tested after a clot, or after a bleed"


def test_a_row_says_of_how_many_trials_people_were_after_a_clot_or_after_a_bleed(client, now):
    takes = {"one": "clot", "two": "clot", "three": "either", "four": "not_said"}
    for key, stroke in takes.items():
        TrialCriteria.objects.create(
            source=builders.source(key), stroke=stroke, recruiting="closed", places="-", checked_on=now.date()
        )
    bleed = builders.source("bleed", main_measure="not_reported", kind="registry", registration="NCT1")
    TrialCriteria.objects.create(
        source=bleed, stroke="bleed", recruiting="not_yet", places="-", checked_on=now.date()
    )
    alpha = add("alpha", now=now, body="<h2>A</h2><p>Two died [@one] [@two] [@three] [@four].</p>")
    alpha.tested_in.set(Source.objects.filter(key__in=takes))
    beta = add("beta", now=now, body="<h2>A</h2><p>Nobody knows [@bleed].</p>")
    beta.tested_in.set([bleed])
    add("gamma", now=now)
    add_other_way("waiting", now=now)
    add_other_way("a-trial", now=now, cell_type="Depends on the trial")
    response = client.get(f"{COMPARE}?t=alpha&t=beta&t=gamma")
    assert row(response, KIND) == [
        "After a clot: 3 trials After a bleed: 1 trial Not counted here, see its page: 1 trial",
        "After a clot: none that we found After a bleed: 1 trial, no results yet",
        "–",
        "Depends on the trial",
        "–",
    ]


def test_a_trial_may_say_that_the_cells_depend_on_it(client, five, now):
    add_other_way("a-trial", now=now, cell_type="Some people get none", donor="either", route="It depends")
    response = client.get(f"{COMPARE}?t=alpha&t=beta")
    told = [row(response, name)[2] for name in ("What cells", "Whose cells", "How they are given")]
    assert told == ["Some people get none", "Own or donor cells", "It depends"]
    assert row(response, "What cells")[3:] == ["No cells"] * 2


def test_it_costs_the_same_queries_for_two_and_for_four(client, five, django_assert_num_queries):
    with CaptureQueriesContext(connection) as two:
        client.get(f"{COMPARE}?t=alpha&t=beta")
    with django_assert_num_queries(len(two)):
        client.get(f"{COMPARE}?t=alpha&t=beta&t=gamma&t=delta")
    assert len(two) <= 5


def test_the_list_of_treatments_tells_cells_from_other_ways_and_offers_to_compare(client, five):
    response = client.get("/treatments/")
    assert parts(response, "[aria-labelledby=cells] h3") == ["Alpha", "Beta", "Delta", "Epsilon", "Gamma"]
    assert parts(response, "[aria-labelledby=alternatives] h3") == ["Rehabilitation", "Waiting"]
    assert parts(response, ".choices label") == ["Alpha", "Beta", "Delta", "Epsilon", "Gamma"]


def test_the_home_page_lists_those_with_cells_and_leads_to_the_comparison(client, five):
    response = client.get("/")
    assert parts(response, ".treatment-list h3") == ["Alpha", "Beta", "Delta", "Epsilon", "Gamma"]
    assert links(response, "[aria-labelledby=treatments] > p > a") == [COMPARE]


@pytest.mark.parametrize(("slug", "link"), [("alpha", f"{COMPARE}?with=alpha"), ("waiting", COMPARE)])
def test_each_treatment_leads_to_the_comparison(client, five, slug, link):
    assert links(client.get(f"/treatments/{slug}/"), "article > header a") == [link]


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_no_choice_breaks_it(client, slugs):
    assert client.get(COMPARE, {"t": slugs}).status_code in (200, 422)
