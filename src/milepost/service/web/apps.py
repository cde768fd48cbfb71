from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "milepost.service.web"
    label = "web"
