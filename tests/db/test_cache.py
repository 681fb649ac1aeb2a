from django.core.cache import cache


def test_the_cache_gives_back_what_it_was_given():
    """In this process, or in Redis where REDIS_URL is set."""
    cache.set("tests", {"a": [1, "é"]}, 5)
    assert cache.get("tests") == {"a": [1, "é"]}
    cache.delete("tests")
    assert cache.get("tests") is None
