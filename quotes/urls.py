from django.urls import path

from . import views

app_name = "quotes"
urlpatterns = [
    path("", views.start, name="start"),
    path("check/", views.check, name="check"),
    path("sent/", views.sent, name="sent"),
    path("s/<str:secret>/", views.private, name="private"),
    path("s/<str:secret>/withdraw/", views.withdraw, name="withdraw"),
    # Last: who, stroke, wishes, contact, consent (quotes.steps.STEPS).
    path("<slug:step>/", views.step, name="step"),
]
