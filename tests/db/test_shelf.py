"""The shelf of finished pages: what is broken counts as nothing kept, in memory and in Redis (REDIS_URL)."""

import pickle

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from portal import edition, shelf
from portal.models import Page

pytestmark = pytest.mark.usefixtures("kept_pages")

PAGE = ("mark", (("Content-Type", "text/html"),), b"compressed")
BROKEN = {
    "no pickle": b"\x1f\x8b words of another program",
    "nothing at all": b"",
    "cut off": pickle.dumps(PAGE)[:-9],
    "of a module that is gone": b"cportal.gone\nPage\n.",
    "of a class that is gone": b"cportal.shelf\nPage\n.",
    "a class made otherwise": b"cportal.shelf\ntake\n(tR.",
    "a place in it that is not there": b"h\x05.",
    "no text": b"\x8c\x01\xff.",
    "a number": pickle.dumps(7),
    "words": pickle.dumps("a page"),
    "a page of another shape": pickle.dumps(PAGE[:2]),
    "a page as an older version kept it": pickle.dumps(PAGE),
}


def places() -> list[str]:
    """Where something is kept now, by the names that the cache gives them."""
    mine = cache.make_key("")
    if in_memory():
        return [place for place in cache._cache if place.startswith(mine)]
    return [place.decode() for place in redis().scan_iter(f"{mine}*")]


def write_raw(place: str, raw: bytes) -> None:
    """What another program leaves there."""
    if in_memory():
        cache._cache[place], cache._expire_info[place] = raw, None
    else:
        redis().set(place, raw)


def in_memory() -> bool:
    return isinstance(caches["default"], LocMemCache)


def redis():
    return cache._cache.get_client(None, write=True)


def test_what_was_put_is_found():
    shelf.put("page", PAGE, seconds=5)
    shelf.put("news", "abc", seconds=None)
    assert shelf.take(["page", "news", "other"]) == {"page": PAGE, "news": "abc"}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_not_there_and_hides_nothing_beside_it(raw):
    shelf.put("news", "abc", seconds=None)
    write_raw(cache.make_key("page"), raw)
    assert shelf.take(["news", "page"]) == {"news": "abc"}
    shelf.put("page", PAGE, seconds=5)
    assert shelf.take(["news", "page"]) == {"news": "abc", "page": PAGE}


def test_a_page_of_which_a_byte_is_another_is_not_there():
    shelf.put("page", PAGE, seconds=5)
    kept = cache.get("page")
    cache.set("page", kept.replace(b"compressed", b"compresseb"), 5)
    assert shelf.take(["page"]) == {}


def test_what_is_broken_is_put_away_so_that_it_costs_once():
    write_raw(cache.make_key("news"), BROKEN["no pickle"])
    assert shelf.take(["news"]) == {}
    assert "news" not in cache


def test_what_is_broken_is_no_reason_to_leave_the_cache_alone(caplog):
    write_raw(cache.make_key("page"), BROKEN["no pickle"])
    shelf.take(["page"])
    shelf.put("page", PAGE, seconds=5)
    assert shelf.take(["page"]) == {"page": PAGE}
    assert [record.message for record in caplog.records] == [
        "the cache holds what cannot be read (UnpicklingError); it is put away"
    ]


@pytest.mark.django_db(transaction=True)
def test_a_reader_gets_the_page_though_all_that_is_kept_is_broken(now):
    Page.objects.create(slug="about", title="About us", body="<p>Us.</p>", updated_at=now)
    edition.renew()
    drawn = Client().get("/about/").content
    kept = places()
    assert len(kept) == 2  # the page and the news
    for raw in BROKEN.values():
        for place in kept:
            write_raw(place, raw)
        again = Client().get("/about/")
        assert (again.status_code, again.content) == (200, drawn)
