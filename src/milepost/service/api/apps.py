from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "milepost.service.api"
    label = "api"

    def ready(self) -> None:
        from milepost.service import events
        from milepost.service.api.credentials import register_tokens
        from milepost.service.api.webhooks.listening import on_event

        events.listen(on_event)
        register_tokens()
