from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "milepost.service.accounts"
    label = "accounts"

    def ready(self) -> None:
        from milepost.service.accounts.own_credentials import register_own
        from milepost.service.accounts.sessions import follow_signing_in

        follow_signing_in()
        register_own()
