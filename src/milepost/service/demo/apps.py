from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "milepost.service.demo"
    label = "demo"
