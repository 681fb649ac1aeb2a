from django.conf import settings

FOLDER = settings.BASE_DIR / "templates" / "emails"


def letters(ending):
    paths = FOLDER.rglob(f"*.{ending}")
    return {str(path.relative_to(FOLDER).with_suffix("")) for path in paths if not path.name.startswith("_")}


def test_every_letter_is_there_as_text_and_as_html():
    assert letters("txt") == letters("html") != set()
