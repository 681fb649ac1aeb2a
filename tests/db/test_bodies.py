"""What a request may carry: no files, and as much text as the longest draft."""

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from portal import roles
from tests import builders

pytestmark = pytest.mark.django_db

# In a form's writing an Arabic letter takes six signs: this is 900 KB.
ARABIC = "<p>" + "خلايا جذعية " * 12_000 + "</p>"


@pytest.mark.parametrize("path", ["/quote/signs/", "/admin/login/"])
@pytest.mark.parametrize("size", [1, 3_000_000])
def test_a_file_is_refused_and_never_written_down(client, monkeypatch, tmp_path, path, size):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = client.post(path, {"username": "eda", "scan": SimpleUploadedFile("scan.dcm", b"x" * size)})
    assert answer.status_code == 400
    assert list(Path(tmp_path).iterdir()) == []


def test_a_long_arabic_draft_is_shown_again_with_what_is_missing(client):
    client.force_login(builders.staff(roles.EDITOR))
    form = {"slug": "ar", "language": "ar", "body": ARABIC}
    body = "&".join(f"{name}={_encoded(text)}" for name, text in form.items())
    answer = client.post("/admin/articles/guide/add/", body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.content.decode().count("خلايا جذعية")) == (422, 12_000)


def _encoded(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize("path", ["/quote/signs/", "/admin/login/"])
def test_more_than_the_longest_draft_is_refused(client, path):
    body = "a=" + "x" * 2_600_000
    answer = client.post(path, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
