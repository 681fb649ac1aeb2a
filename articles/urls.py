from django.urls import path

from . import views

app_name = "articles"
urlpatterns = [
    path("guides/", views.guides, name="guides"),
    path("guides/<slug:slug>/", views.guide, name="guide"),
    path("treatments/", views.treatments, name="treatments"),
    path("treatments/<slug:slug>/", views.treatment, name="treatment"),
    path("evidence/", views.sources, name="sources"),
    path("evidence/<slug:key>/", views.source, name="source"),
]
