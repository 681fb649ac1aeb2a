"""Fixed pages in the admin: what is refused, what is kept, what readers get."""

import re

import pytest
from django.conf import settings

from portal import demo, pages, roles
from portal.models import AuditEvent, Page, PageVersion
from portal.overtaking import TOLD
from tests import builders

pytestmark = pytest.mark.django_db

TEXT = {"title": "About", "summary": "Who we are", "body": "<p>Hello</p>", "shown": "on"}


@pytest.fixture
def editor(client):
    person = builders.staff(roles.EDITOR, first_name="Eda", last_name="Example")
    client.force_login(person)
    return person


@pytest.fixture
def page(now) -> Page:
    return Page.objects.create(
        slug="why", title="About", summary="Who we are", body="<p>Hello</p>", updated_at=now
    )


def address(page) -> str:
    return f"/admin/portal/page/{page.pk}/change/"


def opened(client, page) -> str:
    return stamp_in(client.get(address(page)))


def stamp_in(response) -> str:
    return re.findall(r'name="opened" value="(\w+)"', response.text)[0]


def save(client, page, **changes):
    known = changes.pop("opened", None) or opened(client, page)
    sent = TEXT | {"opened": known} | changes
    return client.post(address(page), {name: value for name, value in sent.items() if value is not None})


def events():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "detail"))


def errors(response) -> dict[str, list[str]]:
    return dict(response.context_data["adminform"].form.errors)


def test_a_text_is_cleaned_when_it_is_saved(client, editor, page, now):
    text = '<h2 style="color:red" onclick="x()">Us</h2><script>alert(1)</script><p>Hello</p>'
    response = save(client, page, title="About us", slug="other", body=text)
    page.refresh_from_db()
    assert response.status_code == 302
    assert (page.title, page.slug, page.body) == ("About us", "why", "<h2>Us</h2><p>Hello</p>")
    assert page.updated_at != now
    assert [(deed, told["fields"]) for deed, told in events()] == [("page.changed", ["body", "title"])]


# --- Two at once --------------------------------------------------------------------------------


def test_who_saves_second_is_told_and_overwrites_nothing(client, editor, page):
    known = opened(client, page)
    Page.objects.filter(pk=page.pk).update(summary="A colleague's words")
    response = save(client, page, opened=known, title="Mine")
    assert errors(response) == {"__all__": [str(TOLD)]}
    assert 'value="Mine"' in response.text
    page.refresh_from_db()
    assert (page.title, page.summary) == ("About", "A colleague's words")


def test_saving_again_is_a_choice(client, editor, page):
    known = opened(client, page)
    Page.objects.filter(pk=page.pk).update(summary="A colleague's words")
    refused = save(client, page, opened=known, title="Mine")
    assert save(client, page, opened=stamp_in(refused), title="Mine").status_code == 302
    assert PageVersion.objects.get().summary == "A colleague's words"


def test_a_form_that_does_not_say_what_it_showed_is_refused(client, editor, page):
    assert errors(save(client, page, opened="0")) == {"__all__": [str(TOLD)]}


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["title", "summary", "body"])
def test_a_promise_is_refused_wherever_it_stands(client, editor, page, field):
    refused = save(client, page, **{field: "<p>A <em>miracle</em> for you</p>"})
    assert errors(refused)[field] == [
        "“miracle” promises more than is known. Say what was seen, and how often."
    ]


def test_words_of_two_paragraphs_are_no_promise(client, editor, page):
    assert save(client, page, body="<p>There is no</p><p>risk-aware reader</p>").status_code == 302


# --- Earlier texts ------------------------------------------------------------------------------


COUNTS = "Cells helped 90 of 100 people to walk again."


@pytest.mark.parametrize("field", ["title", "summary", "body"])
def test_people_are_not_counted_without_a_source(client, editor, page, field):
    told = f"This counts people, or a share of them, without a source: “{COUNTS}”"
    assert errors(save(client, page, **{field: COUNTS})) == {field: [told]}
    page.refresh_from_db()
    assert COUNTS not in (page.title, page.summary, page.body)


def test_people_are_counted_beside_a_link_to_a_source_page_in_the_same_block(client, editor, page):
    linked = f'<p>{COUNTS} <a href="/evidence/treasure/">TREASURE</a></p>'
    assert list(errors(save(client, page, body=f"{linked}<p>{COUNTS}</p>"))) == ["body"]
    assert save(client, page, body=linked).status_code == 302


def test_what_we_earn_needs_no_source(client, editor, page):
    assert save(client, page, body="<p>We earn a fee of 10% of the price.</p>").status_code == 302


def test_an_earlier_text_that_counts_people_is_not_brought_back(client, editor, page, now):
    Page.objects.filter(pk=page.pk).update(body=COUNTS)
    version = pages.keep(Page.objects.get(), by=editor, now=now)
    save(client, page, body="<p>New</p>")
    client.post(f"/admin/portal/page/{page.pk}/restore/{version.pk}/")
    page.refresh_from_db()
    assert page.body == "<p>New</p>"


def test_the_pages_of_the_demonstration_are_fit_for_readers(now):
    assert demo.load_pages(now=now) > 5
    assert [
        fault
        for one in Page.objects.all()
        for name in pages.TEXT
        for fault in pages.unfit(getattr(one, name))
    ] == []


def test_the_trail_tells_from_what_to_what_in_brief(client, editor, page):
    save(client, page, body=f"<p>{'New. ' * 100}</p>")
    changes = AuditEvent.objects.filter(action="page.changed").latest("pk").detail["changes"]
    assert changes == {"body": ["<p>Hello</p>", "<p>" + ("New. " * 40)[:156].rstrip() + "…"]}


def test_a_replaced_text_is_kept_with_who_replaced_it(client, editor, page, now):
    save(client, page, body="<p>New</p>")
    page.refresh_from_db()
    kept = PageVersion.objects.values("page", "title", "summary", "body", "saved_at", "replaced_by").get()
    assert kept == {
        "page": page.pk,
        "title": "About",
        "summary": "Who we are",
        "body": "<p>Hello</p>",
        "saved_at": now,
        "replaced_by": editor.pk,
    }
    assert PageVersion.objects.get().replaced_at == page.updated_at


def test_saving_without_a_change_of_the_text_keeps_nothing(client, editor, page):
    save(client, page, shown=None)
    assert PageVersion.objects.count() == 0


def test_the_history_shows_the_earlier_text(client, editor, page):
    save(client, page, body="<p>New</p>")
    history = client.get(f"/admin/portal/page/{page.pk}/history/").text
    assert "<p>Hello</p>" in history
    assert "until Eda Example replaced it on" in history


def test_an_earlier_text_is_brought_back_and_the_one_it_replaces_is_kept(client, editor, page):
    save(client, page, body="<p>New</p>")
    version = PageVersion.objects.get()
    response = client.post(f"/admin/portal/page/{page.pk}/restore/{version.pk}/")
    page.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, address(page))
    assert page.body == "<p>Hello</p>"
    assert [kept.body for kept in PageVersion.objects.all()] == ["<p>New</p>", "<p>Hello</p>"]
    assert events()[-1] == ("page.restored", {"version": version.pk})


def test_the_text_of_another_page_is_not_brought_back(client, editor, page, now):
    other = Page.objects.create(slug="other", title="Other", summary="x", body="", updated_at=now)
    save(client, page, body="<p>New</p>")
    version = PageVersion.objects.get()
    assert client.post(f"/admin/portal/page/{other.pk}/restore/{version.pk}/").status_code == 404


@pytest.mark.parametrize("role", [roles.REVIEWER, roles.AUDITOR, roles.COORDINATOR])
def test_who_may_not_change_pages_brings_nothing_back(client, page, now, role):
    version = pages.keep(page, by=builders.staff(roles.EDITOR), now=now)
    client.force_login(builders.staff(role))
    assert client.post(f"/admin/portal/page/{page.pk}/restore/{version.pk}/").status_code == 403


# --- Hidden -------------------------------------------------------------------------------------


def test_a_hidden_page_is_gone_for_readers_and_machines(client, editor, page):
    assert client.get("/why/").status_code == 200
    assert save(client, page, shown=None).status_code == 302
    assert client.get("/why/").status_code == 404
    assert "/why/" not in client.get("/sitemap.xml").text
    assert "viewsitelink" not in client.get(address(page)).text


def test_a_page_of_the_footer_cannot_be_hidden(client, editor, page):
    Page.objects.filter(pk=page.pk).update(slug="privacy")
    refused = save(client, page, shown=None)
    assert errors(refused)["shown"] == ["The footer of every page leads here, so it cannot be hidden."]


def test_the_footer_leads_to_just_the_pages_that_cannot_be_hidden():
    footer = (settings.BASE_DIR / "templates/portal/_footer.html").read_text("utf-8")
    assert re.findall(r"{% url 'page' '([\w-]+)' %}", footer) == list(pages.IN_THE_FOOTER)


def test_the_form_of_a_new_page_says_that_no_menu_leads_to_it(client, editor):
    assert "No menu leads to a new page" in client.get("/admin/portal/page/add/").text


def test_a_new_page_is_shown_unless_told_otherwise(client, editor):
    assert client.post("/admin/portal/page/add/", TEXT | {"slug": "new"}).status_code == 302
    assert client.get("/new/").status_code == 200
