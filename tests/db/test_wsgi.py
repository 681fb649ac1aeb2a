"""Headers that would break Django while it makes the request, before a view can answer."""

import io

import pytest
from django.test import RequestFactory

from portal.wsgi import application

# The server closes connections between requests, so nothing may hang on one.
pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "a" * 32


def status_of(
    content_type: str, *, path: str = "/quote/", query: str = "", method: str = "GET", body: bytes = b""
) -> str:
    environ = RequestFactory()._base_environ(
        PATH_INFO=path,
        QUERY_STRING=query,
        REQUEST_METHOD=method,
        CONTENT_TYPE=content_type,
        CONTENT_LENGTH=str(len(body)),
        HTTP_HOST="localhost",
        HTTP_COOKIE=f"csrftoken={TOKEN}",
    )
    environ["wsgi.input"] = io.BytesIO(body)
    answers: list[str] = []
    list(application(environ, lambda status, headers, *rest: answers.append(status)))
    return answers[0]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=hex",
        "text/plain; charset=idna",
        "text/plain; charset=unicode_escape",
        "text/plain; charset*=utf-8''hex",
        "text/plain; name*=nonsense''x",
        "text/plain; ;;==; charset",
        'multipart/form-data; boundary="a; charset=hex"',
    ],
)
def test_no_content_type_breaks_a_page(content_type):
    assert status_of(content_type, query="treatment=%5Cud800&page=%2Ba-") == "200 OK"


def test_too_many_parameters_are_a_bad_request_with_a_charset_too():
    assert status_of("text/plain; charset=utf-8", query="a=1&" * 600) == "400 Bad Request"


def test_a_form_with_files_still_finds_its_boundary():
    typed = {"csrfmiddlewaretoken": TOKEN, "new_signs": "no"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in typed.items()
    ]
    body = "".join([*parts, "--x--\r\n"]).encode()
    content_type = "multipart/form-data; charset=hex; boundary=x"
    assert status_of(content_type, path="/quote/signs/", method="POST", body=body) == "303 See Other"
