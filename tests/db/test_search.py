"""What is found, in which order, and that it is what readers see: the same on SQLite and on PostgreSQL."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from lxml import html

from articles import publishing, search, subjects
from articles.models import GlossaryTerm, Guide, SearchEntry, SearchWord, Source
from articles.search import engines as search_engines
from articles.search import nearby
from articles.search import words as search_words
from portal import roles
from portal.models import Page
from tests import builders

pytestmark = pytest.mark.django_db


def shown(subject, now, **content):
    """Make this text what readers see, whatever the gate asks of texts: here it is about finding them."""
    editor, reviewer = builders.staff(roles.EDITOR), builders.staff(roles.REVIEWER)
    revision = publishing.save_draft(subject, content, by=editor, now=now)
    who = {"submitted_by": editor, "reviewed_by": reviewer, "published_by": editor}
    when = {"submitted_at": now, "reviewed_at": now, "published_at": now}
    next_review = now.date() + dt.timedelta(days=182)
    scores = {"discern": builders.discern(), "discern_total": 60, "discern_on": now.date()}
    type(revision).objects.filter(pk=revision.pk).update(
        state="published", next_review_on=next_review, **who, **when, **scores
    )
    type(subject).objects.filter(pk=subject.pk).update(live_revision=revision)
    subject.refresh_from_db()
    search.index(subject)


@pytest.fixture
def corpus(now):
    """Guides on risks, costs and recovery, a treatment, sources and a word."""
    risks, costs, recovery = (builders.guide(slug, now=now) for slug in ("risks", "costs", "recovery"))
    shown(
        risks,
        now,
        title="Risks of a graft",
        summary="What can go wrong after a stroke.",
        body="<h2>Tumours</h2><p>A tumour grew in one person [@trial-1].</p><p>Fever is common.</p>",
    )
    shown(
        costs,
        now,
        title="What a journey costs",
        summary="Prices, and who asks for them.",
        body="<h2>The bill</h2><p>The price of a flight, and the risks of flying.</p>",
    )
    shown(
        recovery,
        now,
        title="Recovery with a carer",
        summary="How an arm gets better.",
        body="<h2>Practice</h2><p>Practice with the arm, practice with the hand, and practice again.</p>",
    )
    cells = builders.treatment("mesenchymal", now=now)
    shown(cells, now, title="Mesenchymal cells", summary="Cells from bone marrow.")
    trial = builders.source("pisces-3", title="Neural cells after stroke", finding="Stopped early; no risk.")
    word = GlossaryTerm.objects.create(term="stroke", also=["strokes"], explanation="Damage to the brain.")
    search.index(builders.source("trial-1"), trial, word)


def titles(found):
    return [result.entry.title for result in found.page]


# --- What is found ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # A guide that says it above its text, then the word explained, then titles of sources.
        (
            "stroke",
            ["Risks of a graft", "stroke", "Cells after stroke: trial-1", "Neural cells after stroke"],
        ),
        (
            "STROKES",
            ["Risks of a graft", "stroke", "Cells after stroke: trial-1", "Neural cells after stroke"],
        ),
        # The title, then guides, then sources.
        ("risks", ["Risks of a graft", "What a journey costs", "Neural cells after stroke"]),
        ("price flight", ["What a journey costs"]),
        ("fever", ["Risks of a graft"]),
        # What it means comes after it.
        ("tumour", ["Risks of a graft", "What a journey costs", "Neural cells after stroke"]),
        ("practice", ["Recovery with a carer"]),
        # The beginning of the last word.
        ("mesench", ["Mesenchymal cells"]),
        ("the journey c", ["What a journey costs"]),
        # Marrow is in the summary only, and both words must be there.
        ("marrow cells", ["Mesenchymal cells"]),
        ("pisces-3", ["Neural cells after stroke"]),
        ("fläight", []),
        ("", []),
        ("what is it", []),
        ("zzzz", []),
    ],
)
def test_what_a_query_finds_and_in_which_order(corpus, query, expected):
    assert titles(search.query(query, as_typed=True)) == expected


@pytest.mark.parametrize(
    ("typed", "instead", "first"),
    [
        ("stoke", "stroke", "Risks of a graft"),
        ("mesenkimal", "mesenchymal", "Mesenchymal cells"),
        ("Recvery with a CARER", "recovery with a carer", "Recovery with a carer"),
        ("riks", "risk", "Risks of a graft"),  # of four letters, too
    ],
)
def test_a_mistyped_word_finds_what_was_meant_and_says_so(corpus, typed, instead, first):
    found = search.query(typed)
    assert (found.instead, titles(found)[0]) == (instead, first)


def test_who_insists_on_what_was_typed_gets_that(corpus):
    found = search.query("stoke", as_typed=True)
    assert (found.instead, titles(found), found.number_of()) == ("", [], 0)


def test_a_word_that_stands_in_a_text_is_never_taken_for_another(corpus):
    assert search.query("flying").instead == ""


def test_where_no_text_has_all_the_words_those_with_any_are_found(corpus):
    found = search.query("fever flight")
    assert (found.any_word, found.instead) == (True, "")
    assert titles(found) == ["Risks of a graft", "What a journey costs"]


def test_behind_the_few_that_have_all_words_come_those_with_all_but_one(corpus):
    found = search.query("risks tumour fever")
    assert (found.with_most, found.any_word) == (True, False)
    assert titles(found) == ["Risks of a graft", "What a journey costs", "Neural cells after stroke"]
    found = search.query("fever flight price")
    assert (found.with_most, found.any_word) == (False, True)
    assert titles(found) == ["What a journey costs"]


def test_of_two_words_one_is_not_enough_where_a_page_has_both(corpus):
    found = search.query("price flight")
    assert (found.with_most, titles(found)) == (False, ["What a journey costs"])


def test_the_number_of_an_article_is_one_word_and_not_the_numbers_in_it(now):
    search.index(builders.source("paper", title="Zebra", doi="10.1016/S1474-4422(17)30046-7"))
    found = {typed: titles(search.query(typed, as_typed=True)) for typed in ("7", "10", "4422", "s1474")}
    assert found == {typed: [] for typed in found}
    for typed in ("10.1016/S1474-4422(17)30046-7", "https://doi.org/10.1016/s1474-4422(17)30046-7"):
        assert titles(search.query(typed)) == ["Zebra"]


def test_a_passage_and_its_words_are_marked(corpus):
    (result,) = search.query("grew").page
    assert result.title == "Risks of a graft"
    assert result.summary == "What can go wrong after a stroke."
    assert result.passage == "Tumours … A tumour <mark>grew</mark> in one person. … Fever is common."


def test_results_are_counted_by_kind_and_narrowed_to_one(corpus):
    found = search.query("stroke", kind="source")
    assert found.counts == {"guide": 1, "treatment": 0, "source": 2, "word": 1}
    assert titles(found) == ["Cells after stroke: trial-1", "Neural cells after stroke"]


def test_results_are_narrowed_to_a_topic_and_to_readers(corpus, now):
    editor = builders.staff(roles.EDITOR)
    topic = builders.topic()
    costs = Guide.objects.get(slug="costs")
    subjects.change_settings(costs, {"topics": [topic]}, by=editor, now=now)
    risks = Guide.objects.get(slug="risks")
    subjects.change_settings(risks, {"audience": Guide.Audience.PATIENTS}, by=editor, now=now)
    assert titles(search.query("risks", topic=topic.pk)) == ["What a journey costs"]
    assert titles(search.query("risks", audience="patients")) == ["Risks of a graft", "What a journey costs"]
    assert titles(search.query("risks", audience="caregivers")) == ["What a journey costs"]


def test_pages_of_results(now):
    records = [builders.source(f"s-{number:02}", title=f"Zebra {number:02}") for number in range(25)]
    search.index(*records)
    pages = [titles(search.query("zebra", page=page)) for page in (1, 2, 3, 999_999, "x")]
    names = [f"Zebra {number:02}" for number in range(25)]
    assert pages == [names[:10], names[10:20], names[20:], names[20:], names[:10]]


def test_of_a_kind_with_very_many_only_so_many_are_counted(monkeypatch, now):
    for module in (search, search_engines):
        monkeypatch.setattr(module, "RANKED", 3)
    search.index(*[builders.source(f"s-{number}", title="Zebra") for number in range(5)])
    found = search.query("zebra")
    assert (found.number_of("source"), found.has_more_of("source")) == (3, True)
    assert (found.number_of("guide"), found.has_more_of("guide")) == (0, False)


def test_titles_come_before_texts_also_where_not_all_are_ranked(monkeypatch, now):
    monkeypatch.setattr(search_engines, "RANKED", 2)
    in_text = [builders.source(f"s-{number}", title="Other", finding="A zebra.") for number in range(5)]
    in_title = [builders.source(f"t-{number}", title=f"Zebra {number}") for number in range(2)]
    search.index(*in_text, *in_title)
    assert titles(search.query("zebra")) == ["Zebra 0", "Zebra 1", "Other"]


def test_of_equals_the_newest_checked_comes_first(now):
    days = [dt.date(2026, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 2, 1)]
    search.index(*[builders.source(f"s-{day}", title=f"Zebra {day}", checked_on=day) for day in days])
    assert titles(search.query("zebra")) == ["Zebra 2026-03-01", "Zebra 2026-02-01", "Zebra 2026-01-01"]


@pytest.mark.parametrize("texts", [1, 30])
def test_a_search_costs_two_queries_however_much_it_finds(now, django_assert_num_queries, texts):
    search.index(*[builders.source(f"s-{number}", title="Zebra") for number in range(texts)])
    with django_assert_num_queries(2):
        search.query("zebra")


# --- Suggestions --------------------------------------------------------------------------------


def words(**how_often):
    search_engines.add_to_words(how_often)


@pytest.mark.parametrize(
    ("known", "typed", "alike"),
    [
        ({"stroke": 1, "stone": 9}, "stroek", ["stroke"]),
        ({"carts": 2, "cards": 3}, "carbs", ["cards", "carts"]),  # equally near: the commoner
        ({"cards": 2, "carts": 2}, "carbs", ["cards", "carts"]),  # and equally common: by the alphabet
        ({"stroke": 0}, "stoke", []),
        ({"stroke": 5}, "brain", []),
    ],
)
def test_words_that_look_alike(known, typed, alike):
    words(**known)
    assert search_engines.alike(typed) == alike


@pytest.mark.parametrize(
    ("known", "typed", "guess"),
    [
        # Surely meant.
        ("stroke", "stoke", ("stroke", (), "")),
        ("mesenchymal", "what is mesenkimal", ("what is mesenchymal", (), "")),
        # Everyday words that no page has are those that were meant.
        ("further", "mother father", ("", (), "")),  # the pages say "caregiver", and are found by it
        ("right", "night", ("", ("night",), "right")),
        ("guards", "guarantor", ("", ("guarantor",), "")),
        ("paralysis", "paralysed", ("", (), "")),
        ("stroke", "snoke", ("", ("snoke",), "stroke")),
        ("stroke", "zzzz stroke", ("", ("zzzz",), "")),
    ],
)
def test_a_word_is_taken_for_another_only_where_it_is_surely_meant(known, typed, guess):
    words(**{known: 1}, caregiver=1)
    found = search.guessed(typed)
    assert (found.instead, found.missing, found.perhaps) == guess


def test_where_a_word_stands_nowhere_the_others_are_looked_for(corpus):
    found = search.query("quantum flight")
    assert (found.missing, found.instead, titles(found)) == (("quantum",), "", ["What a journey costs"])


def test_both_databases_reckon_how_alike_two_words_are_alike():
    words(stroke=1, stoke=1, mesenchymal=1, rehabilitation=1, carbs=1)
    typed = ["stoke", "mesenkimal", "rehablitation", "cards", "strok", "aaaa"]
    mine = {(one, word): search_words.similarity(one, word) for one in typed for word in ("stroke", "carbs")}
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for (one, word), share in mine.items():
                cursor.execute("SELECT similarity(%s, %s)", [one, word])
                assert cursor.fetchone()[0] == pytest.approx(share, abs=1e-6), (one, word)
    assert mine["stoke", "stroke"] == 4 / 9


# --- Real questions -----------------------------------------------------------------------------

QUESTIONS = {
    "my father cannot speak": "/guides/for-caregivers/",
    "my father cant speak": "/guides/for-caregivers/",
    "what can I do for my husband": "/guides/for-caregivers/",
    "is it safe": "/guides/risks-and-how-they-happened/",
    "what are the side effects?": "/guides/risks-and-how-they-happened/",
    "how much does it cost": "/guides/what-a-trip-really-costs/",
    "how much is it": "/guides/what-a-trip-really-costs/",
    "price": "/guides/what-a-trip-really-costs/",
    "$14,000": "/guides/what-a-trip-really-costs/",
    "14000": "/guides/what-a-trip-really-costs/",
    "stem cell scam": "/guides/how-to-read-a-clinic-website/",
    "do they guarantee it": "/guides/questions-before-you-pay/",
    "trial near me": "/guides/the-trials-in-plain-words/",
    "randomized trials": "/guides/the-trials-in-plain-words/",
    "paralysed arm": "/guides/what-a-stroke-does/",
    "brain bleed": "/guides/what-a-stroke-does/",
    "mini stroke": "/guides/what-a-stroke-does/",
    "tia": "/guides/what-a-stroke-does/",
    "dad cant walk": "/guides/for-caregivers/",
    "stemcells": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "clinic turkey": "/guides/what-a-trip-really-costs/",
    "best clinic": "/guides/how-to-read-a-clinic-website/",
    "memory loss": "/guides/for-caregivers/",
    "hemorrhage": "/glossary/#term-haemorrhagic-stroke",
    "can he fly home": "/guides/travelling-safely-and-aftercare/",
    "bleed stroke": "/guides/what-a-stroke-does/",
    "paralysed": "/guides/what-a-stroke-does/",
    "his arm doesn't move": "/guides/what-a-stroke-does/",
    "what is mesenchymal": "/treatments/mesenchymal-stem-cells/",
    "mesenkimal": "/treatments/mesenchymal-stem-cells/",
    "rehab at home": "/treatments/rehabilitation-at-home/",
    "depression after stroke": "/guides/for-caregivers/",
    "own cells or donor cells": "/guides/cell-types-explained/",
    "embryonic": "/treatments/embryonic-derived-cells/",
    "stoke": "/guides/what-a-stroke-does/",
    "sefe": "/guides/risks-and-how-they-happened/",
    "eyes": "/guides/risks-and-how-they-happened/",
    "can he go blind": "/guides/risks-and-how-they-happened/",
    "is it for him": "/guides/the-trials-in-plain-words/",
    "stroke 7 month ago": "/guides/what-a-stroke-does/",
    "celulas madre": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "celules madre": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "Stammzellen": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "kök hücre": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "Schlaganfall": "/guides/what-a-stroke-does/",
}
COME_FIRST = {
    "is it safe": "/guides/risks-and-how-they-happened/",
    "price": "/guides/what-a-trip-really-costs/",
    "how much": "/guides/what-a-trip-really-costs/",
    "father": "/guides/for-caregivers/",
    "scam": "/guides/how-to-read-a-clinic-website/",
    "tumor": "/guides/risks-and-how-they-happened/",
    "cancer": "/guides/risks-and-how-they-happened/",
    "can stem cells cure stroke": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "do stem cells work": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "does it work": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "success rate": "/guides/stem-cells-for-stroke-benefits-and-risks/",
    "how much does it cost": "/guides/what-a-trip-really-costs/",
    "cant speak": "/guides/for-caregivers/",
    "flying after stroke": "/guides/travelling-safely-and-aftercare/",
    "clinic thailand": "/guides/how-to-read-a-clinic-website/",
    "clinical trial": "/guides/the-trials-in-plain-words/",
    "testimonials": "/guides/how-to-read-a-clinic-website/",
}


def first(typed):
    return [result.entry.path for result in search.query(typed).page][:3]


def test_real_questions_find_their_page_among_the_first_three(demonstration):
    found = {question: first(question) for question in QUESTIONS}
    assert {
        question: found[question] for question, page in QUESTIONS.items() if page not in found[question]
    } == {}
    assert {question: first(question)[0] for question in COME_FIRST} == COME_FIRST


def test_who_asks_of_a_bleed_finds_what_was_tried_after_one(demonstration):
    typed = "is it safe for my father bleeding"
    paths = [result.entry.path for page in (1, 2, 3) for result in search.query(typed, page=page).page]
    assert {"/treatments/bone-marrow-cells/", "/evidence/bleed-review-2025/"} <= set(paths)


def test_two_spellings_find_the_same(demonstration):
    pairs = [
        ("tumor", "tumour"),
        ("ischemic", "ischaemic"),
        ("randomised", "randomized"),
        ("center", "centre"),
    ]
    assert [pair for pair in pairs if first(pair[0]) != first(pair[1])] == []


def test_a_guide_that_says_it_comes_before_a_word_explained_and_that_before_a_source(now):
    guide = builders.guide("g", now=now)
    shown(guide, now, title="Okapi one")
    search.index(
        GlossaryTerm.objects.create(term="okapi two", also=[], explanation="x"),
        builders.source("s", title="Okapi three"),
    )
    assert titles(search.query("okapi")) == ["Okapi one", "okapi two", "Okapi three"]


# --- Kept up to date ----------------------------------------------------------------------------


def found_by(query):
    return sorted(result.entry.path for result in search.query(query, as_typed=True).page)


def test_a_guide_is_found_from_the_moment_it_is_published(now):
    guide = builders.guide("zebras", now=now)
    revision = builders.approved(guide, now=now, title="Zebras")
    assert found_by("zebras") == []
    publishing.publish(revision, by=revision.author, now=now)
    assert found_by("zebras") == ["/guides/zebras/"]


def test_words_of_a_draft_are_not_found(now):
    guide = builders.guide("zebras", now=now)
    live = builders.published(guide, now=now, title="Zebras")
    builders.draft(guide, by=live.author, now=now, title="Giraffes")
    assert (found_by("giraffes"), found_by("zebras")) == ([], ["/guides/zebras/"])


def test_a_newer_text_is_found_by_its_own_words_only(now):
    guide = builders.guide("zebras", now=now)
    builders.published(guide, now=now, title="Zebras")
    builders.published(guide, now=now, title="Giraffes")
    assert (found_by("giraffes"), found_by("zebras")) == (["/guides/zebras/"], [])


def test_a_withdrawn_guide_is_found_no_more(now):
    guide = builders.guide("zebras", now=now)
    revision = builders.published(guide, now=now, title="Zebras")
    publishing.withdraw(revision, reason="A dose is wrong.", by=revision.author, now=now)
    assert (found_by("zebras"), SearchEntry.objects.count()) == ([], 0)
    assert not SearchWord.objects.filter(word="zebras", entries__gt=0).exists()


def test_a_guide_with_another_address_is_found_there(now):
    guide = builders.guide("zebras", now=now)
    revision = builders.published(guide, now=now, title="Zebras")
    subjects.rename(guide, slug="stripes", by=revision.author, now=now)
    assert found_by("zebras") == ["/guides/stripes/"]


def test_what_is_undone_is_not_found(now):
    record = builders.source("zebra", title="Zebra")
    with transaction.atomic():
        search.index(record)
        transaction.set_rollback(True)
    assert (found_by("zebra"), SearchWord.objects.count()) == ([], 0)


def test_key_points_questions_and_the_easy_version_are_found(now):
    guide = builders.guide("zebras", now=now)
    easy = {"easy_summary": "Quaggas.", "easy_body": "<p>Tapirs.</p>"}
    content = {"title": "Zebras", "key_points": ["Okapis."], "questions": ["Rhinos?"], **easy}
    shown(guide, now, **content)
    found = {word: found_by(word) for word in ("okapi", "rhino", "quagga", "tapir")}
    assert found == {word: ["/guides/zebras/"] for word in found}


def test_a_source_saved_in_the_admin_is_found(admin_client, now):
    record = builders.source("zebra")
    address = reverse("admin:articles_source_change", args=[record.pk])
    form = admin_client.get(address).context["adminform"].form
    posted = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    assert admin_client.post(address, posted | {"title": "An okapi"}).status_code == 302
    assert found_by("okapi") == ["/evidence/zebra/"]


def test_a_word_saved_in_the_admin_is_found(admin_client):
    posted = {"term": "okapi", "also": "okapis", "explanation": "An animal."}
    assert admin_client.post(reverse("admin:articles_glossaryterm_add"), posted).status_code == 302
    assert titles(search.query("okapi")) == ["okapi"]


def test_a_source_that_is_not_current_says_so_in_the_list(client, now):
    search.index(builders.source("zebra", title="Zebra", state=Source.State.RETRACTED))
    assert "status-retracted" in client.get("/search/?q=zebra").content.decode()


def test_the_demonstration_is_found(demonstration):
    assert titles(search.query("mesenkimal"))[0] == "Mesenchymal stem cells"
    assert {entry.kind for entry in SearchEntry.objects.all()} == set(SearchEntry.Kind.values)


def test_how_often_a_word_occurs_follows_every_change(now):
    first, second = (builders.source(name, title="Zebra", finding="x") for name in ("a", "b"))
    search.index(first, second)
    search.index(first)
    assert SearchWord.objects.get(word="zebra").entries == 2
    search.remove(second)
    assert SearchWord.objects.get(word="zebra").entries == 1


# --- Made again ---------------------------------------------------------------------------------


def state():
    entries = list(SearchEntry.objects.order_by("kind", "number").values())
    words = dict(SearchWord.objects.filter(entries__gt=0).values_list("word", "entries"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM articles_search_words")
        return [entry | {"id": None} for entry in entries], words, cursor.fetchone()


def test_a_rebuild_makes_what_the_verbs_have_made(corpus, capsys):
    made = state()
    SearchEntry.objects.all().delete()
    SearchWord.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM articles_search_words")
    call_command("rebuild_search")
    assert state() == made
    assert capsys.readouterr().out == "7 entries.\n"


def test_a_rebuild_forgets_what_is_no_more_and_changes_nothing_else(corpus, now):
    made = state()
    gone, last = builders.source("gone", title="Zebra"), builders.source("last", title="Zebra")
    search.index(gone, last)
    Source.objects.filter(pk__in=[gone.pk, last.pk]).delete()
    assert search.rebuild() == 7
    assert state() == made
    assert titles(search.query("zebra", as_typed=True)) == []


def test_a_rebuild_in_batches_is_the_same(corpus, monkeypatch):
    made = state()
    monkeypatch.setattr(search, "AT_A_TIME", 1)
    assert (search.rebuild(), state()) == (7, made)


def test_an_index_that_is_there_is_left_alone_where_once_is_enough(corpus, capsys):
    call_command("rebuild_search", "--once")
    assert capsys.readouterr().out == ""


def test_an_entry_is_there_once(corpus):
    entry = SearchEntry.objects.first()
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


# --- The page -----------------------------------------------------------------------------------


def page_of(client, query):
    answer = client.get(f"/search/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_empty_page_helps_and_may_be_listed(client, corpus):
    page = page_of(client, "")
    assert "Type one or two words." in page
    assert "noindex" not in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/search/">' in page


def test_results_are_not_listed_by_other_searches_and_have_one_address(client, corpus):
    page = page_of(client, "?page=1&q=stroke&topic=no&kind=guide")
    assert '<meta name="robots" content="noindex, follow">' in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/search/?q=stroke&amp;kind=guide">' in page


def test_the_page_says_what_it_looked_for_instead_and_how_to_insist(client, corpus):
    page = page_of(client, "?q=stoke")
    assert "Showing results for <strong>stroke</strong>." in page
    assert '<a href="?q=stoke&amp;as_typed=1" rel="nofollow">Search for stoke instead</a>' in page


def test_nothing_found_helps_on(client, corpus):
    page = page_of(client, "?q=zzzz")
    assert "We have nothing on “zzzz”" in page
    assert [way for way in ("/guides/", "/treatments/", "/evidence/") if f'href="{way}"' not in page] == []


def test_what_was_typed_stays_in_the_field_and_is_never_html(client, corpus):
    page = page_of(client, "?q=%22%3E%3Cscript%3Estroke")
    assert 'value="&quot;&gt;&lt;script&gt;stroke"' in page
    assert "<script" not in page


def test_searching_changes_nothing(client):
    assert client.post("/search/", {"q": "stroke"}).status_code == 405


def test_a_page_of_results_sets_no_cookie(client, corpus):
    assert client.get("/search/?q=stroke").cookies == {}


def test_words_that_no_page_has_are_named_and_the_nearest_is_offered(client, corpus):
    page = page_of(client, "?q=light+price")
    assert "No page has the word <strong>light</strong>." in " ".join(page.split())
    assert '<a href="?q=flight+price" rel="nofollow">flight price</a>?' in page


def test_nothing_found_in_another_script_says_that_the_pages_are_in_english(client, corpus):
    assert "The pages here are in English." in page_of(client, "?q=السكتة")
    assert "The pages here are in English." not in page_of(client, "?q=zzzz")


def test_words_of_another_language_that_we_know_say_that_the_pages_are_in_english(client, demonstration):
    said = {
        typed: "The pages here are in English." in page_of(client, f"?q={typed}")
        for typed in ("celulas+madre", "stammzellen", "inme", "stem+cells")
    }
    assert said == {"celulas+madre": True, "stammzellen": True, "inme": True, "stem+cells": False}


def test_words_that_say_nothing_by_themselves_are_asked_for_another(client, corpus):
    assert "These words are on every page." in page_of(client, "?q=can+you+tell+him")


def test_nothing_found_leads_to_tools_and_help(client, demonstration):
    page = page_of(client, "?q=zzzz")
    ways = (
        *("/check-an-offer/", "/trials/", "/guides/what-a-trip-really-costs/", "/guides/?easy=1"),
        "/emergency/",
    )
    assert [way for way in ways if f'href="{way}"' not in page] == []


# --- Above the results --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("check an offer", ["/check-an-offer/"]),
        ("offers", ["/check-an-offer/"]),
        ("stem cell scam", ["/check-an-offer/"]),
        ("find a trial", ["/trials/"]),
        ("trials that fit", ["/trials/"]),
        ("compare treatments", ["/treatments/compare/"]),
        ("easy", ["/guides/?easy=1"]),
        ("glossary", ["/glossary/"]),
        # A price is never asked for before what it should be compared with.
        ("how much", ["/check-an-offer/", "/quote/"]),
        ("free quote", ["/quote/"]),
        ("emergency", ["/emergency/"]),
        ("mini stroke", ["/emergency/"]),
        ("tia", ["/emergency/"]),
        ("clinic mexico", ["/about/", "/check-an-offer/"]),
        ("best hospital", ["/about/", "/check-an-offer/"]),
        ("Panama", ["/about/", "/check-an-offer/"]),
        ("clinical trial", ["/trials/"]),
        ("is it for him", ["/trials/"]),
        ("stroke 7 month ago", ["/trials/"]),
        ("stroke", []),
        ("", []),
    ],
)
def test_tools_stand_above_the_results_of_words_that_name_them(db, typed, addresses):
    assert [place.address for place in nearby.above(typed)] == addresses


@pytest.mark.parametrize("typed", ["18000", "how much", "price list", "cost"])
def test_who_asks_for_a_price_is_led_to_what_it_should_hold_before_a_quote(demonstration, typed):
    above = [place.address for place in nearby.above(typed)]
    assert above == ["/guides/what-a-trip-really-costs/", "/check-an-offer/", "/quote/"]


@pytest.mark.parametrize(
    "typed",
    [
        *("suicide", "Suicidal", "sucide", "i want to die", "he wants to die", "give up"),
        *("I can't go on", "dont want to live", "there is no hope", "we should give up"),
    ],
)
def test_who_despairs_is_told_first_where_there_is_help(client, demonstration, typed):
    page = html.fromstring(client.get("/search/", {"q": typed}).content)
    (help_now,) = page.xpath("//main/*[@aria-labelledby='help-now']")
    assert help_now.xpath("preceding-sibling::*[1]/@class") == ["search-form"]
    assert help_now.xpath(".//a/@href") == ["/emergency/"]
    assert "/guides/what-a-stroke-does/" in first(typed)


@pytest.mark.parametrize("typed", ["die", "how many people died", "give up smoking", "hope", "stroke", ""])
def test_who_does_not_is_told_nothing_of_the_kind(client, db, typed):
    assert 'id="help-now"' not in client.get("/search/", {"q": typed}).content.decode()


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        ("how are you funded", ["/money/"]),
        ("fund", ["/money/"]),
        ("who pays", []),
        ("hidden", []),
        ("stroke", []),
    ],
)
def test_fixed_pages_that_readers_see_are_found_by_their_titles(now, typed, addresses):
    fixed = {"body": "<p>x</p>", "updated_at": now}
    Page.objects.create(
        slug="money", title="How we are funded", summary="Who pays for a stroke site.", **fixed
    )
    Page.objects.create(slug="hidden", title="Hidden", summary="x", shown=False, **fixed)
    assert [place.address for place in nearby.above(typed)] == addresses


def test_the_page_has_the_tools_above_the_results_and_narrowed_ones_have_none(client, corpus):
    assert '<a href="/check-an-offer/">Check an offer</a>' in page_of(client, "?q=offer")
    assert 'id="also-here"' not in page_of(client, "?q=offer&kind=guide")
