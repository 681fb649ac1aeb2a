"""A fixed list of questions about somebody else's offer, and the letter that asks for the answers. Pure.

After the warning signs of the International Society for Stem Cell Research, the NHS checklist for treatment
abroad and the warnings of the US regulator (the sources named at each), in our own words. Nothing of it is
kept, and no answer is called good: what a clinic says of itself is what was told, and is still to be checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

YES, NO, NOT_SURE = "yes", "no", "not_sure"
ANSWERS = [(YES, _("Yes")), (NO, _("No")), (NOT_SURE, _("Not sure"))]


@dataclass(frozen=True)
class Point:
    """One question. `warning` is the answer that is a warning sign; "not sure" is asked in the letter.

    `found` says the warning sign as a statement, and `told` the other answer. Where `to_see` stands, that
    other answer proves nothing before it has been seen: it says what to ask for.
    """

    name: str
    question: str | Any
    warning: str
    found: str | Any
    told: str | Any
    why: str | Any
    ask: str | Any
    sources: tuple[str, ...] = ("isscr-patients",)
    to_see: str | Any = ""


POINTS = (
    Point(
        "kind",
        _("Have they asked whether the stroke was a clot or a bleed?"),
        NO,
        _("They have not asked whether it was a clot or a bleed."),
        _("They asked whether it was a clot or a bleed."),
        _(
            "Nearly all trials that we found took only people after a clot. After a bleed nobody has shown "
            "that cells are safe, or that they help."
        ),
        _("Send the trials in people who had this kind of stroke, so long after it."),
        ("bleed-review-2022", "bleed-review-2025"),
    ),
    Point(
        "health",
        _("Have they asked for the brain scans and for a list of illnesses and medicines?"),
        NO,
        _("They have not asked for scans, illnesses and medicines."),
        _("They asked for scans, illnesses and medicines."),
        _(
            "A trial asks for these first, and leaves out people for whom it may be too dangerous: with "
            "seizures or cancer, for example. Who does not ask cannot know what is dangerous for you."
        ),
        _("Say which scans and papers your doctor wants to see, and who must not be treated."),
        ("nr1-stanford",),
    ),
    Point(
        "spine",
        _("Will the cells be put into the back, or into the fluid around the spine?"),
        YES,
        _("The cells are to be put into the back, or into the fluid around the spine."),
        _("The cells are not to be put into the back."),
        _(
            "Growths and swollen nerves have been reported after that, two of them in people who had had "
            "a stroke. We found no large blinded trial of it in stroke."
        ),
        _("Say how the cells are given, and which trial gave them in the same way."),
        ("berkowitz-2016", "hurst-2013", "cauda-equina-mass"),
    ),
    Point(
        "stories",
        _("Do they mostly show stories of patients, instead of results of trials?"),
        YES,
        _("They mostly show stories of patients."),
        _("They show results of trials."),
        _("A story shows one person. It cannot show how many people got no better, or were harmed."),
        _("Send published results of trials with these cells after a stroke like ours."),
    ),
    Point(
        "many_diseases",
        _("Do they offer the same cells for many different illnesses?"),
        YES,
        _("They offer the same cells for many different illnesses."),
        _("They do not offer these cells for many illnesses."),
        _("Different illnesses need different care. One kind of cell for all of them is a bad sign."),
        _("Say why these cells, and not others, were chosen for this stroke."),
    ),
    Point(
        "no_risk",
        _("Do they say that there is no danger, or that side effects cannot happen?"),
        YES,
        _("They say that there is no danger."),
        _("They do not say that there is no danger."),
        _("Every medical treatment can harm. Who says otherwise has not told you everything."),
        _("List what can go wrong, how often it has happened here, and what was done then."),
        ("nhs-abroad", "isscr-patients"),
    ),
    Point(
        "pressure",
        _("Do they press you to decide soon, or offer less if you pay now?"),
        YES,
        _("They press you to decide soon."),
        _("They do not press you."),
        _("A good treatment is still there next month. You are allowed to take your time."),
        _("Confirm in writing that the price stays the same while we ask our own doctor."),
        ("nhs-abroad",),
    ),
    Point(
        "charge",
        _("Do they charge you for the cells, whether they call it a trial or not?"),
        YES,
        _("They charge you for cells that are still being tested."),
        _("They do not charge you for the cells."),
        _(
            "The US regulator warns: if you are asked to pay for such cells outside a trial, you are "
            "probably being misled. Some who sell cells call it a trial. A trial should not charge for "
            "what it tests."
        ),
        _("Say why we are to pay for cells that no authority we know of allows for stroke."),
        ("fda-consumer-2021", "pay-to-take-part-2017"),
    ),
    Point(
        "trial",
        _("Is it part of a trial with a number in a public register?"),
        NO,
        _("It is part of no registered trial."),
        _("It is part of a trial with a number. Look the number up: a number alone is no approval."),
        _("What is in no trial is not being studied, whatever its name."),
        _("Give the registration number of the trial and the name of its ethics committee."),
        ("clinicaltrials-notice", "isscr-patients"),
    ),
    Point(
        "approval",
        _("Have they named the authority that allows this treatment for a stroke?"),
        NO,
        _("They have named no authority that allows this for a stroke."),
        _("They named an authority that allows this for a stroke."),
        _("We found no country that has approved cells for stroke. Ask what was allowed, and by whom."),
        _("Send the decision of the authority that allows this for stroke, with its number."),
        ("fda-consumer-2021",),
        _("Ask to see its decision. We found no country that has approved cells for stroke."),
    ),
    Point(
        "cells",
        _("Have they told you in writing where the cells come from, and how they are tested?"),
        NO,
        _("They have not told you in writing where the cells come from, and how they are tested."),
        _("They told you in writing where the cells come from, and how they are tested."),
        _("Cells from an unknown source can carry infections, or be something else than what is said."),
        _("Say where the cells come from, how they are grown and tested, and who checks that."),
    ),
    Point(
        "plan",
        _("Do you have a written plan: which cells, how many, how they are given and by whom?"),
        NO,
        _("You have no written plan."),
        _("You have a written plan."),
        _("Without a plan nobody can compare it with a trial, and no doctor at home can help you later."),
        _("Send the treatment plan: which cells, how many, how given, by whom and how often."),
    ),
    Point(
        "doctor",
        _("Do you know the name of the doctor, and where that doctor is registered?"),
        NO,
        _("They have not named the doctor."),
        _("They named the doctor. Look the name up in that country’s register."),
        _("You can look a doctor up in a country's register. You cannot look up a company's promise."),
        _("Give the name, training and registration number of the doctor who would treat us."),
        ("nhs-abroad",),
    ),
    Point(
        "risks",
        _("Have they told you in writing what can go wrong, also years later?"),
        NO,
        _("They have not told you in writing what can go wrong."),
        _("They told you in writing what can go wrong."),
        _(
            "Harm can come late. One man had cells from his own nose put into his spinal cord, after an "
            "injury and not a stroke. A growth was found there 12 years later."
        ),
        _("Describe the risks in the first weeks and in later years, and your follow-up."),
        ("cord-mass-2019", "nhs-abroad"),
    ),
    Point(
        "aftercare",
        _("Have they said who looks after you if something goes wrong, there and at home?"),
        NO,
        _("They have not said who looks after you if something goes wrong."),
        _("They said who looks after you if something goes wrong."),
        _("Your own doctors may not know what was done. Care abroad is often not covered at home."),
        _("Say who treats emergencies, who pays, and whom our doctor at home can call."),
        ("nhs-abroad",),
    ),
    Point(
        "commission",
        _("Do you know who is paid for bringing you there, by whom, and how much?"),
        NO,
        _("You do not know who is paid for bringing you there."),
        _("They said who is paid for bringing you there."),
        _("An agent whom the clinic pays earns only if you go. Patients are often not told."),
        _("Say who gets a fee or a commission if we come, who pays it, and how much it is."),
        ("broker-fees-2010",),
    ),
    Point(
        "bill",
        _("Do you have the whole price in writing: each item, and what is not included?"),
        NO,
        _("You do not have the whole price in writing."),
        _("You have the whole price in writing."),
        _("Extras that come later can make it cost far more than you were told."),
        _("Send the whole price, item by item: what is in it, and what is not."),
        ("nhs-abroad",),
    ),
    Point(
        "refund",
        _("Have they said in writing what you get back if you cancel?"),
        NO,
        _("They have not said in writing what you get back if you cancel."),
        _("They said in writing what you get back if you cancel."),
        _("Some companies keep the deposit, or take a fee for cancelling. Plans change after a stroke."),
        _("Say what we get back if we cancel, until which day, and if we fall ill."),
        ("facilitator-fees",),
    ),
)


@dataclass(frozen=True)
class Outcome:
    """Warning signs, what to ask to see, what one is not sure of, what was told: in the list's order."""

    warnings: list[Point]
    to_see: list[Point]
    unknown: list[Point]
    told: list[Point]

    @property
    def to_ask(self) -> list[Point]:
        """What the letter asks for: all that was not simply told. Approval always is, as we know of none."""
        return [point for point in POINTS if point not in self.told]


def outcome(answers: Mapping[str, str]) -> Outcome:
    """What the answers, by name of the point, come to."""
    warnings = [point for point in POINTS if answers[point.name] == point.warning]
    unknown = [point for point in POINTS if answers[point.name] == NOT_SURE]
    told = [point for point in POINTS if point not in warnings and point not in unknown]
    return Outcome(
        warnings=warnings,
        to_see=[point for point in told if point.to_see],
        unknown=unknown,
        told=[point for point in told if not point.to_see],
    )
