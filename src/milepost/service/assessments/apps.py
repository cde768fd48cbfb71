from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "milepost.service.assessments"
    label = "assessments"

    def ready(self) -> None:
        from milepost.service.assessments.row_rules import GUARDS
        from milepost.service.kit.row_guards import keep

        keep(self, GUARDS)
