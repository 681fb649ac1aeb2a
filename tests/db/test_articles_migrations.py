"""Migrations of texts and evidence on a database that already holds some."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import IntegrityError

from articles import publishing, sources, texts
from articles.models import Claim, GuideRevision, Source
from portal import roles
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("articles", name)])


def records_at(name: str):
    """The models as they were after this migration."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", name)])
    return executor.loader.project_state([("articles", name)]).apps.get_model


@pytest.fixture
def newest():
    """The name of the newest migration; the database is there again after the test."""
    loader = MigrationExecutor(connection).loader
    (name,) = (name for app, name in loader.graph.leaf_nodes("articles"))
    yield name
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


# --- 0012: which source shows a benefit ---------------------------------------------------------

SAID_NOW = "The record of its evidence has been corrected since: it no longer shows this."


def claim_at_0011(model_of, revision, position, *keys, **fields):
    """A row as it was before it named what shows it; the first key is its column, all are its sources."""
    found = [model_of("articles", "Source").objects.get(key=key) for key in keys]
    made = model_of("articles", "Claim").objects.create(
        **{
            "guide_revision_id": revision.pk,
            "position": position,
            "direction": "benefit",
            "sentence": "More people could walk.",
            "how_sure": "low",
            "treatment_id": model_of("articles", "Treatment").objects.get().pk,
            "source": found[0],
        }
        | fields
    )
    made.sources.set(found)


@pytest.fixture
def claims(now, newest):
    """Claims of a published text, made before 0012 and brought here, by their position."""
    builders.treatment("cells", now=now)
    revision = builders.published(builders.guide("risks", now=now), now=now)
    builders.source("strong", main_measure="met")
    builders.source("weighed", kind="review", main_measure="not_applicable", control="not_applicable")
    builders.source("weak", main_measure="missed")
    model_of = records_at("0011_search")
    claim_at_0011(model_of, revision, 1, "strong")
    claim_at_0011(model_of, revision, 2, "weak", "weighed")
    claim_at_0011(model_of, revision, 3, "weak", caveat="It missed its main measure.", weakness="missed")
    claim_at_0011(model_of, revision, 4, "weak")
    claim_at_0011(model_of, revision, 5, "strong", direction="harm")
    migrate(newest)
    return {claim.position: claim for claim in Claim.objects.all()}


def test_benefits_there_were_name_what_shows_them_or_say_that_nothing_does_any_more(claims):
    found = {number: (c.shown_by and c.shown_by.key, c.caveat) for number, c in claims.items()}
    assert found == {
        1: ("strong", ""),
        2: ("weighed", ""),
        3: (None, "It missed its main measure."),
        4: (None, SAID_NOW),
        5: (None, ""),
    }


def test_nothing_else_of_a_claim_changed(claims):
    assert {(c.sentence, c.how_sure, c.group, c.source.key) for c in claims.values()} == {
        ("More people could walk.", "low", "", "strong"),
        ("More people could walk.", "low", "", "weak"),
    }
    backing = [sorted(source.key for source in claim.sources.all()) for claim in claims.values()]
    assert backing == [["strong"], ["weak", "weighed"], ["weak"], ["weak"], ["strong"]]


def test_after_all_migrations_the_database_still_watches_what_shows_a_benefit(claims, now):
    """Each migration that makes a table anew on SQLite must put the triggers back."""
    text, weak = claims[1].guide_revision, Source.objects.get(key="weak")
    with pytest.raises(IntegrityError, match="claim_shown_by_shows_it"):
        builders.claim(text, weak, direction="benefit", shown_by=weak, treatment=claims[1].treatment)


# --- 0017: when a record last changed -----------------------------------------------------------


def test_sources_there_were_have_the_day_that_the_trail_tells_or_that_of_their_check(now, newest):
    builders.source("never-changed", checked_on=dt.date(2026, 11, 1))
    for key, days in (("changed", 3), ("checked-later", -40)):
        source = builders.source(key, checked_on=dt.date(2026, 11, 1))
        then = now + dt.timedelta(days=days)
        sources.change(source, {"finding": "Nobody got better."}, by=builders.staff(), now=then)
    migrate("0016_reviewers_state_sources")
    migrate(newest)
    midnight = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert dict(Source.objects.values_list("key", "changed_at")) == {
        "never-changed": midnight,
        "changed": now + dt.timedelta(days=3),
        "checked-later": midnight,
    }


# --- 0018: reviews are watched ------------------------------------------------------------------


def test_a_text_approved_before_there_were_scores_is_published_withdrawn_and_kept(now, newest):
    guide = builders.guide("risks", now=now)
    approved = builders.approved(guide, now=now)
    migrate("0017_source_changed_at")
    without = {"discern": [], "discern_total": None, "discern_on": None}
    GuideRevision.objects.filter(pk=approved.pk).update(**without)
    migrate(newest)
    editor = builders.staff()
    publishing.publish(approved, by=editor, now=now)
    publishing.withdraw(approved, reason="A dose is wrong in it.", by=editor, now=now)
    approved.refresh_from_db()
    assert (approved.state, approved.discern_total, approved.withdrawn_by) == ("published", None, editor)


# --- 0019: warnings known by what they are about ------------------------------------------------

OF_A_TEXT = {
    "key_points": ["One point."],
    "body": (
        "<p>A score rose by 12.1 points. “So it is”, he said.</p><h2>The “old” trials</h2>"
        "<p>Two of 23 people died [@trial-1] [@trial-2] [@trial-3].</p><p>Then it fell by 3.5 points.</p>"
    ),
    "easy_summary": "What can go wrong.",
    "easy_body": "<p>Two people died [@trial-2].</p><h2>The risks</h2><p>It fell by 3.5 points.</p>",
    "questions": ["Who pays?"],
}
OF_CLAIMS = builders.told("<p>Two of 23 people died [@trial-0].</p>")
GRADE = {
    "code": "grade_high",
    "key": "8.7",
    "place": "The text",
    "message": "Its reading grade is 8.7; 8 is the most that readers here should need.",
    "reason": "The names of the cells are long.",
}
UNKNOWN = {"code": "few_questions_once", "place": "", "message": "Gone.", "reason": "It was so."}


@pytest.mark.parametrize(("about_claims", "expected"), [(False, 9), (True, 1)])
def test_warnings_left_standing_before_they_had_keys_are_known_by_them(now, newest, about_claims, expected):
    editor = builders.staff(roles.EDITOR)
    newer = builders.source("trial-0")
    builders.source("trial-1", state="retracted")
    builders.source("trial-2", state="superseded", superseded_by=newer)
    builders.source("trial-3", state="terminated")
    cells = builders.treatment("cells", now=now)
    claims = [builders.written_claim(treatment=cells.pk)]
    content = OF_CLAIMS | {"claims": claims} if about_claims else OF_A_TEXT
    text = builders.draft(builders.guide("risks", now=now), by=editor, now=now, **content)
    reasons = {problem.name: "It is right as it stands." for problem in texts.problems_of(text)}
    kept = [*publishing.submit(text, by=editor, now=now, reasons=reasons).overrides, GRADE, UNKNOWN]
    assert len(kept) == expected + 2
    migrate("0018_reviews_watched")
    before = [{name: said for name, said in one.items() if name != "key"} for one in kept]
    GuideRevision._base_manager.filter(pk=text.pk).update(overrides=before)
    migrate(newest)
    text.refresh_from_db()
    assert text.overrides == kept


# --- 0021: writers of what was begun on an approved text ----------------------------------------


def test_texts_begun_before_writers_were_carried_over_have_them(now, newest):
    alice = builders.staff(roles.EDITOR, roles.REVIEWER, username="alice")
    bea, carl = (builders.staff(roles.EDITOR, username=name) for name in ("bea", "carl"))
    guide = builders.guide("risks", now=now)
    first = builders.published(guide, now=now, by=alice)
    second = publishing.save_draft(guide, {"title": "Second"}, by=bea, now=now)
    publishing.submit(second, by=bea, now=now)
    migrate("0020_evidence_flags_tell_of_facts")
    second.writers.set([bea])
    builders.approve(second, next_review_on=dt.date(2027, 5, 1), by=alice, now=now)
    third = publishing.save_draft(guide, {"title": "Third"}, by=carl, now=now)
    third.writers.set([carl])
    migrate(newest)
    written = [sorted(text.writers.values_list("username", flat=True)) for text in (first, second, third)]
    assert written == [["alice"], ["bea"], ["alice", "bea", "carl"]]


# --- There and back -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["0002_initial", "0005_source_kinds", "0007_sources_undated_last", "0014_reviewers_change_sources"],
)
def test_every_migration_goes_back_and_forth_over_what_the_verbs_make(name, now, newest):
    """What the older tables have no place for is lost; what they have stays."""
    editor = builders.staff(roles.EDITOR)
    cells = builders.treatment("cells", now=now)
    harm = builders.written_claim()
    unknown = harm | {"direction": "not_known", "how_sure": "", "sentence": "Nobody knows for how long."}
    builders.published(cells, now=now, claims=[harm, unknown])
    guide = builders.guide("risks", now=now)
    live = builders.published(guide, now=now)
    publishing.discard(builders.draft(guide, by=editor, now=now, title="Begun"), by=editor, now=now)
    migrate(name)
    migrate(newest)
    guide.refresh_from_db()
    assert (guide.live_revision, guide.live_revision.body) == (live, live.body)
    assert Source.objects.get().finding == "No difference on the main measure."
