from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "milepost.service.audit"
    label = "audit"
