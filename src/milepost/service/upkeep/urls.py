from django.urls import path

from milepost.service.upkeep import views

app_name = "upkeep"
urlpatterns = [path("", views.status, name="status")]
