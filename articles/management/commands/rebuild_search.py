from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from articles import search
from articles.models import SearchEntry


class Command(BaseCommand):
    help = "Makes the index of the search again from what readers see. The site may serve meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do nothing where there is an index already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and SearchEntry.objects.exists():
            return
        self.stdout.write(f"{search.rebuild()} entries.")
