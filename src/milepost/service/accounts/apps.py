from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "milepost.service.accounts"
    label = "accounts"
