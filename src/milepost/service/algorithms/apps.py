from django.apps import AppConfig


class AlgorithmsConfig(AppConfig):
    name = "milepost.service.algorithms"
    label = "algorithms"
