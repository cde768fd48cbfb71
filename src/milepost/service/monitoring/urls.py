from django.urls import path

from milepost.service.monitoring import views

app_name = "monitoring"
urlpatterns = [path("", views.board, name="board")]
