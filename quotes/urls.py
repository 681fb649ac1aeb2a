from django.urls import path

from . import private_page, views

app_name = "quotes"
urlpatterns = [
    path("", views.start, name="start"),
    path("check/", views.check, name="check"),
    path("sent/", views.sent, name="sent"),
    path("s/<str:secret>/", private_page.private, name="private"),
    path("s/<str:secret>/withdraw/", private_page.withdraw, name="withdraw"),
    path("s/<str:secret>/stop-news/", private_page.stop_news, name="stop-news"),
    # Last: who, stroke, wishes, contact, consent (quotes.steps.STEPS).
    path("<slug:step>/", views.step, name="step"),
]
