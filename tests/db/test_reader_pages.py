"""Pages that ask readers something and keep nothing about them."""

import datetime as dt

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from lxml import html

from articles import listening, subjects
from articles.models import Feedback, Treatment, TrialCriteria
from articles.offer_check import POINTS
from articles.reader_views import ON_BLEEDS, REHABILITATION
from tests import builders

pytestmark = pytest.mark.django_db

PERSON = {"since": "two_years", "stroke": "clot", "age": "60"}
JUNK = ["", "\x00", "x" * 10_000, "-1", "9" * 5000, "²", "<script>", "٦٠", "1e3"]


def criteria(key, **fields):
    plain = {
        "stroke": "clot",
        "since_from_hours": 4380,
        "since_to_hours": 43800,
        "age_from": 18,
        "age_to": 75,
        "recruiting": "open",
        "places": "Japan",
        "checked_on": dt.date(2026, 11, 1),
    }
    return TrialCriteria.objects.create(source=builders.source(key, plain_title=key), **plain | fields)


def page(response):
    return html.fromstring(response.content)


def words(element):
    return " ".join(element.text_content().split())


def named(response):
    return [words(link) for link in page(response).xpath("//section//h2/a")]


def rows():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


# --- Trials that fit ----------------------------------------------------------------------------


REGISTER_SAID = ".//div[dt='As its register or report said in']/dd"


def test_what_a_register_said_long_ago_is_told_as_old(client):
    criteria("old", checked_on=dt.date(2024, 3, 1))
    said = page(client.post("/trials/", PERSON)).xpath(REGISTER_SAID)
    assert [words(one) for one in said] == [
        "March 2024. That is more than half a year ago, and it may have changed. "
        "Look in the register, or ask the trial team."
    ]


def test_trials_that_fit_come_first_with_the_month_of_what_their_register_said(client):
    today = timezone.localdate()
    criteria("fits", checked_on=today)
    criteria("too-old", age_to=50)
    criteria("closed", recruiting="closed")
    response = client.post("/trials/", PERSON)
    assert response.status_code == 200
    assert named(response) == ["fits", "closed", "too-old"]
    first = page(response).xpath("//section[h2]")[0]
    assert words(first.xpath(REGISTER_SAID)[0]) == f"{today:%B %Y}"
    assert words(page(response).xpath("//p[@class='lead']")[0]) == "One trial in our records may fit."


def test_none_found_is_an_answer(client):
    criteria("too-old", age_to=50)
    criteria("closed", recruiting="closed")
    assert lead(client.post("/trials/", PERSON)) == "None found."


def links_and_text(response):
    main = page(response).xpath("//main")[0]
    return main.xpath(".//@href"), words(main)


def test_who_had_a_bleed_is_told_how_many_trials_take_bleeds_and_where_to_read_on(client, now):
    builders.published(builders.guide(ON_BLEEDS, now=now), now=now)
    criteria("clot")
    criteria("either", stroke="either", age_to=50)
    criteria("bleed", stroke="bleed", since_to_hours=5000)
    found, text = links_and_text(client.post("/trials/", PERSON | {"stroke": "bleed"}))
    assert (
        "Of the 3 trials of cells in our records whose rules we could read, 2 take in people after a bleed."
        in text
    )
    assert f"/guides/{ON_BLEEDS}/#was-your-stroke-a-clot-or-a-bleed" in found
    assert "take in people after a bleed." not in client.post("/trials/", PERSON).text


def test_none_found_leads_on_to_rehabilitation_the_offer_check_and_words_to_search_with(client, now):
    builders.published(builders.treatment(REHABILITATION, now=now), now=now)
    found, text = links_and_text(client.post("/trials/", PERSON | {"stroke": "bleed"}))
    wanted = {f"/treatments/{REHABILITATION}/", "/check-an-offer/", "#trials-to-find"}
    assert wanted - set(found) == set()
    assert "intracerebral haemorrhage" in text


def lead(response):
    return words(page(response).xpath("//p[@class='lead']")[0])


def test_where_nobody_knows_whether_people_are_taken_in_that_is_said_and_not_none(client):
    criteria("perhaps", recruiting="unknown")
    response = client.post("/trials/", PERSON)
    assert (
        lead(response) == "One trial in our records may fit. We do not know whether it takes people in now."
    )
    assert "None found." not in response.text


def test_for_a_child_the_page_says_that_the_trials_are_for_adults(client):
    criteria("adults")
    said = "The trials in our records are for adults."
    assert said in client.post("/trials/", PERSON | {"age": "9"}).text
    assert said not in client.post("/trials/", PERSON | {"age": "76"}).text
    criteria("children", age_from=8)
    assert said not in client.post("/trials/", PERSON | {"age": "9"}).text


def test_nobody_is_nought_years_old(client):
    response = client.post("/trials/", PERSON | {"age": "0"})
    assert response.status_code == 422
    links = page(response).xpath("//*[@id='error-summary']//a")
    assert [words(link) for link in links] == ["Write the age in years, like 67."]


def test_who_is_not_sure_of_the_kind_of_stroke_is_told_where_it_is_written(client):
    criteria("clots-only")
    response = client.post("/trials/", PERSON | {"stroke": "not_sure"})
    kind = page(response).xpath("//section//div[dt='Kind of stroke']/dd")[0]
    assert words(kind) == "depends on what kind it was: a clot (ischaemic)"
    assert "You are not sure what kind of stroke it was." in response.text
    assert "You are not sure what kind of stroke it was." not in client.post("/trials/", PERSON).text


@pytest.mark.parametrize("address", ["/trials/", "/check-an-offer/"])
def test_a_breadcrumb_leads_home(client, address):
    crumbs = page(client.get(address)).xpath("//nav[@class='breadcrumb']//a")
    assert [words(crumb) for crumb in crumbs] == ["Home"]


def test_the_answers_are_kept_nowhere(client):
    criteria("fits")
    before = rows()
    response = client.post("/trials/", PERSON)
    assert rows() == before
    assert response.cookies == {}
    assert response["Cache-Control"] == "private, no-cache"
    assert response.request["QUERY_STRING"] == ""


def test_the_questions_are_a_page_that_anybody_may_keep(client):
    response = client.get("/trials/")
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert b"csrfmiddlewaretoken" not in response.content
    assert response.cookies == {}


def test_what_was_typed_stays_where_something_is_missing(client):
    response = client.post("/trials/", {"since": "year", "age": "about 300"})
    assert response.status_code == 422
    tree = page(response)
    assert [words(link) for link in tree.xpath("//*[@id='error-summary']//a")] == [
        "Say what kind of stroke it was, or “not sure”.",
        "Write the age in years, up to 120.",
    ]
    assert tree.xpath("//input[@name='age']/@value") == ["about 300"]
    assert tree.xpath("//option[@selected]/@value") == ["year"]


@pytest.mark.parametrize("field", PERSON)
@pytest.mark.parametrize("junk", JUNK)
def test_no_answer_breaks_the_page(client, field, junk):
    assert client.post("/trials/", PERSON | {field: junk}).status_code in (200, 422)


def test_bytes_that_are_no_text_break_nothing(client):
    form = "application/x-www-form-urlencoded"
    assert (
        client.post("/trials/", b"since=%ff&stroke=%ed%a0%bd&age=%00", content_type=form).status_code == 422
    )


def test_looking_for_trials_costs_one_query(client, django_assert_num_queries):
    for key in ("one", "two", "three"):
        criteria(key)
    with django_assert_num_queries(1):
        client.post("/trials/", PERSON)


# --- A check of an offer ------------------------------------------------------------------------

FINE = {point.name: "no" if point.warning == "yes" else "yes" for point in POINTS}


def letter(response):
    return [words(item) for item in page(response).xpath("//section[contains(@class, 'letter')]//li")]


def test_the_letter_asks_for_what_is_missing(client):
    response = client.post("/check-an-offer/", FINE | {"bill": "no", "cells": "not_sure"})
    assert response.status_code == 200
    asked = ("approval", "cells", "bill")
    assert letter(response) == [str(point.ask) for point in POINTS if point.name in asked]


def result(response):
    """The headline, and under each heading what is listed in bold or in full."""
    tree = page(response).xpath("//section[contains(@class, 'sheet')]")[0]
    lists = {}
    for heading in tree.xpath("./h2"):
        items = heading.xpath("following-sibling::ul[1]/li")
        lists[words(heading)] = [words((item.xpath("./strong") or [item])[0]) for item in items]
    return words(tree.xpath("./p[@class='lead']")[0]), lists


def test_who_knows_nothing_is_told_how_much_was_not_said(client):
    headline, lists = result(client.post("/check-an-offer/", dict.fromkeys(FINE, "not_sure")))
    assert headline == f"{len(POINTS)} things that you are not sure of."
    assert lists == {"What you are not sure of": [str(point.question) for point in POINTS]}


def test_a_warning_sign_is_read_back_as_a_statement(client):
    answers = FINE | {"doctor": "no", "charge": "yes", "plan": "not_sure"}
    headline, lists = result(client.post("/check-an-offer/", answers))
    assert headline == "2 warning signs. One thing that you are not sure of."
    assert lists["Warning signs"] == [
        "They charge you for cells that are still being tested.",
        "They have not named the doctor.",
    ]


def test_an_offer_with_nothing_against_it_is_no_recommendation(client):
    response = client.post("/check-an-offer/", FINE)
    headline, lists = result(response)
    assert headline == "You were told a good deal. Nothing of it is proved yet."
    assert lists == {
        "Ask to see this": ["They named an authority that allows this for a stroke."],
        "What you were told": [str(point.told) for point in POINTS if point.name != "approval"],
    }
    assert len(letter(response)) == 1
    assert "as it should be" not in response.text
    assert "as they should be" not in response.text


def test_the_letter_leaves_room_for_the_kind_of_stroke_its_day_and_the_price(client):
    blanks = page(client.post("/check-an-offer/", FINE)).xpath("//section[@class='letter stack']/div[2]/p")
    assert [words(blank) for blank in blanks[1:]] == [
        "Kind of stroke, a clot or a bleed:",
        "Date of the stroke:",
        "The price that you named:",
    ]


def test_every_question_needs_an_answer(client):
    response = client.post(
        "/check-an-offer/", {name: value for name, value in FINE.items() if name != "bill"}
    )
    assert response.status_code == 422
    assert [words(link) for link in page(response).xpath("//*[@id='error-summary']//a")] == [
        "Choose yes, no or not sure: "
        "Do you have the whole price in writing: each item, and what is not included?"
    ]
    assert len(page(response).xpath("//input[@checked]")) == len(POINTS) - 1


def test_the_check_keeps_nothing(client):
    before = rows()
    response = client.post("/check-an-offer/", FINE)
    assert rows() == before
    assert response.cookies == {}
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("address", ["/trials/", "/check-an-offer/"])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, address, method):
    assert getattr(client, method)(address).status_code == 405


def test_every_treatment_and_a_guide_on_cells_lead_to_the_check_and_to_trials(client, now):
    cells, alone = builders.guide("cells", now=now), builders.guide("alone", now=now)
    for subject in (treatment := builders.treatment("neural", now=now), cells, alone):
        builders.published(subject, now=now)
    rehabilitation = builders.treatment("rehabilitation", now=now)
    builders.published(rehabilitation, now=now)
    Treatment.objects.filter(pk=rehabilitation.pk).update(standing="alternative", quote_offered=False)
    cells.treatments.add(treatment)
    alone.treatments.add(rehabilitation)
    led = {
        address: page(client.get(address)).xpath("//article//p[contains(@class, 'no-print')]/a/@href")
        for address in (
            "/guides/cells/",
            "/treatments/neural/",
            "/treatments/rehabilitation/",
            "/guides/alone/",
        )
    }
    both = ["/check-an-offer/", "/trials/"]
    assert {address: [link for link in links if link in both] for address, links in led.items()} == {
        "/guides/cells/": both,
        "/treatments/neural/": both,
        "/treatments/rehabilitation/": both,
        "/guides/alone/": [],
    }


# --- Was this useful? ---------------------------------------------------------------------------


@pytest.fixture
def live(now):
    body = "<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p><h2>Costs</h2><p>Words.</p>"
    return builders.published(builders.guide("risks", now=now), now=now, body=body)


def thanks_for(answer, **query):
    return reverse("articles:thanks", args=["risks"], query=query | {"answer": listening.mark_of(answer)})


def answered(guide, *, at):
    said = {"useful": False, "section": "", "comment": "", "easy": False, "sender": ""}
    return listening.take_answer(guide, **said, now=at)


def test_after_one_press_the_thanks_ask_what_should_change_and_add_it_to_the_same_answer(client, live):
    pressed = client.post("/guides/risks/useful/", {"useful": "no"})
    form = page(client.get(pressed["Location"])).xpath("//form[@action='/guides/risks/thanks/']")[0]
    assert [words(label) for label in form.xpath(".//label[@for='id_comment']")] == ["What should we change?"]
    mark = form.xpath(".//input[@name='answer']/@value")[0]
    response = client.post("/guides/risks/thanks/", {"answer": mark, "section": "Costs", "comment": "Dear."})
    assert (response.status_code, response["Location"]) == (303, "/guides/risks/thanks/")
    kept = Feedback.objects.get()
    assert (kept.useful, kept.section, kept.comment) == (False, "Costs", "Dear.")
    assert response.cookies == {}


def test_the_thanks_lead_back_to_the_version_one_came_from(client, live, now):
    easy = builders.published(
        builders.guide("easy", now=now), now=now, easy_summary="Short.", easy_body="<p>Short.</p>"
    )
    back = page(client.get("/guides/easy/thanks/?easy=1")).xpath("//main//a/@href")
    assert back == [easy.subject.get_easy_url()]
    # Who asks for an easy version that is not there gets to the text that is.
    assert page(client.get("/guides/risks/thanks/?easy=1")).xpath("//main//a/@href") == ["/guides/risks/"]


def test_who_comes_from_the_easy_version_is_asked_about_its_parts(client, now):
    easy = {"easy_summary": "Short.", "easy_body": "<h2>What can go wrong</h2><p>Short.</p>"}
    guide = builders.published(builders.guide("both", now=now), now=now, **easy).subject
    asked = reverse("articles:useful", args=["both"], query={"easy": "1"})
    mark = listening.mark_of(answered(guide, at=timezone.now()))
    thanked = reverse("articles:thanks", args=["both"], query={"easy": "1", "answer": mark})
    for address in (asked, thanked):
        parts = page(client.get(address)).xpath("//select[@name='section']/option/text()")
        assert parts == ["The whole guide", "What can go wrong"]
    said = {"easy": "1", "useful": "yes", "section": "What can go wrong"}
    client.post("/guides/both/useful/", said)
    client.post("/guides/both/thanks/", {"easy": "1", "answer": mark, "section": said["section"]})
    assert [kept.section for kept in Feedback.objects.all()] == ["What can go wrong"] * 2


def test_words_are_added_once_and_within_an_hour(live, now):
    soon = answered(live.subject, at=now - listening.OPEN_FOR)
    late = answered(live.subject, at=now - listening.OPEN_FOR - dt.timedelta(seconds=1))
    added = {"section": "", "now": now}
    assert listening.add_words(listening.mark_of(soon), comment="First.", **added)
    assert not listening.add_words(listening.mark_of(soon), comment="Second.", **added)
    assert not listening.add_words(listening.mark_of(late), comment="Late.", **added)
    assert not listening.add_words(f"{late.pk}:forged", comment="Forged.", **added)
    assert [kept.comment for kept in Feedback.objects.order_by("at")] == ["", "First."]


@pytest.mark.parametrize("junk", JUNK)
def test_words_without_an_answer_of_one_s_own_are_not_kept_and_not_lost(client, live, now, junk):
    answered(live.subject, at=now)
    response = client.post("/guides/risks/thanks/", {"answer": junk, "comment": "Kept?"})
    assert response.status_code == 422
    assert words(page(response).xpath("//textarea")[0]) == "Kept?"
    assert Feedback.objects.get().comment == ""


def test_what_could_not_be_added_is_told_without_thanks_for_an_answer_that_never_was(client, live, now):
    known = listening.mark_of(answered(live.subject, at=now - dt.timedelta(days=1)))
    told = {}
    for mark in (known, "junk"):
        response = client.post("/guides/risks/thanks/", {"answer": mark, "comment": "x"})
        told[mark] = "first answer is kept" in words(page(response).xpath("//*[@role='alert']")[0])
        assert words(page(response).xpath("//title")[0]).startswith("Error: Say more")
        assert "Your answer was kept" not in response.content.decode()
    assert told == {known: True, "junk": False}


@pytest.mark.parametrize("junk", JUNK)
def test_thanks_for_no_answer_lead_to_the_question(client, live, junk):
    response = client.get("/guides/risks/thanks/", {"answer": junk, "easy": "1"})
    assert (response.status_code, response["Location"]) == (302, "/guides/risks/useful/?easy=1")


def test_two_dozen_guides_stand_on_one_page(client, now):
    for number in range(24):
        builders.published(builders.guide(f"guide-{number}", now=now), now=now)
    assert len(client.get("/guides/").context["page_obj"]) == 24


def test_one_press_is_an_answer(client, live):
    response = client.post("/guides/risks/useful/", {"useful": "yes"})
    assert response.status_code == 303
    kept = Feedback.objects.get()
    assert response["Location"] == thanks_for(kept)
    assert (kept.guide, kept.revision_number, kept.useful, kept.section, kept.comment, kept.easy) == (
        live.subject,
        1,
        True,
        "",
        "",
        False,
    )
    assert response.cookies == {}


def test_an_answer_may_name_a_section_and_say_why(client, live):
    client.post(
        "/guides/risks/useful/",
        {"useful": "no", "section": "Costs", "comment": " Too short.\x0b ", "easy": "1"},
    )
    kept = Feedback.objects.get()
    assert (kept.useful, kept.section, kept.comment, kept.easy) == (False, "Costs", "Too short.", True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"useful": ""}, "Choose yes or no."),
        ({"useful": "perhaps"}, "Choose one of the answers shown."),
        ({"section": "Nowhere"}, "Choose one of the answers in the list."),
        ({"comment": "x" * 1001}, "Write at most 1000 characters."),
        ({"website": "x"}, "This box must stay empty. Empty it and send again."),
    ],
)
def test_a_wrong_answer_is_told_and_nothing_is_kept(client, live, wrong, said):
    response = client.post("/guides/risks/useful/", {"useful": "yes", "comment": "Good."} | wrong)
    assert response.status_code == 422
    assert [words(link) for link in page(response).xpath("//*[@id='error-summary']//a")] == [said]
    assert words(page(response).xpath("//textarea")[0]) == wrong.get("comment", "Good.")
    assert Feedback.objects.count() == 0


def test_one_network_cannot_flood_it(client, live):
    for _ in range(listening.PER_ADDRESS.capacity):
        client.post("/guides/risks/useful/", {"useful": "yes"})
    response = client.post("/guides/risks/useful/", {"useful": "no", "comment": "Kept?"})
    assert (response.status_code, response["Retry-After"]) == (429, "180")
    assert words(page(response).xpath("//textarea")[0]) == "Kept?"
    assert Feedback.objects.count() == listening.PER_ADDRESS.capacity


def test_an_answer_for_an_old_address_is_sent_on_whole(client, now):
    guide = builders.published(builders.guide("old", now=now), now=now)
    subjects.rename(guide.subject, slug="new", by=guide.author, now=now)
    response = client.post("/guides/old/useful/", {"useful": "yes"})
    assert (response.status_code, response["Location"]) == (308, "/guides/new/useful/")


def test_of_what_readers_do_not_see_nobody_is_asked(client, now):
    builders.guide("hidden", now=now)
    assert client.post("/guides/hidden/useful/", {"useful": "yes"}).status_code == 404
    assert Feedback.objects.count() == 0


def test_answers_are_forgotten_after_a_year(live, now):
    for age in (364, 366):
        listening.take_answer(
            live.subject,
            useful=True,
            section="",
            comment="",
            easy=False,
            now=now - dt.timedelta(days=age),
            sender="",
        )
    assert listening.forget_old(now) == 1
    assert [kept.at for kept in Feedback.objects.all()] == [now - dt.timedelta(days=364)]


@pytest.mark.parametrize("junk", JUNK)
def test_no_comment_breaks_the_page(client, live, junk):
    assert client.post("/guides/risks/useful/", {"useful": "yes", "comment": junk}).status_code in (303, 422)


def test_the_guide_asks(client, live):
    form = page(client.get("/guides/risks/")).xpath("//form[@action='/guides/risks/useful/']")[0]
    assert form.xpath(".//button/@value") == ["yes", "no"]


# --- From another site --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 303),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_no_other_site_answers_for_its_visitors(client, now, headers, status):
    builders.published(builders.guide("risks", now=now), now=now)
    response = client.post("/guides/risks/useful/", {"useful": "yes"}, headers=headers)
    assert response.status_code == status
    assert Feedback.objects.count() == (1 if status == 303 else 0)
