from django.apps import AppConfig


class AlgorithmsConfig(AppConfig):
    name = "milepost.service.algorithms"
    label = "algorithms"

    def ready(self) -> None:
        """The records hear of what only the service knows: its rule tables, its predictors, what other apps declare."""
        from milepost.service.kit.capabilities import make_algorithms_known

        make_algorithms_known()
