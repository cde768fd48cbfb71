from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "milepost.service.monitoring"
    label = "monitoring"

    def ready(self) -> None:
        from pathlib import Path

        from django.conf import settings

        from milepost.record_subjects import register_rooms

        register_rooms(Path(settings.RULES) if settings.RULES else None)
