from django.urls import path

from milepost.service.audit_pages import views

app_name = "audit"
urlpatterns = [path("", views.search, name="search")]
