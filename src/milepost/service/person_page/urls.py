from django.urls import path

from milepost.service.person_page.views import lists, overview, plain, trail, week

PERSON = "<str:reference>/"

app_name = "person_page"
urlpatterns = [
    path(PERSON, overview.overview, name="overview"),
    path(PERSON + "for-person", plain.plain, name="for-person"),
    path(PERSON + "week", week.week, name="week"),
    path(PERSON + "day", week.day, name="day"),
    path(PERSON + "trail", trail.ask, name="trail"),
    path(PERSON + "trail/<int:pk>", trail.shown, name="trail-shown"),
    path(PERSON + "trail/<int:pk>/export", trail.export, name="trail-export"),
    path(PERSON + "zones", lists.zones, name="zones"),
    path(PERSON + "orders", lists.orders, name="orders"),
    path(PERSON + "history", lists.history, name="history"),
    path(PERSON + "devices", lists.devices, name="devices"),
    path(PERSON + "notes", lists.notes, name="notes"),
    path(PERSON + "details", lists.details, name="details"),
]
