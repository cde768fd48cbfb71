from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "milepost.service.orders"
    label = "orders"

    def ready(self) -> None:
        from milepost.service.kit.row_guards import keep
        from milepost.service.orders.row_rules import GUARDS

        keep(self, GUARDS)
