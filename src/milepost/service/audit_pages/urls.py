from django.urls import path

from milepost.service.audit_pages import sound, views

app_name = "audit"
urlpatterns = [
    path("", views.search, name="search"),
    path("entries/<int:number>", views.entry, name="entry"),
    path("exceptional", views.exceptional, name="exceptional"),
    path("refused", views.denied, name="denied"),
    path("worth-a-look", views.worth_a_look, name="patterns"),
    path("sound", sound.status, name="status"),
    path("sound/check", sound.verify, name="verify"),
    path("users", views.users, name="users"),
    path("export", views.export, name="export"),
]
