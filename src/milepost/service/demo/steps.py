"""What this app itself adds to the demonstration once the town's past has been lived."""

from __future__ import annotations

from milepost.service import clock
from milepost.service.demo.assessments_of_town import assess_town
from milepost.service.demo.caseload_of_town import make_morning
from milepost.service.demo.predictor_of_town import make_predictor
from milepost.service.demo.shift_of_town import make_shift
from milepost.service.demo.town_so_far import TownSoFar


def shift(town: TownSoFar) -> None:
    make_shift(town)


def predictor(town: TownSoFar) -> None:
    make_predictor(town.staff, town.visit_us, town.seed)


def assessments(town: TownSoFar) -> None:
    with clock.pinned(town.visit_us):
        assess_town(town.people, town.staff, town.seed)


def morning(town: TownSoFar) -> None:
    make_morning(town.staff, town.visit_us)
