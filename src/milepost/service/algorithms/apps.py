from django.apps import AppConfig


class AlgorithmsConfig(AppConfig):
    name = "milepost.service.algorithms"
    label = "algorithms"

    def ready(self) -> None:
        """The records hear of what only the service knows: its rule tables, its predictors, what other apps declare."""
        from milepost.service.kit.capabilities import make_algorithms_known

        make_algorithms_known()

        from milepost.service.kit.row_guards import keep
        from milepost.service.kit.two_hands import need_stays

        keep(self, [need_stays("algorithms_predictorstep")])
