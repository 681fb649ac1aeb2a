import io
import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

import articles.demo
import articles.roles
import portal.demo
import portal.roles
import quotes.roles
from articles import approvals, publishing, subjects, texts
from articles.body import render
from articles.checks import discern, quality
from articles.checks.readability import grade, long_sentences
from articles.citations import CITATION
from articles.models import (
    Claim,
    GlossaryTerm,
    Guide,
    GuideRevision,
    Source,
    Topic,
    Treatment,
    TreatmentRevision,
    TrialCriteria,
)
from articles.reader_views import ON_BLEEDS, REHABILITATION
from portal import roles
from portal.models import Page, User
from tests.pages import parts

pytestmark = pytest.mark.django_db
SECTIONS = [
    "What it is",
    "Where the cells come from",
    "How they are given",
    "What is known",
    "What is not known",
    "Risks",
    "Where it is approved",
    "Your other choices",
    "What happens without the cells",
]
ALTERNATIVES = {"rehabilitation-at-home", "a-registered-trial", "waiting"}
# What the product's list of facts holds, read in an original (A) or in an abstract, a copy or a report (B).
ON_THE_LIST = """
masters-2017 treasure-2024 masters-2 sb623-2016 actissima pisces-1 pisces-2 pisces-3 rainbow rainbow-2a
nr1-stanford cochrane-2019 meta-msc-2024 meta-ivmsc-2024 berkowitz-2016 cauda-equina-mass nerve-root-growth
cord-mass-2019 mmwr-2024 neurologist-survey-2020 fda-consumer-2021 ftc-2018 ftc-2024 uk-cap-12
multistem-japan price-us-clinic price-agency-table price-tijuana price-india price-overseas-2018
price-case-2016 facilitator-fees facilitator-practice isscr-patients nhs-abroad nice-ng236 discern
nhs-content-standard good-faith-estimate aphasia-third
"""
# Easy versions: the most words of a sentence, and the most years of school.
EASY_WORDS, EASY_GRADE = 15, 6
# The parts of the page around the text that a reviewer may point to.
AROUND = {"Questions to ask", "Key points"}


def load(*arguments):
    """What the command prints."""
    out = io.StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


# Six accounts a load: Argon2 is slow on purpose, and not what is tested here.
QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = QUICK


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """What the command printed. Loaded once; what a test changes is taken back after it."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=QUICK), transaction.atomic():
        if not Group.objects.exists():  # a test before this one flushed what the migrations made
            for app in (portal, articles, quotes):
                portal.roles.grant(apps, app.__name__, app.roles.PERMISSIONS)
        yield load()
        transaction.set_rollback(True)


def live_texts():
    return [subject.live_revision for subject in (*Guide.objects.all(), *Treatment.objects.all())]


def files(folder):
    return {path.stem for path in (articles.demo.FOLDER / folder).glob("*.md")}


def text_of(file):
    """The Markdown under the front matter."""
    return file.read_text("utf-8").split(portal.demo.FENCE, 2)[2]


# --- What is there ------------------------------------------------------------------------------


def test_everything_is_live_and_marked_as_a_demonstration(loaded):
    assert set(Guide.objects.live().values_list("slug", flat=True)) == files("guides")
    assert set(Treatment.objects.live().values_list("slug", flat=True)) == files("treatments")
    for model in (GuideRevision, TreatmentRevision):
        assert set(
            model.objects.values_list("demonstration", "author__username", "reviewed_by__username")
        ) == {(True, "editor", "reviewer")}


def test_there_is_enough_of_each(loaded):
    assert len(files("guides")) >= 10
    assert len(files("guides/easy")) >= 4
    assert GlossaryTerm.objects.count() >= 40
    assert Guide.objects.exclude(live_revision__easy_body="").count() == len(files("guides/easy"))
    alternatives = Treatment.objects.filter(standing=Treatment.Standing.ALTERNATIVE)
    assert set(alternatives.values_list("slug", flat=True)) == ALTERNATIVES


def test_every_record_of_the_list_of_facts_is_there(loaded):
    assert set(ON_THE_LIST.split()) - set(Source.objects.values_list("key", flat=True)) == set()


def test_every_source_has_a_name_in_plain_words_of_its_own(loaded):
    names = list(Source.objects.values_list("plain_title", flat=True))
    assert "" not in names
    assert len(set(names)) == len(names)


def test_every_trial_says_whom_it_takes_in_or_is_known_not_to(loaded):
    told = TrialCriteria.objects.values("source")
    missing = Source.objects.filter(kind=Source.Kind.TRIAL).exclude(pk__in=told)
    assert set(missing.values_list("key", flat=True)) == {
        "sb623-2016",
        "rainbow",
        "invest-2014",
        "levy-2019",
        "avert-2015",  # of early rehabilitation, not of cells
    }


def test_nothing_is_overdue(loaded):
    today = timezone.localdate()
    assert not Guide.objects.review_overdue(today).exists()
    assert not Treatment.objects.review_overdue(today).exists()


# --- The gate -----------------------------------------------------------------------------------


def test_no_text_has_a_blocking_problem_and_each_warning_left_standing_has_its_reason(loaded):
    for revision in live_texts():
        found = texts.problems_of(revision)
        assert quality.blocking(found) == []
        left = {(override["code"], override["place"]) for override in revision.overrides}
        assert {(problem.code, problem.place) for problem in found} == left
        assert all(override["reason"] for override in revision.overrides)


def test_every_citation_of_every_file_leads_to_a_record(loaded):
    keys = set(Source.objects.values_list("key", flat=True))
    cited = {
        (path.name, key)
        for path in articles.demo.FOLDER.rglob("*.md")
        for key in CITATION.findall(text_of(path))
    }
    assert len(cited) > 100
    assert {(name, key) for name, key in cited if key not in keys} == set()


def test_every_sentence_of_an_easy_version_is_short_and_its_words_are_easy(loaded):
    for guide in Guide.objects.exclude(live_revision__easy_body=""):
        revision = guide.live_revision
        words = f"{revision.easy_summary}\n{render(revision.easy_body, sources=()).plain_text}"
        plain = CITATION.sub("", words)
        assert list(long_sentences(plain, EASY_WORDS)) == [], guide.slug
        assert grade(plain) <= EASY_GRADE, guide.slug


def test_the_texts_are_easy_to_read(loaded):
    assert {revision.subject.slug: revision.grade for revision in live_texts() if revision.grade > 8} == {}


def test_each_score_points_to_a_heading_of_its_text(loaded):
    for revision in live_texts():
        places = approvals.places_in(revision, texts.made_of(revision))
        assert list(discern.problems(revision.discern, places)) == []
        headings = {heading["text"] for heading in revision.contents} | AROUND
        assert {answer["where"] for answer in revision.discern} - headings == set(), revision.subject.slug


# --- Claims -------------------------------------------------------------------------------------


SMALL = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def numbers_in(source):
    """Every number of people that a record states, be it in words; its group as a whole, too."""
    words = re.findall(r"\d+(?:\.\d+)?|[a-z]+", source.finding.replace(",", "").casefold())
    spelt = {word: str(number) for number, word in enumerate(SMALL, 1)}
    return {spelt.get(word, word) for word in words} | {str(source.people)}


def test_the_figures_of_a_claim_are_those_of_one_of_its_sources(loaded):
    strange = []
    for claim in Claim.objects.filter(of__isnull=False).prefetch_related("sources"):
        figures = {claim.count, claim.of, claim.other_count, claim.other_of} - {None}
        stated = [numbers_in(source) for source in claim.sources.all()]
        if not any({str(figure) for figure in figures} <= numbers for numbers in stated):
            strange.append((claim.sentence, figures))
    assert strange == []


def test_the_largest_blinded_trial_is_told_in_the_same_figures_everywhere(loaded):
    told = Claim.objects.filter(sources__key="treasure-2024", of__isnull=False)
    assert {(claim.count, claim.of, claim.other_count, claim.other_of) for claim in told} == {
        (12, 104, 10, 102),
        (10, 102, 12, 104),
        (16, 104, 11, 102),
    }


def test_every_treatment_with_cells_states_harm_and_what_is_not_shown(loaded):
    for treatment in Treatment.objects.filter(standing=Treatment.Standing.CELLS):
        directions = set(treatment.live_revision.claim_rows.values_list("direction", flat=True))
        assert "harm" in directions
        assert directions & {"no_effect", "not_known"}


def test_of_the_treatments_with_cells_one_claims_a_benefit_and_says_what_is_against_it(loaded):
    benefits = Claim.objects.filter(direction="benefit", treatment__standing="cells")
    own = benefits.filter(treatment_revision__isnull=False)
    assert [(claim.treatment.slug, claim.how_sure) for claim in own] == [("mesenchymal-stem-cells", "low")]
    assert own.get().caveat.endswith("The largest trial with sham surgery missed its goal.")


def test_every_claim_speaks_of_its_own_treatment_or_of_one_that_is_there(loaded):
    for treatment in Treatment.objects.all():
        rows = treatment.live_revision.claim_rows
        assert set(rows.values_list("treatment__slug", flat=True)) == {treatment.slug}


# --- The texts ----------------------------------------------------------------------------------


def test_each_guide_has_900_words_and_all_its_parts(loaded):
    for guide in Guide.objects.all():
        revision = guide.live_revision
        assert revision.word_count >= 900
        assert 3 <= len(revision.key_points) <= 6
        assert 3 <= len(revision.questions) <= 10
        assert guide.topics.exists()
        assert guide.related.exists()


def test_each_treatment_with_cells_has_its_sections_in_order(loaded):
    for treatment in Treatment.objects.filter(standing=Treatment.Standing.CELLS):
        headings = [heading["text"] for heading in treatment.live_revision.contents if heading["level"] == 2]
        assert headings[: len(SECTIONS)] == SECTIONS
        assert treatment.live_revision.approval


def test_no_quote_is_offered_for_what_is_found_in_trials_only_or_is_no_treatment_with_cells(loaded):
    assert set(Treatment.objects.filter(quote_offered=False).values_list("slug", flat=True)) == {
        "induced-pluripotent-cells",
        "embryonic-derived-cells",
        *ALTERNATIVES,
    }


def test_trials_of_cells_are_not_counted_as_trials_of_waiting_or_rehabilitation(loaded, client):
    columns = client.get("/treatments/compare/?t=neural-stem-cells&t=bone-marrow-cells").context["columns"]
    counted = {column.treatment.slug for column in columns if column.trials}
    assert {column.treatment.slug for column in columns} - counted == ALTERNATIVES


def test_each_trial_is_counted_under_the_cells_that_it_tested(loaded, client):
    query = "?t=induced-pluripotent-cells&t=neural-stem-cells&t=bone-marrow-cells&t=mesenchymal-stem-cells"
    columns = client.get(f"/treatments/compare/{query}").context["columns"]
    trials = {column.treatment.slug: {trial.key for trial in column.trials} for column in columns}
    assert trials["induced-pluripotent-cells"] == {"ipsc-hnpc01", "ipsc-hnpc01-2025"}
    assert trials["neural-stem-cells"] == {"pisces-1", "pisces-2", "pisces-3"}
    everything = Source.objects.filter(control__in=["placebo", "sham", "none"], kind="trial")
    assert [trial.key for trial in everything if not trial.treatments.exists()] == []


def test_a_guide_does_not_lead_to_a_quote_before_what_went_wrong(loaded):
    assert [guide.slug for guide in Guide.objects.all() if "free quote" in guide.live_revision.body] == []


def test_the_comparison_group_of_the_japanese_trial_is_told_as_such_under_waiting(loaded, client):
    page = client.get("/treatments/waiting/")
    assert [words.split(" Drawn")[0] for words in parts(page, ".people figcaption")] == [
        "11 of 100 people",
        "10 of 102 people with a placebo instead of cells",
        "12 of 104 people with cells",
    ]


def test_a_trial_whose_register_was_read_in_an_old_copy_has_its_day(loaded):
    told = TrialCriteria.objects.filter(also__contains="a copy of the register of")
    assert {one.source.key: f"{one.checked_on:of %B %Y}" in one.also for one in told} == dict.fromkeys(
        ["bleed-cord-cells", "cord-cells-subacute", "ipsc-hnpc01", "rainbow-2a"], True
    )


def test_the_page_on_trials_names_each_that_may_take_people_in_as_its_record_has_it(loaded):
    text = text_of(articles.demo.FOLDER / "treatments" / "a-registered-trial.md")
    told = text.partition("## How to find one, and check it")[2].partition("\n## ")[0]
    not_begun = next(sentence for sentence in told.split(". ") if "not yet taking people in" in sentence)
    records = TrialCriteria.objects.exclude(recruiting="closed")
    assert set(CITATION.findall(told)) & keys(TrialCriteria.objects.all()) == keys(records)
    assert set(CITATION.findall(not_begun)) == keys(records.filter(also__contains="not yet taking people in"))


def keys(criteria):
    return set(criteria.values_list("source__key", flat=True))


def test_the_guide_that_people_are_led_to_after_a_bleed_has_a_part_about_it(loaded):
    guide = Guide.objects.get(slug=ON_BLEEDS)
    assert "was-your-stroke-a-clot-or-a-bleed" in {heading["id"] for heading in guide.live_revision.contents}
    assert Treatment.objects.filter(slug=REHABILITATION).exists()


def test_every_treatment_with_cells_says_that_its_trials_took_only_strokes_from_a_clot(loaded):
    for treatment in Treatment.objects.filter(standing=Treatment.Standing.CELLS):
        assert "blocked blood vessel" in treatment.live_revision.body
    clot = Guide.objects.filter(live_revision__key_points__icontains="whose stroke came from a clot")
    assert {
        "stem-cells-for-stroke-benefits-and-risks",
        "stem-cells-and-stroke-rehabilitation",
    } - set(clot.values_list("slug", flat=True)) == set()


PROMISE = (
    "A coordinator answers within three working days. The quote follows in writing when the clinics have "
    "answered. We say each time when you will next hear from us."
)
TAKE_BACK = "To take back your consent, press “Withdraw my request” on your private page. Or write to us"


def test_what_staff_promise_about_a_quote_stands_in_the_same_words_everywhere(loaded, client):
    bodies = [subject.live_revision.body for subject in (*Guide.objects.all(), *Treatment.objects.all())]
    bodies += [page.body for page in Page.objects.all()]
    bodies.append(client.get("/treatments/bone-marrow-cells/").content.decode())
    promising = [body for body in bodies if "three working days. " in body]
    assert [body for body in promising if PROMISE.lower() not in body.lower()] == []
    # The pages on quotes. No guide asks for a request before its claims: the box comes after them.
    assert len(promising) == 4


def test_the_pages_name_one_way_to_take_back_consent(loaded):
    naming = Page.objects.filter(body__contains=TAKE_BACK)
    assert set(naming.values_list("slug", flat=True)) == {"contact", "disclaimer", "privacy"}


def test_the_pages_name_the_button_that_stops_the_e_mails(loaded):
    naming = Page.objects.filter(
        body__icontains="press “Stop these e-mails” on your private page. Or write to us"
    )
    assert set(naming.values_list("slug", flat=True)) == {"contact", "privacy"}


def test_every_page_answers_and_every_link_of_ours_leads_somewhere(loaded, client):
    addresses = {"/guides/", "/treatments/", "/evidence/"}
    for records in (Guide.objects, Treatment.objects, Source.objects, Page.objects):
        addresses |= {subject.get_absolute_url() for subject in records.all()}
    linked = set()
    for address in addresses:
        html = client.get(address).content.decode()
        linked |= set(re.findall(r'<a [^>]*href="(/[^"#?]*)', html))
    assert {address for address in linked - addresses if client.get(address).status_code >= 400} == set()


def test_an_account_for_each_role_whose_password_is_shown_once(loaded, client):
    shown = dict(re.findall(r"^  (\w+) +(\S+)$", loaded, re.MULTILINE))
    roles_of = {user.username: user.role for user in User.objects.all()}
    assert roles_of == {
        "editor": roles.EDITOR,
        "reviewer": roles.REVIEWER,
        "coordinator": roles.COORDINATOR,
        "manager": roles.MANAGER,
        "auditor": roles.AUDITOR,
        "admin": "Administrator",
    }
    assert set(shown) == set(roles_of)
    assert all(client.login(username=name, password=password) for name, password in shown.items())
    assert len(set(shown.values())) == len(shown)


def test_loading_again_adds_only_what_is_missing_and_changes_nothing(loaded):
    guide = Guide.objects.get(slug="questions-before-you-pay")
    editor = User.objects.get(username="editor")
    publishing.save_draft(guide, {"title": "Edited by staff"}, by=editor, now=timezone.now())
    Source.objects.filter(key="treasure-2024").update(finding="Edited by staff.")
    Page.objects.filter(slug="about").update(title="Edited by staff")
    Page.objects.filter(slug="contact").delete()
    renamed = Guide.objects.get(slug="what-a-trip-really-costs")
    subjects.rename(renamed, slug="costs", by=editor, now=timezone.now())
    counts = [model.objects.count() for model in (GuideRevision, TreatmentRevision, Source, Topic, User)]
    again = load()
    assert counts == [
        model.objects.count() for model in (GuideRevision, TreatmentRevision, Source, Topic, User)
    ]
    assert guide.revisions.first().title == "Edited by staff"
    assert Source.objects.get(key="treasure-2024").finding == "Edited by staff."
    assert Page.objects.get(slug="about").title == "Edited by staff"
    assert Page.objects.filter(slug="contact").exists()
    assert again == (
        "Added 0 topics, 0 sources, 0 trial criteria, 0 words, 0 treatments, 0 guides, 1 pages,"
        " 0 destinations.\n"
    )


def test_once_does_nothing_where_there_is_content(loaded):
    Topic.objects.all().delete()
    assert load("--once") == ""
    assert Topic.objects.count() == 0


def test_every_fixed_page_that_the_product_names_is_there():
    portal.demo.load_pages(timezone.now())
    assert set(Page.objects.values_list("slug", flat=True)) == {
        "about",
        "how-we-review",
        "how-we-are-funded",
        "privacy",
        "accessibility",
        "disclaimer",
        "contact",
    }
