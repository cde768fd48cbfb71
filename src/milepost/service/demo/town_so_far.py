"""The demonstration's town once its past has been lived: what each app's part of the demonstration starts from."""

from __future__ import annotations

from dataclasses import dataclass

from milepost.service.demo.population import Staff
from milepost.service.people.models import Person


@dataclass(frozen=True, slots=True)
class TownSoFar:
    """``people`` by reference; ``visit_us`` when the visitor comes, microseconds UTC; chance comes from ``seed``."""

    people: dict[str, Person]
    staff: Staff
    seed: int
    visit_us: int
