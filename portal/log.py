"""How a log line looks, and what must never stand in one."""

import logging
import re
from types import TracebackType

from django.db import Error

from .tracing import request_id

# The secret of a private page, in an address as typed or percent-encoded (a ?next=, a referrer). A link that
# a mail program has damaged holds blanks, quotes, double slashes: nothing after it is worth the risk.
SECRET = re.compile(r"(quote(?:\s|%20)*(?:/|%2f)+s(?:\s|%20)*(?:/|%2f)).*", re.IGNORECASE)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Line(logging.Formatter):
    """Adds the request's number; hides secrets in the finished line, traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        # Django writes its lines on refusals after the request has left our middleware.
        answered = getattr(record, "request", None)
        record.request_id = getattr(answered, "request_id", None) or request_id.get()
        return SECRET.sub(r"\1…", super().format(record))

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - the name is the standard library's
        text = super().formatException(ei)
        for error in _chain(ei[1]):
            text = text.replace(str(error), _without_values(error))
        return text


def _chain(error: BaseException | None) -> list[BaseException]:
    """The error and all that led to it."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _without_values(error: BaseException) -> str:
    """PostgreSQL quotes the refused row, a patient's answers, from the second line of its message on."""
    is_of_database = isinstance(error, Error) or hasattr(error, "pgerror")
    return str(error).partition("\n")[0] if is_of_database else str(error)
