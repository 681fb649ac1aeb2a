import logging
import sys

import psycopg2
import pytest
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import RequestFactory

from portal.log import Line
from portal.middleware import RequestId
from portal.tracing import request_id

SECRET = "aB3-_xYz0123456789aB3-_xYz012345"


def line(message, *args, exc_info=None):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, message, args, exc_info)
    return Line("{levelname} [{request_id}] {message}", style="{").format(record)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        (f"Not Found: /quote/s/{SECRET}/", "Not Found: /quote/s/…"),
        (f"Forbidden: /quote/s/{SECRET}/withdraw/", "Forbidden: /quote/s/…"),
        (f"/admin/login/?next=%2Fquote%2Fs%2F{SECRET}%2F", "/admin/login/?next=%2Fquote%2Fs%2F…"),
        (f"referrer 'https://x.example/QUOTE/S/{SECRET}'", "referrer 'https://x.example/QUOTE/S/…"),
        (f"/quote/s/{SECRET}/ and /quote/s/{SECRET}/", "/quote/s/…"),
        *[
            (f"Not Found: {before}{SECRET}/", f"Not Found: {kept}…")
            for before, kept in [
                ("/quote/s/ ", "/quote/s/"),
                ("/quote/s//", "/quote/s/"),
                ("/quote//s/", "/quote//s/"),
                ("/quote/s /", "/quote/s /"),
                ('/quote/s/"<;', "/quote/s/"),
                ("/quote%2fs%20%2f%22", "/quote%2fs%20%2f"),
                (f"/quote/s/{SECRET} ", "/quote/s/"),
            ]
        ],
        ("/quote/stroke/ /quote/who/", "/quote/stroke/ /quote/who/"),
    ],
)
def test_the_secret_of_a_private_page_is_in_no_line(message, kept):
    assert line(message) == f"WARNING [-] {kept}"
    assert line("%s", message) == f"WARNING [-] {kept}"


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error):
        return sys.exc_info()


def test_a_traceback_hides_it_too():
    text = line("failed", exc_info=raised(LookupError(f"/quote/s/{SECRET}/")))
    assert SECRET not in text
    assert "LookupError: /quote/s/…" in text


def test_a_refused_row_is_not_quoted():
    words = (
        "null value violates\nDETAIL:  Failing row contains (1, Ada Example,\n\nbleed, ada@home.example).\n"
    )
    cause = psycopg2.IntegrityError(words)
    text = line("failed", exc_info=raised(IntegrityError(words), cause))
    assert "null value violates" in text
    assert [word for word in ("Ada", "bleed", "home.example") if word in text] == []


def test_a_line_names_its_request():
    token = request_id.set("7")
    text = line("x")
    request_id.reset(token)
    assert text == "WARNING [7] x"


def test_a_line_that_django_writes_after_the_request_names_it_too():
    request = RequestFactory().get("/")
    RequestId(lambda _: HttpResponse())(request)
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: /", (), None)
    record.request = request
    assert Line("[{request_id}]", style="{").format(record) == f"[{request.request_id}]"
    assert len(request.request_id) == 36


def test_every_line_is_written_so():
    formatters = {handler["formatter"] for handler in settings.LOGGING["handlers"].values()}
    assert {settings.LOGGING["formatters"][name]["()"] for name in formatters} == {"portal.log.Line"}
