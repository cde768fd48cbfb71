"""What a version says of the order as a whole: regime, end, source, date of conviction. Approval writes it there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from milepost.orders import model as shape
from milepost.service import clock
from milepost.service.orders.models import Order, OrderVersion


def terms_of(order: Order) -> dict[str, Any]:
    """The order's own terms, as a draft starts with them."""
    return {
        "regime": order.regime,
        "ends_utc": order.ends_utc.astimezone(dt.UTC).isoformat() if order.ends_utc else None,
        "source": order.source,
        "convicted_on": order.extra.get("x_convicted_on"),
    }


def ends_of(terms: dict[str, Any]) -> dt.datetime | None:
    text = terms.get("ends_utc")
    return dt.datetime.fromisoformat(text) if text else None


def write_terms(order: Order, terms: dict[str, Any]) -> None:
    """Writes a version's terms to the order's columns and saves it."""
    if not terms:
        return
    order.regime = terms.get("regime") or order.regime
    order.ends_utc = ends_of(terms)
    order.source = terms.get("source") or ""
    extra = {k: v for k, v in order.extra.items() if k != "x_convicted_on"}
    if terms.get("convicted_on"):
        extra["x_convicted_on"] = terms["convicted_on"]
    order.extra = extra
    order.save(update_fields=["regime", "ends_utc", "source", "extra"])


def approval_body(order: Order, version: OrderVersion) -> dict[str, Any]:
    """What the event ``order.approved`` says."""
    starts = version.effective_from_utc
    return {
        "order": order.reference,
        "person": order.person.reference,
        "version": version.version,
        "regime": order.regime,
        "effective_from_utc": starts.isoformat() if starts else None,
    }


def order_of_terms(order: Order, terms: dict[str, Any], versions: list[shape.OrderVersion]) -> shape.Order:
    """The order as the library knows it, as it would be with these terms."""
    terms = terms or terms_of(order)
    extra = {k: v for k, v in order.extra.items() if k != "x_convicted_on"}
    if terms.get("convicted_on"):
        extra["x_convicted_on"] = terms["convicted_on"]
    return shape.Order.model_validate(
        {
            **extra,
            "id": order.reference,
            "person_id": order.person.reference,
            "regime": terms["regime"],
            "ends_utc": terms.get("ends_utc"),
            "versions": versions,
        }
    )


def draft_version(version: OrderVersion) -> shape.OrderVersion:
    """The version as the library knows it. One without a start yet starts now, so that it can be checked."""
    starts = version.effective_from_utc or clock.now_utc().replace(second=0, microsecond=0)
    return shape.OrderVersion.model_validate(
        {**version.document, "version": version.version, "effective_from_utc": starts}
    )
