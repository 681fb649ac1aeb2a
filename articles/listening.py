"""What readers answer when a guide asks whether it was useful. Nothing tells who answered."""

from __future__ import annotations

import datetime as dt

from django.core import signing
from django.db import transaction

from portal import throttle

from . import texts
from .models import Feedback, Guide

PER_ADDRESS = throttle.Rate(20, dt.timedelta(hours=1))
# A comment may hold more about a person than it should; it is for the next check of the guide.
KEPT_FOR = dt.timedelta(days=365)
# How long one who pressed Yes or No can still say why.
OPEN_FOR = dt.timedelta(hours=1)
MARKS = signing.Signer(salt="articles.feedback")


class TooMany(Exception):
    """So many answers came from one network that this one is not taken."""

    rate = PER_ADDRESS


@transaction.atomic
def take_answer(
    guide: Guide, *, useful: bool, section: str, comment: str, easy: bool, now: dt.datetime, sender: str
) -> Feedback:
    """Keep one answer about the text that readers see now. TooMany above the limit of a network."""
    if sender and not throttle.allow("articles.feedback", sender, rate=PER_ADDRESS, now=now):
        raise TooMany
    live = guide.live_revision
    if live is None:
        raise ValueError("readers see no text of this guide")
    return Feedback.objects.create(
        guide=guide,
        revision_number=live.number,
        easy=easy,
        section=section,
        useful=useful,
        comment=texts.printable(comment),
        at=now,
    )


def mark_of(answer: Feedback) -> str:
    """With which the one who gave this answer can add words to it; nobody else can make one."""
    return MARKS.sign(str(answer.pk))


def add_words(mark: str, *, section: str, comment: str, now: dt.datetime) -> bool:
    """Words to the answer with this mark, once and soon after it; whether they were taken."""
    number = _number_of(mark)
    if number is None:
        return False
    open_still = Feedback.objects.filter(pk=number, at__gte=now - OPEN_FOR, comment="", section="")
    return bool(open_still.update(comment=texts.printable(comment), section=section))


def is_of_an_answer(mark: str) -> bool:
    """Whether somebody was thanked with this mark for an answer."""
    return _number_of(mark) is not None


def _number_of(mark: str) -> int | None:
    try:
        return int(MARKS.unsign(mark))
    except signing.BadSignature:
        return None


def forget_old(now: dt.datetime) -> int:
    """Remove answers older than a year; how many there were."""
    return Feedback.objects.filter(at__lt=now - KEPT_FOR).delete()[0]


def sections_of(guide: Guide, *, easy: bool = False) -> list[str]:
    """The large headings of what readers see, or of its easy version: what an answer may be about."""
    live = guide.live_revision
    if not live:
        return []
    contents = live.easy.get("contents", []) if easy and live.easy_body else live.contents
    return [heading["text"][:200] for heading in contents if heading["level"] == 2]
