import pytest

from articles.models import GuideRevision


@pytest.mark.parametrize(
    ("words", "minutes"),
    [(0, 1), (1, 1), (180, 1), (269, 1), (271, 2), (449, 2), (451, 3), (1800, 10)],
)
def test_reading_takes_a_minute_for_each_180_words(words, minutes):
    assert GuideRevision(word_count=words).reading_minutes == minutes
