from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "milepost.service.people"
    label = "people"
