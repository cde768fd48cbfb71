from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "milepost.service.web"
    label = "web"

    def ready(self) -> None:
        from milepost.service.audit.request import take_request_ids_from
        from milepost.service.web.requests import request_id

        take_request_ids_from(request_id.get)
