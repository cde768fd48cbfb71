from django.urls import path

from milepost.service.person_page import views

app_name = "person_page"
urlpatterns = [path("<str:reference>/", views.person, name="person")]
