"""The index is made again while others publish: whoever commits first, it says what readers see."""

from collections import Counter

import pytest
from django.db import connection

from articles import publishing, search, sources
from articles.models import Guide, GuideRevision, SearchEntry, SearchWord, Source
from articles.search import texts, words
from tests import builders
from tests.simultaneous import at_once, just_before, not_yet_committed

pytestmark = pytest.mark.django_db(transaction=True)

ON_POSTGRESQL = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite holds the whole database: nobody reads in between"
)
# What a rebuild sends between its batches, and before it has counted the words.
AFTER_THE_GUIDES = 'FROM "articles_source" WHERE "articles_source"."id" >'


@pytest.fixture
def guide(now):
    """Readers see a text with a zebra; one with an okapi is approved."""
    guide = builders.guide("risks", now=now)
    builders.published(guide, now=now, title="Risks of the zebra")
    builders.approved(guide, now=now, title="Risks of the okapi")
    return guide


def publish(now):
    approved = GuideRevision.objects.get(state="approved")
    publishing.publish(approved, by=approved.author, now=now)


def withdraw(now):
    guide = Guide.objects.get()
    publishing.withdraw(guide.live_revision, reason="A dose is wrong in it.", by=builders.staff(), now=now)


def counted():
    """In how many entries each word stands, as it is kept."""
    return dict(SearchWord.objects.exclude(entries=0).values_list("word", "entries"))


def there():
    """The same, as the entries say."""
    found = Counter()
    for entry in SearchEntry.objects.all():
        found.update(words.worth_suggesting(texts.everything(entry)))
    return dict(found)


def titles():
    return sorted(SearchEntry.objects.values_list("title", flat=True))


def test_a_text_published_after_its_entry_was_made_again_is_counted(guide, now):
    with just_before(AFTER_THE_GUIDES, lambda: publish(now)):
        search.rebuild()
    assert titles() == ["Cells after stroke: trial-1", "Risks of the okapi"]
    assert (counted().get("zebra"), counted().get("okapi")) == (None, 1)
    assert counted() == there()


def test_a_text_withdrawn_after_its_entry_was_made_again_is_not_counted(guide, now):
    with just_before(AFTER_THE_GUIDES, lambda: withdraw(now)):
        search.rebuild()
    assert titles() == ["Cells after stroke: trial-1"]
    assert counted() == there()


def test_a_word_that_comes_back_meanwhile_stays(guide, now):
    SearchWord.objects.create(word="okapi", stem="okapi", entries=0)
    with just_before(AFTER_THE_GUIDES, lambda: publish(now)):
        search.rebuild()
    assert counted()["okapi"] == 1


@ON_POSTGRESQL
def test_what_is_published_after_the_words_were_read_is_counted(guide, now):
    with just_before("INSERT INTO articles_searchword", lambda: publish(now)):
        search.rebuild()
    assert counted() == there()


@ON_POSTGRESQL
@pytest.mark.parametrize("change", [publish, withdraw])
def test_an_entry_waits_for_what_is_being_published(guide, now, change):
    with not_yet_committed(lambda: change(now)):
        search.rebuild()
    assert (
        titles()
        == {
            publish: ["Cells after stroke: trial-1", "Risks of the okapi"],
            withdraw: ["Cells after stroke: trial-1"],
        }[change]
    )
    assert counted() == there()


@ON_POSTGRESQL
def test_an_entry_waits_for_what_is_published_for_the_first_time(now):
    builders.approved(builders.guide("risks", now=now), now=now, title="Risks of the okapi")
    with not_yet_committed(lambda: publish(now)):
        search.rebuild()
    assert titles() == ["Cells after stroke: trial-1", "Risks of the okapi"]
    assert counted() == there()


def test_two_rebuilds_at_once_mend_the_count_once(guide):
    SearchWord.objects.all().delete()
    at_once(2, lambda _number: search.rebuild())
    assert counted() == there()


def test_rebuilds_and_changes_at_once_end_in_what_is_there(guide, now):
    records = [builders.source(f"s-{number}", title=f"Zebra {number}") for number in range(8)]
    editors = [builders.staff() for _ in records]

    def act(number: int) -> None:
        if number % 2:
            search.rebuild()
        for own in range(number, len(records), 4):
            source = Source.objects.get(pk=records[own].pk)
            sources.change(source, {"title": f"Okapi {own}"}, by=editors[own], now=now)

    at_once(4, act)
    assert counted() == there()
    assert [title for title in titles() if "Okapi" in title] == [f"Okapi {number}" for number in range(8)]
