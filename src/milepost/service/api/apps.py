from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "milepost.service.api"
    label = "api"
