"""What a rule says of an order: one plain answer, with the value, the limit and where the limit is from."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal

from milepost.orders.limits import Limit
from milepost.orders.model import Order, OrderVersion

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Answer:
    rule: str
    level: Level
    words: str
    """One plain sentence."""
    remedy: str = ""
    person_id: str | None = None
    order_id: str | None = None
    version: int | None = None
    condition_id: str | None = None
    value: float | None = None
    unit: str | None = None
    limit: float | None = None
    limit_unit: str | None = None
    source: str | None = None
    in_force_from: dt.date | None = None

    def as_dict(self) -> dict[str, Any]:
        plain = asdict(self)
        plain["in_force_from"] = None if self.in_force_from is None else self.in_force_from.isoformat()
        return plain


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being checked, and the day whose law holds."""

    order: Order
    version: OrderVersion
    law_of: dt.date
    exactness: Limit | None = None
    """How exact positions of this person's device are, where that is known; else the limit of the data file counts."""

    def answer(
        self,
        rule: str,
        level: Level,
        words: str,
        remedy: str = "",
        condition_id: str | None = None,
        value: float | None = None,
        limit: Limit | None = None,
        unit: str | None = None,
    ) -> Answer:
        return Answer(
            rule, level, words, remedy,
            self.order.person_id, self.order.id, self.version.version, condition_id,
            None if value is None else round(value, 2), limit.unit if limit else unit,
            limit.value if limit else None, limit.unit if limit else None,
            limit.source if limit else None, limit.in_force_from if limit else None,
        )  # fmt: skip
