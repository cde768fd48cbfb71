"""Every place and zone of an order's version, drawn."""

from __future__ import annotations

from typing import Any

from milepost.orders.model import ConditionKind
from milepost.service.maps.features import build_map
from milepost.service.maps.rows import KIND_OF_CONDITION, ZoneKind, ZoneRow
from milepost.service.orders import draft_document as doc
from milepost.service.orders.models import OrderVersion
from milepost.service.orders.summary import KIND_WORDS


def map_of(version: OrderVersion) -> Any:
    drawn = [
        ZoneRow(p.get("name") or p["id"], ZoneKind.HOME, p.get("geometry"), _circle(p))
        for p in doc.parts(version.document, "places") if p.get("geometry") or p.get("circle")
    ] + [
        ZoneRow(c.get("x_name") or str(KIND_WORDS[ConditionKind(c["kind"])]), KIND_OF_CONDITION[c["kind"]],
                c.get("geometry"), _circle(c))
        for c in doc.parts(version.document, "conditions")
        if (c.get("geometry") or c.get("circle")) and c["kind"] in KIND_OF_CONDITION
    ]  # fmt: skip
    return build_map(zones=drawn)


def _circle(part: dict[str, Any]) -> tuple[float, float, float] | None:
    circle = part.get("circle")
    return (circle["lon"], circle["lat"], circle["radius_m"]) if circle else None
