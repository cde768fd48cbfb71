from django.apps import AppConfig


class CaseloadConfig(AppConfig):
    name = "milepost.service.caseload"
    label = "caseload"
