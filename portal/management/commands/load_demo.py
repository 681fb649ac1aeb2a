"""Fills an empty portal with demonstration content, so that there is something to read and to try."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

import articles.demo
import quotes.demo
from articles.models import Guide, Source, Treatment
from portal import demo, edition
from portal.models import Page, User


class Command(BaseCommand):
    help = (
        "Loads the demonstration content and makes a staff account for each role. Adds only what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do nothing where there is content already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and has_content():
            return
        try:
            added, accounts = load()
        except demo.BrokenFile as broken:
            raise CommandError(f"Nothing was loaded. {broken}") from broken
        self.stdout.write("Added " + ", ".join(f"{number} {name}" for name, number in added.items()) + ".")
        self.tell(accounts)

    def tell(self, accounts: dict[str, str]) -> None:
        if not accounts:
            return
        self.stdout.write("Staff accounts, for /admin/ (each password is shown this once):")
        width = max(map(len, accounts))
        for username, password in accounts.items():
            self.stdout.write(f"  {username:{width}}  {password}")


def has_content() -> bool:
    return any(model.objects.exists() for model in (Guide, Treatment, Source, Page))


@transaction.atomic
def load() -> tuple[dict[str, int], dict[str, str]]:
    """All or nothing: how many of each kind were added, and the new accounts with their passwords."""
    now = timezone.now()
    accounts = demo.load_staff()
    editor = User.objects.get(username="editor")
    reviewer = User.objects.get(username="reviewer")
    added = articles.demo.load(editor=editor, reviewer=reviewer, now=now)
    added |= {"pages": demo.load_pages(now), "destinations": quotes.demo.load(now)}
    edition.renew()
    return added, accounts
