import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

import articles.demo
import portal.demo
from articles import publishing, subjects, texts
from articles.models import Guide, GuideRevision, Source, Topic, Treatment, TreatmentRevision
from portal import roles
from portal.models import Page, User

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
]


def load(*arguments):
    """What the command prints."""
    out = io.StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """Six accounts a load: Argon2 is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def loaded():
    return load()


def test_everything_is_live_and_marked_as_a_demonstration(loaded):
    assert set(Guide.objects.live().values_list("slug", flat=True)) == {
        "stem-cells-for-stroke-benefits-and-risks",
        "stem-cells-and-stroke-rehabilitation",
        "questions-before-you-pay",
        "what-a-trip-really-costs",
    }
    assert set(Treatment.objects.live().values_list("slug", flat=True)) == {
        "neural-stem-cells",
        "mesenchymal-stem-cells",
        "induced-pluripotent-cells",
        "embryonic-derived-cells",
        "bone-marrow-cells",
    }
    for model in (GuideRevision, TreatmentRevision):
        assert set(
            model.objects.values_list("demonstration", "author__username", "reviewed_by__username")
        ) == {(True, "editor", "reviewer")}


def test_texts_pass_every_check_without_even_a_warning(loaded):
    for subject in (*Guide.objects.all(), *Treatment.objects.all()):
        assert texts.problems_of(subject.live_revision) == []


def test_each_guide_has_900_words_and_all_its_parts(loaded):
    for guide in Guide.objects.all():
        revision = guide.live_revision
        assert revision.word_count >= 900
        assert 4 <= len(revision.key_points) <= 6
        assert 5 <= len(revision.questions) <= 10
        assert guide.topics.exists()
        assert guide.related.exists()


def test_each_treatment_has_its_sections_in_order(loaded):
    for treatment in Treatment.objects.all():
        headings = [heading["text"] for heading in treatment.live_revision.contents if heading["level"] == 2]
        assert headings[: len(SECTIONS)] == SECTIONS


def test_treatments_found_in_trials_only_are_offered_no_quote(loaded):
    assert set(Treatment.objects.filter(quote_offered=False).values_list("slug", flat=True)) == {
        "induced-pluripotent-cells",
        "embryonic-derived-cells",
    }


def test_every_treatment_says_that_its_trials_took_only_strokes_from_a_clot(loaded):
    for treatment in Treatment.objects.all():
        assert "blocked blood vessel" in treatment.live_revision.body
    clot = Guide.objects.filter(live_revision__key_points__icontains="whose stroke came from a clot")
    assert set(clot.values_list("slug", flat=True)) == {
        "stem-cells-for-stroke-benefits-and-risks",
        "stem-cells-and-stroke-rehabilitation",
    }


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
    assert len(promising) == 8


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
    assert again == ("Added 0 topics, 0 sources, 0 words, 0 treatments, 0 guides, 1 pages, 0 destinations.\n")


def test_once_does_nothing_where_there_is_content(loaded):
    Topic.objects.all().delete()
    assert load("--once") == ""
    assert Topic.objects.count() == 0


def test_once_loads_into_an_empty_portal():
    assert load("--once").startswith("Added 5 topics")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("guides/zz.md", "+++\nslug = \n+++\n"),
        ("guides/zz.md", "no front matter"),
        ("guides/zz.md", '+++\nslug = "zz"\ntitle = "Z"\nsummary = "Z"\n+++\nA fact [@nobody].'),
        ("sources-zz.toml", '[[source]]\nkey = "zz"\n'),
    ],
)
def test_a_broken_file_is_named_and_nothing_is_loaded(tmp_path, monkeypatch, settings, file, content):
    for path in articles.demo.FOLDER.rglob("*.*"):
        copy = tmp_path / path.relative_to(articles.demo.FOLDER)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / file).write_text(content)
    monkeypatch.setattr(articles.demo, "FOLDER", tmp_path)
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match=re.escape(file)):
        load()
    assert [model.objects.count() for model in (Guide, Source, User, Page)] == [0, 0, 0, 0]


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
