"""Section 11, *Device findings*: under which order and condition does a device finding stand?"""

from __future__ import annotations

from dataclasses import dataclass

from milepost.compliance.reference.intervals import FOREVER_US, to_us, union, utc_date
from milepost.compliance.rule_tables import RuleSet, RuleTable
from milepost.orders.model import ConditionKind, Order, OrderFile
from milepost.orders.obligations import Obligation

WEAR_CONDITIONS = (ConditionKind.CHARGE_AND_WEAR, ConditionKind.TRAIL)


@dataclass(frozen=True, slots=True)
class Basis:
    order_id: str
    order_version: int
    obligation: Obligation | None
    table: RuleTable


@dataclass(slots=True)
class Bases:
    """Finds the basis of a device finding of one person at its start."""

    order_file: OrderFile
    obligations: list[Obligation]
    rules: RuleSet

    def at(self, person: str, time: int) -> Basis | None:
        """The charge-and-wear obligation that contains the time, else the trail, else the order alone."""
        for kind in WEAR_CONDITIONS:
            basis = self.under(kind, person, time)
            if basis is not None:
                return basis
        orders = sorted(self.orders_in_force(person, time), key=lambda order: order.id)
        if not orders:
            return None
        order = orders[0]
        version = version_in_force(order, time)
        assert version is not None
        return Basis(order.id, version, None, self.rules.for_regime(order.regime, utc_date(time)))

    def under(self, kind: ConditionKind, person: str, time: int) -> Basis | None:
        found = [
            o
            for o in self.obligations
            if o.person_id == person and o.kind == kind and o.start_us <= time < o.end_us
        ]
        if not found:
            return None
        obligation = min(found, key=lambda o: (o.order_id, o.condition_id, o.start_us))
        orders = [o for o in self.order_file.orders if o.id == obligation.order_id]
        version = version_in_force(orders[0], time) if orders else None
        return Basis(
            obligation.order_id,
            obligation.order_version if version is None else version,
            obligation,
            self.rules.for_regime(obligation.regime, utc_date(time)),
        )

    def orders_in_force(self, person: str, time: int) -> list[Order]:
        return [
            order
            for order in self.order_file.orders
            if order.person_id == person and version_in_force(order, time) is not None
        ]

    def times_in_force(self, person: str) -> list[tuple[int, int]]:
        return union(time_of(o) for o in self.order_file.orders if o.person_id == person and o.versions)


def time_of(order: Order) -> tuple[int, int]:
    begin = min(to_us(version.effective_from_utc) for version in order.versions)
    return begin, FOREVER_US if order.ends_utc is None else to_us(order.ends_utc)


def version_in_force(order: Order, time: int) -> int | None:
    """The version that took effect last; None before the first and once the order has ended."""
    if order.ends_utc is not None and time >= to_us(order.ends_utc):
        return None
    begun = [v for v in order.versions if to_us(v.effective_from_utc) <= time]
    return max(begun, key=lambda v: (v.effective_from_utc, v.version)).version if begun else None
