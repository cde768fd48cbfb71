from django.urls import path

from milepost.service.api import document

app_name = "api"
urlpatterns = [
    path("v1/", document.urls()),
]
