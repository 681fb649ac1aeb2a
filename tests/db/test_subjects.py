"""A guide itself: its settings and what it is a translation of. Its address: test_publishing."""

import pytest

from articles import subjects
from articles.models import Guide
from articles.publishing import PublishingError
from portal import audit, roles
from tests import builders
from tests.simultaneous import at_once

pytestmark = pytest.mark.django_db


def trail(subject):
    return [(event.action, event.detail) for event in reversed(audit.trail_of(subject))]


def test_settings_are_changed_in_one_verb_and_the_trail_names_them(guide, editor, now):
    topic = builders.topic()
    changed = {"topics": [topic], "audience": "patients", "slug": "harms"}
    subjects.change_settings(guide, changed, by=editor, now=now)
    assert (guide.slug, guide.audience, list(guide.topics.all())) == ("harms", "patients", [topic])
    assert trail(guide) == [
        ("guide.renamed", {"from": "risks", "to": "harms"}),
        ("guide.changed", {"fields": ["audience", "topics"]}),
    ]


def test_only_what_differs_is_written(guide, editor, now):
    seen = Guide.objects.get()
    subjects.change_settings(guide, {"audience": "patients"}, by=editor, now=now)
    subjects.change_settings(seen, {"audience": "patients", "topics": []}, by=editor, now=now)
    assert trail(guide) == [("guide.changed", {"fields": ["audience"]})]


def test_what_is_no_setting_is_not_written(guide, editor, now):
    with pytest.raises(ValueError, match="not settings of guide"):
        subjects.change_settings(guide, {"created_at": None}, by=editor, now=now)


def test_where_one_setting_is_refused_none_is_written(guide, editor, now):
    builders.guide("taken", now=now)
    with pytest.raises(PublishingError):
        subjects.change_settings(guide, {"audience": "patients", "slug": "taken"}, by=editor, now=now)
    guide.refresh_from_db()
    assert (guide.slug, guide.audience, trail(guide)) == ("risks", "everyone", [])


def test_a_guide_begins_with_its_settings(editor, now):
    topic = builders.topic()
    settings = {"topics": [topic], "audience": "patients"}
    guide = subjects.begin(Guide, slug="risks", by=editor, now=now, settings=settings)
    assert (guide.audience, list(guide.topics.all())) == ("patients", [topic])
    assert trail(guide) == [("guide.added", {})]


@pytest.mark.parametrize(
    ("original", "message"),
    [
        ("english", "This guide is in the same language. A translation is in another one."),
        ("translated", "This guide is a translation itself. Choose the one it was translated from."),
    ],
)
def test_what_cannot_be_translated_from_is_refused(guide, editor, now, original, message):
    english = builders.guide("english", now=now)
    builders.guide("translated", now=now, language="ar", translation_of=english)
    changed = {"translation_of": Guide.objects.get(slug=original)}
    with pytest.raises(PublishingError) as refusal:
        subjects.change_settings(guide, changed, by=editor, now=now)
    guide.refresh_from_db()
    assert (str(refusal.value), guide.translation_of) == (message, None)


def test_an_original_does_not_become_a_translation(guide, editor, now):
    builders.guide(now=now, language="ar", translation_of=guide)
    other = builders.guide(now=now, language="ar")
    with pytest.raises(PublishingError) as refusal:
        subjects.change_settings(guide, {"translation_of": other}, by=editor, now=now)
    assert str(refusal.value) == subjects.HAS_TRANSLATIONS


def test_the_language_stays_once_readers_saw_the_guide(guide, editor, now):
    subjects.change_settings(guide, {"language": "ar"}, by=editor, now=now)
    builders.published(guide, now=now)
    with pytest.raises(PublishingError) as refusal:
        subjects.change_settings(guide, {"language": "en-gb"}, by=editor, now=now)
    guide.refresh_from_db()
    assert (str(refusal.value), guide.language) == (subjects.READ_IN_IT, "ar")


def test_a_second_translation_into_a_language_is_refused(guide, editor, now):
    first, second = (builders.guide(now=now, language="ar") for _number in range(2))
    subjects.change_settings(first, {"translation_of": guide}, by=editor, now=now)
    with pytest.raises(PublishingError):
        subjects.change_settings(second, {"translation_of": guide}, by=editor, now=now)
    second.refresh_from_db()
    assert second.translation_of is None


@pytest.mark.django_db(transaction=True)
def test_of_two_guides_each_made_a_translation_of_the_other_one_is_refused(now):
    editor = builders.staff(roles.EDITOR)
    pair = [builders.guide(now=now), builders.guide(now=now, language="ar")]

    def translate(number):
        changed = {"translation_of": pair[1 - number]}
        try:
            subjects.change_settings(Guide.objects.get(pk=pair[number].pk), changed, by=editor, now=now)
        except PublishingError:
            return "refused"
        return "done"

    assert sorted(at_once(2, translate)) == ["done", "refused"]
    assert Guide.objects.filter(translation_of=None).count() == 1
