from django.urls import path

from milepost.service.people import views

app_name = "people"
urlpatterns = [path("", views.search, name="search")]
