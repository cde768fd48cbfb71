from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "milepost.service.orders"
    label = "orders"
