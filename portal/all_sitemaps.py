"""Every page that search engines are told of: where the sitemaps of all apps meet."""

from collections.abc import Iterator

from articles.sitemaps import EasySitemap, GuideSitemap, SourceSitemap, TreatmentSitemap

from .sitemaps import EntrySitemap, OurSitemap, PageSitemap

SITEMAPS: dict[str, type[OurSitemap]] = {
    "entries": EntrySitemap,
    "guides": GuideSitemap,
    "easy": EasySitemap,
    "treatments": TreatmentSitemap,
    "sources": SourceSitemap,
    "pages": PageSitemap,
}


def paths() -> Iterator[str]:
    """The address of every page in them, in this order, as a request names it."""
    for make in SITEMAPS.values():
        sitemap = make()
        yield from (sitemap.location(item) for item in sitemap.items())
