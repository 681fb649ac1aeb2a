import datetime as dt
import io

import pytest
from pypdf import PdfReader

from articles import publishing, reviews, sources, subjects
from articles.models import Source
from portal import roles
from tests import builders

pytestmark = pytest.mark.django_db


def read(response):
    pdf = PdfReader(io.BytesIO(response.content))
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


@pytest.fixture
def live(now):
    return builders.published(builders.guide("risks", now=now), now=now)


def test_the_file_says_what_the_page_says(client, live):
    response = client.get("/guides/risks/pdf/")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="risks.pdf"'
    text = read(response)
    assert text.startswith("Risks in plain words What can go wrong, and how we know. Reviewed by ")
    assert ("Key points • One point. • Two points. • Three points. The risks Two of 23 people died1.") in text
    assert "References 1. Cells after stroke: trial-1. Journal of Examples. 2024." in text


def test_a_demonstration_says_so_on_paper_too(client, now):
    builders.published(builders.guide("risks", now=now), now=now, demonstration=True)
    assert "Demonstration text: written from published sources" in read(client.get("/guides/risks/pdf/"))


def test_claims_on_paper_name_their_groups_and_no_certainty_of_what_nobody_knows(client, now):
    cells = builders.treatment("cells", now=now)
    groups = {"group": "a placebo instead of cells", "other": "cells", "other_count": 1, "other_of": 22}
    unknown = builders.written_claim(treatment=cells.pk, direction="not_known", sentence="Who?", of=None)
    claims = [builders.written_claim(treatment=cells.pk, **groups), unknown | {"count": None}]
    told = builders.told("<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>")
    builders.published(builders.guide("risks", now=now), now=now, claims=claims, **told)
    text = read(client.get("/guides/risks/pdf/"))
    assert "2 of 23 people with a placebo instead of cells, 1 of 22 people with cells." in text
    assert text.count("How sure: low") == 1


def test_a_renamed_guide_leads_on_and_a_withdrawn_one_is_gone(client, live, now):
    editor = builders.staff(roles.EDITOR)
    subjects.rename(live.subject, slug="dangers", by=editor, now=now)
    assert client.get("/guides/risks/pdf/")["Location"] == "/guides/dangers/pdf/"
    publishing.withdraw(live, reason="Its trial was retracted.", by=editor, now=now)
    assert client.get("/guides/dangers/pdf/").status_code == 410


def test_what_was_never_live_has_no_file(client, now):
    builders.guide("risks", now=now)
    assert client.get("/guides/risks/pdf/").status_code == 404


def test_no_cookie_and_no_index(client, live):
    response = client.get("/guides/risks/pdf/")
    assert response.cookies == {}
    assert response["X-Robots-Tag"] == "noindex"


def test_it_says_who_reviewed_it_and_when_it_is_checked_next(client, live):
    next_check = f"{live.next_review_on.day} {live.next_review_on:%B %Y}"
    reviewed = f"Reviewed by {live.reviewed_by.public_name} · Checked on 20 November 2026"
    assert f"{reviewed} · Next check by {next_check}" in read(client.get("/guides/risks/pdf/"))


def test_its_foot_says_when_it_was_last_checked_also_when_nothing_had_to_change(client, live, now):
    said = {"reason": "Nothing new was found.", "next_review_on": dt.date(2027, 5, 1)}
    later = now + dt.timedelta(days=5)
    reviews.confirm_still_current(live, **said, by=builders.staff(roles.REVIEWER), now=later)
    foot = "Checked on 25 November 2026. The newest version: "
    assert foot in read(client.get("/guides/risks/pdf/"))


def retract(source, now):
    retracted, why = {"state": Source.State.RETRACTED}, "Its publisher took it back."
    sources.change(source, retracted, reason=why, by=builders.staff(roles.EDITOR), now=now)


@pytest.mark.parametrize("address", ["/guides/risks/pdf/", "/guides/risks/easy/pdf/"])
def test_evidence_that_changed_is_told_on_paper_too(client, now, address):
    easy = {"easy_summary": "What can go wrong.", "easy_body": "<p>Two people died [@trial-1].</p>"}
    builders.published(builders.guide("risks", now=now), now=now, **easy)
    retract(Source.objects.get(key="trial-1"), now)
    assert (
        "A source of this page has changed • Cells after stroke: trial-1 is now retracted (since 20 November"
        " 2026). We are checking what this means for this page."
    ) in read(client.get(address))


def test_a_claim_whose_source_changed_says_so_on_paper_too(client, cells, now):
    claims = [builders.written_claim(treatment=cells.pk)]
    told = builders.told("<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>")
    builders.published(builders.guide("risks", now=now), now=now, claims=claims, **told)
    retract(Source.objects.get(key="trial-1"), now)
    said = "We are checking this again. Its source “Cells after stroke: trial-1” is now retracted."
    assert f"more studies will probably change this. {said}1" in read(client.get("/guides/risks/pdf/"))


def test_the_easy_version_is_a_file_of_its_own_without_marks_of_sources(client, now):
    body = "<h2>Harm</h2><p>Two people died [@trial-1].</p>"
    guide = builders.guide("risks", now=now)
    builders.published(guide, now=now, easy_summary="What can go wrong.", easy_body=body)
    response = client.get("/guides/risks/easy/pdf/")
    assert response["Content-Disposition"] == 'inline; filename="risks-easy.pdf"'
    assert read(response).startswith(
        "Easy version Risks in plain words What can go wrong. Harm Two people died. Where this comes from 1. "
    )


def test_without_an_easy_version_its_file_leads_to_the_text(client, live):
    assert client.get("/guides/risks/easy/pdf/")["Location"] == "/guides/risks/pdf/"


def test_its_claims_stand_by_direction_with_their_people_treatment_and_what_they_lack(client, now):
    cells = builders.treatment("cells", now=now)
    builders.published(cells, now=now)
    compared = {"direction": "no_effect", "sentence": "No more walked.", "caveat": "It was small."}
    figures = {"count": 12, "of": 104, "other": "placebo", "other_count": 10, "other_of": 102}
    stated = [builders.written_claim(treatment=cells.pk, **compared, **figures)]
    stated.append(builders.written_claim(treatment=cells.pk))
    told = builders.told("<p>Two of 23 people died [@trial-1].</p>")
    builders.published(builders.guide("risks", now=now), now=now, claims=stated, **told)
    sure = "Treatment: Neural stem cells. How sure: low: more studies will probably change this."
    assert (
        f"What studies found Harm • Two people died. 2 of 23 people. {sure}1 No clear effect • No more"
        " walked. 12 of 104 people with the treatment, 10 of 102 people with placebo. But: It was small. "
        f"{sure}1"
    ) in read(client.get("/guides/risks/pdf/"))


def test_what_a_benefit_lacks_is_said_on_paper_too(client, now):
    cells = builders.treatment("cells", now=now).pk
    benefit = builders.written_claim(
        direction="benefit", sentence="More people walked.", caveat="Few took part in it.", treatment=cells
    )
    told = builders.told("<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>")
    claims = [benefit, builders.written_claim(treatment=cells)]
    builders.published(builders.guide("risks", now=now), now=now, claims=claims, **told)
    assert (
        "But: The trials under this missed the goal that they had set themselves. Few took part in it."
        in read(client.get("/guides/risks/pdf/"))
    )


# --- What cannot be set -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "name", "back"),
    [("body", "risks", "/guides/risks/"), ("easy_body", "risks-easy", "/guides/risks/easy/")],
)
def test_a_text_that_cannot_be_set_answers_with_a_page_that_leads_back(
    client, live, field, name, back, caplog
):
    # As it may have been stored before the checks knew of such links.
    endless = f'<p><a href="https://e.example/{"a" * 9000}">words</a></p>'
    type(live)._base_manager.filter(pk=live.pk).update(**{field: endless})
    response = client.get(f"{back}pdf/")
    assert response.status_code == 503
    assert "<h1>We cannot make this file right now</h1>" in response.text
    assert f'<a href="{back}">Risks in plain words</a>' in response.text
    assert (caplog.records[0].levelname, caplog.records[0].getMessage()) == (
        "ERROR",
        f"the PDF of {name} cannot be set: URL is too long",
    )
