from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "milepost.service.assessments"
    label = "assessments"
