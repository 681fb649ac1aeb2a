"""What a load balancer or a watchman asks. The answers name the check and no more."""

import datetime as dt

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import mail
from .models import OutboxMessage, WorkerPulse

LATE = dt.timedelta(minutes=15)


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing, so that a lost database does not restart every server."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 where everything works, 503 where something does not, with the outcome of each check.

    Beside them, for a watchman to see and no reason to take servers away: how many seconds the oldest letter
    has been owed, as one that a mail server put off, and how many letters have failed.
    """
    now = timezone.now()
    checks = outcomes(now)
    well = all(checks.values())
    words = {name: "ok" if passed else "failed" for name, passed in checks.items()}
    letters = troubles(now) if checks["database"] else {}
    return JsonResponse(
        {"status": "ready" if well else "not ready", "checks": words} | letters, status=200 if well else 503
    )


def outcomes(now: dt.datetime) -> dict[str, bool]:
    """Each check by name; without a database none of the others passes."""
    passed = dict.fromkeys(("database", "migrations", "letters", "worker"), False)
    try:
        connection.ensure_connection()
        passed["migrations"] = nothing_to_migrate()
        passed["letters"] = not OutboxMessage.objects.late_since(now - LATE).exists()
        passed["worker"] = WorkerPulse.objects.beating(now).exists()
        passed["database"] = True
    except Error:  # away, or so old that a table is missing
        connection.close()
    return passed


def nothing_to_migrate() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def troubles(now: dt.datetime) -> dict[str, int | None]:
    failed = OutboxMessage.objects.filter(state=OutboxMessage.State.FAILED).exclude(mail.FORGOTTEN)
    return {"oldest_letter": oldest_letter(now), "failed_letters": failed.count()}


def oldest_letter(now: dt.datetime) -> int | None:
    """How many seconds the oldest unsent letter has been owed; None where all are sent."""
    oldest = OutboxMessage.objects.unsent().aggregate(at=Min("created_at"))["at"]
    return int((now - oldest).total_seconds()) if oldest else None
