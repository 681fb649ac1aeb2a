"""Which live texts lead to one that is about to be withdrawn: told before, never a reason to refuse."""

import pytest
from django.urls import reverse

from articles import own_links, publishing, subjects
from articles.models import Guide
from portal import roles
from portal.models import Page
from tests import builders

pytestmark = pytest.mark.django_db
BODY = '<h2>The risks</h2><p>Two of 23 people died [@trial-1]. See <a href="{}">there</a>.</p>'


def published(subject, now, to="", **content):
    if to:
        content["body"] = BODY.format(to)
    return builders.published(subject, now=now, **content).subject


@pytest.fixture
def guide(now):
    return published(builders.guide("risks", now=now), now)


@pytest.fixture
def cells(now):
    return published(builders.treatment("cells", now=now), now)


def leading_to(subject):
    return [(one.kind, one.title, one.in_text) for one in own_links.leading_to(subject)]


def test_texts_that_link_to_it(guide, now):
    published(builders.guide("costs", now=now), now, "/guides/risks/", title="Costs")
    published(builders.treatment("cells", now=now), now, "/guides/risks/#the-risks", title="Cells")
    Page.objects.create(
        slug="about", title="About", body='<p><a href="/guides/risks/easy/">R</a></p>', updated_at=now
    )
    assert leading_to(guide) == [
        ("guide", "Costs", True),
        ("treatment", "Cells", True),
        ("page", "About", True),
    ]


@pytest.mark.parametrize("address", ["/guides/risks/", "https://look.example/guides/risks/", "/guides/risks"])
def test_however_the_link_is_written(guide, now, settings, address):
    settings.SITE_URL = "https://look.example"
    Page.objects.create(slug="about", title="About", body=f'<a href="{address}">R</a>', updated_at=now)
    assert leading_to(guide) == [("page", "About", True)]


@pytest.mark.parametrize(
    "address", ["/guides/risks-2/", "/treatments/risks/", "https://other.example/guides/risks/", "/guides/"]
)
def test_a_link_to_another_page_is_none_to_this(guide, now, address):
    body = f'<p><a href="{address}">There</a> and not /guides/risks/</p>'
    Page.objects.create(slug="about", title="About", body=body, updated_at=now)
    assert leading_to(guide) == []


def test_the_easy_version_of_a_guide_counts(guide, now):
    easy = '<h2>Cells</h2><p>Two people died [@trial-1]. See <a href="/guides/risks/">there</a>.</p>'
    published(builders.guide("costs", now=now), now, title="Costs", easy_summary="Costs.", easy_body=easy)
    assert leading_to(guide) == [("guide", "Costs", True)]


def test_a_link_to_an_earlier_address_leads_here_too(guide, now):
    published(builders.guide("costs", now=now), now, "/guides/risks/", title="Costs")
    subjects.rename(guide, slug="dangers", by=builders.staff(), now=now)
    assert leading_to(guide) == [("guide", "Costs", True)]


def test_pages_that_show_it_beside_their_text(guide, cells, now):
    costs = published(builders.guide("costs", now=now), now, title="Costs")
    costs.related.add(guide)
    guide.treatments.add(cells)
    assert leading_to(guide) == [("guide", "Costs", False), ("treatment", "Neural stem cells", False)]
    assert leading_to(cells) == [("guide", "Risks in plain words", False)]


def test_a_text_that_does_both_is_told_once(guide, now):
    costs = published(builders.guide("costs", now=now), now, "/guides/risks/", title="Costs")
    costs.related.add(guide)
    assert leading_to(guide) == [("guide", "Costs", True)]


def test_what_readers_do_not_see_is_not_told(guide, now):
    editor = builders.staff(roles.EDITOR)
    builders.draft(builders.guide("draft", now=now), by=editor, now=now, body=BODY.format("/guides/risks/"))
    gone = published(builders.guide("gone", now=now), now, "/guides/risks/")
    publishing.withdraw(gone.live_revision, reason="A dose is wrong in it.", by=editor, now=now)
    earlier = builders.guide("earlier", now=now)
    published(earlier, now, "/guides/risks/")
    published(earlier, now)
    Page.objects.create(
        slug="hidden", title="H", body='<a href="/guides/risks/">R</a>', shown=False, updated_at=now
    )
    assert leading_to(guide) == []


def test_its_own_links_to_itself_are_not_told(now):
    guide = builders.guide("risks", now=now)
    assert leading_to(published(guide, now, "/guides/risks/#the-risks")) == []


def test_two_questions_however_many_texts(guide, cells, now, django_assert_num_queries):
    for slug in ("a", "b", "c"):
        published(builders.guide(slug, now=now), now, "/guides/risks/")
    with django_assert_num_queries(2):
        assert len(own_links.leading_to(guide)) == 3


# --- In the admin -------------------------------------------------------------------------------


@pytest.fixture
def editor(client):
    person = builders.staff(roles.EDITOR, username="eda")
    client.force_login(person)
    return person


def page(subject):
    return reverse(f"admin:articles_{subject._meta.model_name}_change", args=[subject.pk])


def test_who_withdraws_is_told_first_with_a_way_to_each(client, editor, guide, now):
    costs = published(builders.guide("costs", now=now), now, "/guides/risks/", title="Costs")
    other = published(builders.guide("other", now=now), now, title="Other")
    other.related.add(guide)
    about = Page.objects.create(
        slug="about", title="About", body='<a href="/guides/risks/">R</a>', updated_at=now
    )
    html = client.get(page(guide)).content.decode()
    told = html[html.index('id="leading-here"') : html.index("withdraw-reason")]
    assert [
        (address in told)
        for address in (page(costs), page(other), reverse("admin:portal_page_change", args=[about.pk]))
    ] == [True, True, True]
    assert "2 texts link to it" in told
    assert "1 page shows it beside its text" in told


def test_nothing_is_said_where_nothing_leads_here(client, editor, guide):
    response = client.get(page(guide))
    assert "leading-here" not in response.content.decode()


def test_a_text_that_nobody_may_withdraw_now_is_not_asked_about(client, editor, now):
    guide = builders.guide("risks", now=now)
    builders.draft(guide, by=editor, now=now)
    assert client.get(page(guide)).context_data["leading_here"] == []


def test_it_is_withdrawn_all_the_same(client, editor, guide, now):
    published(builders.guide("costs", now=now), now, "/guides/risks/")
    live = guide.live_revision
    address = reverse("admin:articles_guide_step", args=[guide.pk, live.number, "withdraw"])
    client.post(address, {"withdraw-reason": "The trial was retracted."})
    assert Guide.objects.get(slug="risks").live_revision is None
