from pathlib import Path

from django.apps import AppConfig


class AlgorithmsConfig(AppConfig):
    name = "milepost.service.algorithms"
    label = "algorithms"

    def ready(self) -> None:
        """The records hear of what only the service knows: its rule tables, its rank, its predictors."""
        from django.conf import settings

        from milepost.record_subjects import register_rooms
        from milepost.risk.records.predictor_family import register_predictors
        from milepost.service.algorithms.predictors import facts_of_all
        from milepost.service.kit.row_guards import keep
        from milepost.service.kit.two_hands import asked_for_stays

        register_rooms(Path(settings.RULES) if settings.RULES else None)
        register_predictors(facts_of_all)
        keep(self, [asked_for_stays("algorithms_predictorstep")])
