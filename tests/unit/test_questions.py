"""What a number may look like, and whom a question speaks to."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from quotes.forms import ConsentForm
from quotes.health_forms import LONGEST_AGO, SafetyForm, StrokeForm
from quotes.models import QuoteRequest
from quotes.questions import About, Typed

months_ago = StrokeForm.base_fields["months_since_stroke"]
FOURTEEN = [
    "14",
    " 14 ",
    "14 months",
    "about 14",
    "About 14 months ago.",
    "~14",
    "ca. 14",
    "14m",
    "014",
    "14.0",
    "١٤",
    "۱۴",
    "１４",
    "1 year 2 months",
    "1 year and 2 months",
    "1yr, 2mths",
]


@pytest.mark.parametrize("typed", FOURTEEN)
def test_fourteen_months_are_understood_as_people_write_them(typed):
    assert months_ago.clean(typed) == 14


@pytest.mark.parametrize(
    ("typed", "months"),
    [
        ("0", 0),
        ("2 years", 24),
        ("3 yrs", 36),
        ("about 1 year ago", 12),
        ("2 years and 3 months", 27),
        ("100 years", 1200),
        ("", None),
        ("  ", None),
    ],
)
def test_years_are_counted_as_twelve_months(typed, months):
    assert months_ago.clean(typed) == months


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "one",
            "two",
            "two years",
            "-1",
            "+14",
            "1.5",
            "1,5",
            "1.5 years",
            "1_4",
            "\x00",
            "1e3",
            "14½",
            "²",
        ),
        *("12-14", "12 14", "12 or 14", "2 years 3", "2 years 12 months", "3 months 2 years", "6 weeks"),
        *("less than 14", "year", "14 " + "about " * 10, "9" * 5000),
    ],
)
def test_a_time_that_is_not_certain_is_never_guessed(typed):
    with pytest.raises(ValidationError) as refused:
        months_ago.clean(typed)
    assert refused.value.messages == ["Write how long ago the stroke was, like 14 months or 2 years."]


@pytest.mark.parametrize("typed", ["1201", "101 years", "2019", "9" * 40])
def test_too_long_a_time_is_told_the_limit(typed):
    with pytest.raises(ValidationError) as refused:
        months_ago.clean(typed)
    assert refused.value.messages == [
        "That is more than 100 years (1200 months). Write it like 14 months or 2 years."
    ]


@given(years=st.integers(0, 99), months=st.integers(0, 11), between=st.sampled_from([" ", " and ", ", "]))
def test_years_and_months_together_are_their_sum(years, months, between):
    assert months_ago.clean(f"{years} years{between}{months} months") == 12 * years + months


pieces = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.integers(-5, 3000).map(str),
        st.sampled_from(["years", "months", "y", "m", "and", "about", ".", ",", "-", "½", "٣"]),
    ),
    max_size=6,
)


@given(typed=pieces.map(" ".join))
def test_whatever_is_typed_becomes_months_within_the_limit_or_an_error(typed):
    try:
        months = months_ago.clean(typed)
    except ValidationError:
        return
    assert months is None or 0 <= months <= LONGEST_AGO


def test_the_safety_questions_speak_to_whoever_asks_for_themselves():
    form = SafetyForm({}, about=About("me"))
    spoken = [str(form.fields[name].label) for name in QuoteRequest.SAFETY_QUESTIONS]
    assert spoken == [
        "Do you have another disease of the brain?",
        "Have you had seizures (fits)?",
        "Do you have cancer, or did you have it before?",
        "Do you take a medicine that thins the blood?",
        "Are you pregnant, or could you be?",
        "Can you decide about treatment yourself?",
        "Can you travel by plane?",
    ]
    assert form.errors["cancer"] == ["Say whether you have or had cancer, or “not sure”."]


def test_the_safety_questions_speak_of_somebody_else():
    form = SafetyForm({}, about=About("other"))
    spoken = [str(form.fields[name].label) for name in QuoteRequest.SAFETY_QUESTIONS]
    assert spoken == [
        "Does the person have another disease of the brain?",
        "Have they had seizures (fits)?",
        "Do they have cancer, or did they have it before?",
        "Do they take a medicine that thins the blood?",
        "Are they pregnant, or could they be?",
        "Can they decide about treatment themselves?",
        "Can they travel by plane?",
    ]
    assert form.errors["cancer"] == ["Say whether they have or had cancer, or “not sure”."]


def test_one_form_s_wording_does_not_reach_the_next():
    SafetyForm(about=About("me"))
    assert SafetyForm().fields["can_travel"].label == "Can they travel by plane?"


# --- Whom the request is for --------------------------------------------------------------------

CERTAINTIES = ("yes", "no", "not_sure", "")


@pytest.mark.parametrize("for_whom", ["me", "other", ""])
@pytest.mark.parametrize("knows", CERTAINTIES)
@pytest.mark.parametrize("decides", CERTAINTIES)
def test_only_somebody_else_who_can_decide_and_does_not_know_must_be_asked_first(for_whom, knows, decides):
    about = About(for_whom, knows, decides)
    assert about.must_be_asked_first == ((for_whom, knows, decides) == ("other", "no", "yes"))


def test_what_earlier_steps_said_is_read_from_their_answers():
    stored: dict[str, Typed] = {
        "who": {"for_whom": "other", "relationship": "child", "person_knows": "no"},
        "safety": {"can_decide": "yes", "can_travel": "no"},
    }
    assert About.said(stored) == About("other", "no", "yes")


def test_before_anything_was_said_nothing_is_taken_for_granted():
    assert About.said({}) == About("", "", "")


def test_the_consent_is_refused_behind_somebody_s_back_whatever_is_ticked():
    form = ConsentForm({"consent_version": "2026-11-20", "health": "on"}, about=About("other", "no", "yes"))
    assert form.non_field_errors() == ["Ask the person first. Only then can you send this request."]
