"""What Django calls after a test that commits."""

from typing import Any

from django.core.management.commands import flush

from tests.copies import MIGRATED


class Command(flush.Command):
    help = "Puts back what the migrations made, groups and permissions too, where Django's leaves nothing."

    def handle(self, **options: Any) -> None:
        MIGRATED[-1]()
