from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    name = "milepost.service.upkeep"
    label = "upkeep"
