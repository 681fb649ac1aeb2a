"""Functions that make records the way the portal makes them: through the real verbs.

Each gives something valid when called with nothing but the time; name only what the test is about.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from articles import publishing, texts
from articles.checks.discern import QUESTIONS, Answer
from articles.models import Claim, Guide, Source, Topic, Treatment
from portal import edition, roles
from portal.models import Page, User
from quotes import consents, links, pipeline
from quotes.models import Destination, QuoteRequest, Stage

numbers = count(1)
WORKER = uuid.UUID(int=1)


def staff(*roles: str, password: str | None = None, **fields: Any) -> User:
    """A member of staff in the named groups: staff(roles.EDITOR). Without a password: client.force_login."""
    username = fields.pop("username", f"staff{next(numbers)}")
    fields = {"email": f"{username}@clinic.example", "is_staff": True} | fields
    person = User.objects.create_user(username, password=password, **fields)
    person.groups.set(Group.objects.filter(name__in=roles))
    assert person.groups.count() == len(roles), f"no such group among {roles}"
    return person


def topic(**fields: Any) -> Topic:
    number = next(numbers)
    return Topic.objects.create(**{"slug": f"topic-{number}", "name": f"Topic {number}"} | fields)


def source(key: str = "", **fields: Any) -> Source:
    key = key or f"source-{next(numbers)}"
    return Source.objects.create(
        **{
            "key": key,
            "title": f"Cells after stroke: {key}",
            "kind": Source.Kind.TRIAL,
            "publisher": "Journal of Examples",
            "year": 2024,
            "url": f"https://journal.example/{key}",
            "design": "randomised, blinded",
            "people": 126,
            "control": Source.Control.PLACEBO,
            "main_measure": Source.MainMeasure.MISSED,
            "finding": "No difference on the main measure.",
            "sureness": Source.Sureness.A,
            "checked_on": dt.date(2026, 11, 1),
        }
        | fields
    )


def destination(**fields: Any) -> Destination:
    number = next(numbers)
    return Destination.objects.create(
        **{"slug": f"destination-{number}", "name": f"Destination {number}", "country": "DE"} | fields
    )


def answers(**changes: Any) -> dict[str, Any]:
    """A complete set of answers, as the form's last step hands them to pipeline.submit."""
    return {
        "for_whom": "me",
        "relationship": "",
        "person_knows": "",
        "stroke_type": "clot",
        "months_since_stroke": 14,
        "affected": ["arm", "speech"],
        "daily_help": "some",
        **dict.fromkeys(QuoteRequest.SAFETY_QUESTIONS, "no"),
        "can_decide": "yes",
        "can_travel": "yes",
        "treatment": None,
        "destination": None,
        "wanted_when": "later",
        "companions": 1,
        "message": "",
        "name": "Ada Example",
        "email": f"ada{next(numbers)}@home.example",
        "phone": "",
        "country": "GB",
        "channel": "email",
        "hours": "any",
        "time_zone": "Europe/London",
        "do_not_phone": False,
        "language": "en-gb",
        "health": True,
        "news": False,
        "consent_version": consents.CURRENT,
    } | changes


def lead(*, now: dt.datetime, secret: str = "", **changes: Any) -> QuoteRequest:
    """A request sent at `now`; give `secret` to open its private page."""
    return pipeline.submit(answers(**changes), secret=secret or links.make(), now=now)


def closed(*, now: dt.datetime, reason: str = "done", **changes: Any) -> QuoteRequest:
    """A request that staff closed at `now`."""
    made = lead(now=now, **changes)
    pipeline.move(made, Stage.CLOSED, by=None, now=now, reason=reason)
    return made


# --- Guides and treatments, through review as on any day ----------------------------------------


def guide_content(**changes: Any) -> dict[str, Any]:
    """What an editor writes; cites the source "trial-1", which must exist before it is submitted."""
    return {
        "title": "Risks in plain words",
        "summary": "What can go wrong, and how we know.",
        "key_points": ["One point.", "Two points.", "Three points."],
        "questions": ["Who gives the cells?", "What did the trial find?", "Who pays if it goes wrong?"],
        "body": "<h2>The risks</h2><p>Two of 23 people died [@trial-1].</p>",
        "change_note": "",
    } | changes


TOLD = {
    "without_treatment": "Without the cells",
    "alternatives": "Your other choices",
    "not_known": "What is not known",
}


def told(body: str) -> dict[str, Any]:
    """The body with all the parts that readers must be told behind it, and where they are."""
    return {
        "body": body + "".join(f"<h2>{heading}</h2><p>Words.</p>" for heading in TOLD.values()),
        "parts": TOLD,
    }


def treatment_content(**changes: Any) -> dict[str, Any]:
    """With all the parts that readers must be told; they follow whatever body is given."""
    content = guide_content(
        title="Neural stem cells",
        cell_type="nerve cells",
        donor="donor",
        route="surgery",
        approval="Nowhere for stroke.",
    )
    content |= changes
    return content if "parts" in changes else content | told(content["body"])


def written_claim(**changes: Any) -> dict[str, Any]:
    """A claim of harm as an editor writes it, on a treatment's own page; cites "trial-1"."""
    return {
        "direction": "harm",
        "sentence": "Two people died.",
        "count": 2,
        "of": 23,
        "group": "",
        "other": "",
        "other_count": None,
        "other_of": None,
        "how_sure": "low",
        "treatment": None,
        "sources": ["trial-1"],
        "caveat": "",
    } | changes


def guide(slug: str = "", *, now: dt.datetime, **fields: Any) -> Guide:
    """A guide without any text yet."""
    return Guide.objects.create(slug=slug or f"guide-{next(numbers)}", created_at=now, **fields)


def treatment(slug: str = "", *, now: dt.datetime) -> Treatment:
    return Treatment.objects.create(slug=slug or f"treatment-{next(numbers)}", created_at=now)


def draft(subject: Guide | Treatment, *, by: User, now: dt.datetime, **changes: Any) -> Any:
    """A draft that can be submitted."""
    if not Source.objects.filter(key="trial-1").exists():
        source("trial-1")
    content = guide_content if isinstance(subject, Guide) else treatment_content
    demonstration = changes.pop("demonstration", False)
    return publishing.save_draft(subject, content(**changes), by=by, now=now, demonstration=demonstration)


def discern(score: int = 4, where: str = "Key points", **scores: int) -> list[Answer]:
    """A reviewer's answers to all fifteen questions: one score for each but those named.

    `where` is what all but one point to; both are on every page.
    """
    return [
        {
            "question": question,
            "score": scores.get(question, score),
            "where": "References" if question == "sources" else where,
        }
        for question in QUESTIONS
    ]


def approve(revision: Any, **said: Any) -> Any:
    """The verb, with answers to the fifteen questions where the test says nothing of them."""
    return publishing.approve(revision, **{"discern": discern()} | said)


def approved(subject: Guide | Treatment, *, now: dt.datetime, **changes: Any) -> Any:
    """A revision written by one, reviewed by another; `reasons` are for warnings that may stand."""
    reasons = changes.pop("reasons", {})
    next_review_on = changes.pop("next_review_on", now.date() + dt.timedelta(days=182))
    editor = changes.pop("by", None) or staff(roles.EDITOR, byline="E. Editor")
    revision = draft(subject, by=editor, now=now, **changes)
    publishing.submit(revision, by=editor, now=now, reasons=why(revision, reasons))
    reviewer = staff(roles.REVIEWER, byline="Dr R. Reviewer, neurologist")
    return approve(revision, next_review_on=next_review_on, agrees=bool(reasons), by=reviewer, now=now)


def why(revision: Any, reasons: Mapping[str, str]) -> dict[str, str]:
    """By the name of each warning of a text what is said here of all of its kind, by code."""
    found = texts.problems_of(revision)
    return {problem.name: reasons[problem.code] for problem in found if problem.code in reasons}


def published(subject: Guide | Treatment, *, now: dt.datetime, **changes: Any) -> Any:
    """A revision that readers see."""
    revision = approved(subject, now=now, **changes)
    return publishing.publish(revision, by=revision.author, now=now)


def claim(revision: Any, *sources: Source, **fields: Any) -> Claim:
    """A statement of a submitted text about a treatment, a harm unless told otherwise."""
    kind = revision._meta.model_name.replace("revision", "_revision")
    about = revision.subject if kind == "treatment_revision" else fields.pop("treatment", None)
    showing = Source.objects.showing_benefit().filter(pk__in=[source.pk for source in sources])
    made = Claim.objects.create(
        **{
            kind: revision,
            "position": revision.claim_rows.count() + 1,
            "direction": "harm",
            "sentence": "Two of 23 people died.",
            "how_sure": "low",
            "treatment": about or treatment(now=revision.created_at),
            "source": sources[0],
            "shown_by": showing.first() if fields.get("direction") == "benefit" else None,
        }
        | fields
    )
    made.sources.set(sources)
    return made


def one_of_everything(now: dt.datetime) -> Guide:
    """One of each kind of page that readers see; the guide."""
    source("trial-1")
    cells = treatment("cells", now=now)
    costs = topic(slug="costs", name="Costs")
    risks = guide("risks", now=now)
    for subject in (cells, risks):
        published(subject, now=now)
    risks.topics.set([costs])
    about = {"title": "About us", "summary": "Who we are.", "body": "<p>Us.</p>"}
    Page.objects.create(slug="about", updated_at=now, **about)
    edition.renew()
    risks.refresh_from_db()
    return risks
