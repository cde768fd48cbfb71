from django.apps import AppConfig


class AuditPagesConfig(AppConfig):
    name = "milepost.service.audit_pages"
    label = "audit_pages"
