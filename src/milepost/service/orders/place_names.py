"""What the places of people's orders are called, for wherever only their id is kept."""

from __future__ import annotations

from collections.abc import Iterable

from milepost.service.orders.models import OrderVersion, VersionState
from milepost.service.people.models import Person


def place_names(people: Iterable[Person]) -> dict[str, str]:
    """Name by id of every place in the approved versions of these people's orders, the newest name. One query."""
    found: dict[str, str] = {}
    versions = OrderVersion.objects.filter(order__person__in=people, state=VersionState.APPROVED)
    for document in versions.order_by("version").values_list("document", flat=True):
        for place in document.get("places") or []:
            found[place["id"]] = place.get("name") or place.get("address") or place["id"]
    return found
