from django.apps import AppConfig


class SignalsConfig(AppConfig):
    name = "milepost.service.signals"
    label = "signals"
