"""The mark of the program: another one as soon as anything changed that a page is drawn from or names."""

import pytest
from django.conf import settings

from portal import release

FILES = (
    *("portal/views.py", "templates/base.html", "portal/locale/ar/LC_MESSAGES/django.mo"),
    *("portal/static/portal/portal.css", "portal/static/portal/writing.js", "portal/static/portal/mark.svg"),
    *("portal/static/portal/plain.woff2", "portal/fonts/Naskh.ttf", "portal/search/ordinary_words.txt"),
    "portal/demo/terms.toml",
)


@pytest.fixture
def root(tmp_path):
    for name in (*FILES, "requirements.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def mark(root, *also):
    return release.mark(root, ("portal", "templates"), also)


def test_the_same_files_and_settings_have_the_same_mark(root):
    assert mark(root, "Second Look") == mark(root, "Second Look")


@pytest.mark.parametrize("name", [*FILES, "requirements.txt"])
def test_whatever_is_drawn_from_or_named_in_pages_changes_it(root, name):
    before = mark(root)
    (root / name).write_bytes(b"changed")
    assert mark(root) != before


def test_a_file_that_comes_goes_or_is_renamed_changes_it(root):
    drawing = root / "portal/static/portal/mark.svg"
    marks = [mark(root)]
    drawing.rename(drawing.with_name("sign.svg"))
    marks.append(mark(root))
    drawing.with_name("sign.svg").unlink()
    marks.append(mark(root))
    assert len(set(marks)) == 3


def test_what_stands_in_one_file_is_not_taken_for_another(root):
    first, second = (root / "templates" / name for name in ("a.html", "b.html"))
    first.write_text("")
    second.write_text("words")
    before = mark(root)
    first.write_text("templates/b.htmlwords")
    second.unlink()
    assert mark(root) != before


def test_a_setting_changes_it(root):
    assert mark(root, "Second Look") != mark(root, "Another Look")


def test_what_python_compiled_does_not(root):
    before = mark(root)
    compiled = root / "portal/__pycache__/views.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"compiled")
    assert mark(root) == before


def test_all_that_this_program_serves_is_among_it():
    """No kind of static file is forgotten when it comes."""
    folders = ("portal", "articles", "quotes", "templates")
    served = {path for path in (settings.BASE_DIR / "portal/static").rglob("*") if path.is_file()}
    assert served - set(release.drawing(settings.BASE_DIR, folders)) == set()
