from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "milepost.service.monitoring"
    label = "monitoring"

    def ready(self) -> None:
        from milepost.service.kit.row_guards import keep
        from milepost.service.kit.two_hands import need_stays

        keep(self, [need_stays("monitoring_decision")])
