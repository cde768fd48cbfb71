from django.urls import path

from milepost.service.gazetteer import views

app_name = "gazetteer"
urlpatterns = [path("find", views.find, name="find")]
