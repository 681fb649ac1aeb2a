"""The number of the request being answered, so that log lines and the trail can name it."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
