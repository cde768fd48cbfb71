from django.urls import path

from milepost.service.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.front, name="front"),
    path("sign-in", views.sign_in, name="sign-in"),
    path("tour", views.tour_page, name="tour"),
    path("tour/step", views.step, name="step"),
    path("tour/hide", views.hide, name="hide"),
]
