from django.apps import AppConfig


class PersonPageConfig(AppConfig):
    name = "milepost.service.person_page"
    label = "person_page"
