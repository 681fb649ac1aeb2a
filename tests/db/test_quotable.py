"""For which treatments a quote may be asked, and what becomes of a request when one is taken away."""

import datetime as dt

import pytest
from django.utils import timezone

from articles import publishing, subjects
from articles.models import Treatment, TreatmentRevision
from portal import roles
from quotes.models import QuoteRequest
from tests import builders
from tests.requester import TYPED, draft_mark

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOT_OFFERED = "The treatment you chose is not offered at present. Choose one of those shown, or “not sure”."
WISHES = TYPED["wishes"] | {"treatment": "neural", "companions": "3", "message": "By train, with a dog."}


@pytest.fixture
def now():
    """The form goes by the clock of the machine."""
    return timezone.now()


@pytest.fixture
def neural(now):
    subject = builders.treatment("neural", now=now)
    return builders.published(subject, now=now, title="Neural cells").subject


def withdraw(treatment, now):
    live = treatment.live_revision
    publishing.withdraw(live, reason="A dose is wrong in it.", by=builders.staff(), now=now)


def fall_due(treatment, now):
    yesterday = timezone.localdate(now) - DAY
    TreatmentRevision.objects.filter(subject=treatment).update(next_review_on=yesterday)


def stop_quotes(treatment, now):
    subjects.change_settings(treatment, {"quote_offered": False}, by=builders.staff(), now=now)


TAKEN_AWAY = [withdraw, fall_due, stop_quotes]


# --- Which --------------------------------------------------------------------------------------


def quotable(today):
    return [treatment.slug for treatment in Treatment.objects.quotable(today)]


def test_a_treatment_that_readers_see_until_the_last_day_of_its_review(neural, now):
    last = neural.live_revision.next_review_on
    assert (quotable(last), quotable(last + DAY)) == (["neural"], [])


@pytest.mark.parametrize("take_away", TAKEN_AWAY)
def test_not_what_was_taken_away(neural, now, take_away):
    take_away(neural, now)
    assert quotable(timezone.localdate(now)) == []


def test_not_what_readers_cannot_read_yet_and_no_other_way_than_cells(now):
    builders.draft(builders.treatment("planned", now=now), by=builders.staff(roles.EDITOR), now=now)
    waiting = builders.treatment("waiting", now=now)
    Treatment.objects.filter(pk=waiting.pk).update(standing="alternative", quote_offered=False)
    assert quotable(timezone.localdate(now)) == []


# --- Taken away while somebody asks -------------------------------------------------------------


def answer_before(client, last):
    for step, typed in TYPED.items():
        if step == last:
            return
        typed = WISHES if step == "wishes" else typed
        assert client.post(f"/quote/{step}/", typed).status_code == 303


@pytest.mark.parametrize("take_away", TAKEN_AWAY)
def test_the_step_refuses_it_and_keeps_what_was_typed(client, neural, now, take_away):
    answer_before(client, "wishes")
    take_away(neural, now)
    page = client.post("/quote/wishes/", WISHES)
    form = page.context["form"]
    assert (page.status_code, dict(form.errors)) == (422, {"treatment": [NOT_OFFERED]})
    assert page.text.count(NOT_OFFERED) == 2  # in the summary, and beside the field
    assert (form["companions"].value(), form["message"].value()) == ("3", "By train, with a dog.")
    assert "By train, with a dog." in page.text
    assert QuoteRequest.objects.count() == 0


@pytest.mark.parametrize("take_away", TAKEN_AWAY)
def test_at_the_end_nothing_is_sent_and_only_the_treatment_is_asked_again(client, neural, now, take_away):
    answer_before(client, "check")
    mark = draft_mark(client.get("/quote/check/").content)
    take_away(neural, now)
    sent = client.post("/quote/check/", {"draft": mark})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/quote/wishes/")
    page = client.get("/quote/wishes/")
    assert dict(page.context["form"].errors) == {"treatment": [NOT_OFFERED]}
    assert "By train, with a dog." in page.text
    assert QuoteRequest.objects.count() == 0


def test_with_another_choice_it_is_sent_with_all_that_was_typed_before(client, neural, now):
    answer_before(client, "check")
    withdraw(neural, now)
    assert client.get("/quote/check/").headers["Location"] == "/quote/wishes/"
    client.post("/quote/wishes/", WISHES | {"treatment": "not sure"})
    mark = draft_mark(client.get("/quote/check/").content)
    assert client.post("/quote/check/", {"draft": mark}).headers["Location"] == "/quote/sent/"
    lead = QuoteRequest.objects.get()
    assert (lead.treatment, lead.companions, lead.message) == (None, 3, "By train, with a dog.")
    assert lead.email == TYPED["contact"]["email"]


@pytest.mark.parametrize("take_away", TAKEN_AWAY)
def test_a_request_that_was_sent_before_keeps_its_treatment(client, neural, now, take_away):
    lead = builders.lead(now=now, treatment=neural)
    take_away(neural, now)
    lead.refresh_from_db()
    assert lead.treatment == neural
