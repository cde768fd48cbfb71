from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "milepost.service.monitoring"
    label = "monitoring"
