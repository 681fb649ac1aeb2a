from django.urls import path

from portal.reading import reading_page

from . import feeds, file_views, reader_views, views
from .search import views as search_views

app_name = "articles"
urlpatterns = [
    path("guides/", views.guides, name="guides"),
    path("guides/<slug:slug>/", views.guide, name="guide"),
    path("guides/<slug:slug>/easy/", views.guide_easy, name="guide_easy"),
    path("guides/<slug:slug>/easy/pdf/", file_views.easy_file, name="guide_easy_pdf"),
    path("guides/<slug:slug>/pdf/", file_views.guide_file, name="guide_pdf"),
    path("guides/<slug:slug>/useful/", reader_views.useful, name="useful"),
    path("guides/<slug:slug>/thanks/", reader_views.thanks, name="thanks"),
    path("trials/", reader_views.trials, name="trials"),
    path("check-an-offer/", reader_views.offer, name="offer"),
    path("feeds/guides.atom", reading_page(feeds.GuidesAtom()), name="guides_atom"),
    path("feeds/guides.rss", reading_page(feeds.GuidesRss()), name="guides_rss"),
    path("feeds/topics/<slug:slug>.atom", reading_page(feeds.TopicAtom()), name="topic_atom"),
    path("feeds/topics/<slug:slug>.rss", reading_page(feeds.TopicRss()), name="topic_rss"),
    path("treatments/", views.treatments, name="treatments"),
    path("treatments/compare/", views.compare, name="compare"),
    path("treatments/<slug:slug>/", views.treatment, name="treatment"),
    path("search/", search_views.find, name="search"),
    path("evidence/", views.sources, name="sources"),
    path("evidence/<slug:key>/", views.source, name="source"),
    path("glossary/", views.glossary, name="glossary"),
]
