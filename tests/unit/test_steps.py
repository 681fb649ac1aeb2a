import pytest
from hypothesis import given
from hypothesis import strategies as st

from quotes import steps

answered_steps = st.sets(st.sampled_from(steps.STEPS))


def test_the_steps_are_counted_from_one():
    assert [steps.number(step) for step in steps.STEPS] == [1, 2, 3, 4, 5, 6, 7]


def test_an_unknown_step_has_no_number():
    with pytest.raises(ValueError, match="not in tuple"):
        steps.number("money")


@pytest.mark.parametrize(
    ("step", "before"),
    [
        ("signs", None),
        ("who", "signs"),
        ("stroke", "who"),
        ("safety", "stroke"),
        ("wishes", "safety"),
        ("contact", "wishes"),
        ("consent", "contact"),
        ("check", "consent"),
    ],
)
def test_back_leads_to_the_step_before(step, before):
    assert steps.before(step) == before


@pytest.mark.parametrize(
    ("answered", "following"),
    [
        ([], "signs"),
        (["signs"], "who"),
        (["signs", "who"], "stroke"),
        (["signs", "who", "stroke", "safety", "contact"], "wishes"),
        (["signs", "who", "stroke", "safety", "wishes", "contact"], "consent"),
        (["consent", "contact", "wishes", "safety", "stroke", "who", "signs"], "check"),
    ],
)
def test_what_follows_is_the_first_step_missing_or_the_check(answered, following):
    assert steps.following(answered) == following


@given(answered=answered_steps)
def test_the_check_opens_only_when_every_step_is_answered(answered):
    assert steps.may_open(steps.CHECK, answered) == (answered == set(steps.STEPS))


@given(answered=answered_steps, step=st.sampled_from(steps.STEPS))
def test_a_step_opens_when_all_before_it_are_answered(answered, step):
    earlier = set(steps.STEPS[: steps.number(step) - 1])
    assert steps.may_open(step, answered) == (earlier <= answered)


@given(answered=answered_steps)
def test_what_follows_may_always_be_opened(answered):
    assert steps.may_open(steps.following(answered), answered)
