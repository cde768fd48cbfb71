"""Which order and which condition a device finding rests on (section 8 and 11)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from milepost.compliance.plan import Plan
from milepost.compliance.rule_tables import RuleSet, RuleTable
from milepost.compliance.times import FOREVER_US, from_us, to_us
from milepost.orders.model import OrderFile, Regime
from milepost.orders.obligations import Obligation

PREFERRED = ("charge_and_wear", "be_tracked")
_OF_THE_DEVICE = frozenset({*PREFERRED, "be_sober"})


@dataclass(frozen=True, slots=True)
class InForce:
    order_id: str
    version: int
    regime: Regime
    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What a device finding stands on; the obligation is None where only the order is in force."""

    order_id: str
    order_version: int
    regime: Regime
    obligation: Obligation | None


def orders_by_person(order_file: OrderFile) -> dict[str, list[InForce]]:
    """When which version of which order was in force, by person."""
    found: dict[str, list[InForce]] = defaultdict(list)
    for order in order_file.orders:
        ends = to_us(order.ends_utc) if order.ends_utc else FOREVER_US
        versions = sorted(order.versions, key=lambda v: (v.effective_from_utc, v.version))
        starts = [to_us(v.effective_from_utc) for v in versions]
        for version, a, b in zip(versions, starts, [*starts[1:], ends], strict=True):
            found[order.person_id].append(InForce(order.id, version.version, order.regime, a, min(b, ends)))
    return found


class Standings:
    """Orders in force by person, and the obligations that device findings attach to."""

    def __init__(self, orders: dict[str, list[InForce]], plan: Plan, rules: RuleSet) -> None:
        self._rules = rules
        self.dead_pct = max((t.evidence.battery.dead_pct for t in rules.tables), default=0.0)
        """The highest of all tables: a reading above it is dead by none."""
        batteries = {t.evidence.battery.model_dump_json(): t.evidence.battery for t in rules.tables}
        self.one_battery_rule = next(iter(batteries.values())) if len(batteries) == 1 else None
        """The battery rule, if all tables have the same."""
        self._orders = orders
        self._obligations: dict[tuple[str, str], list[Obligation]] = defaultdict(list)
        for obligation in plan.obligations:
            if obligation.duty in _OF_THE_DEVICE:
                self._obligations[obligation.person_id, obligation.duty].append(obligation)

    def in_force(self, person_id: str) -> list[tuple[int, int]]:
        """When any order of the person was in force: disjoint intervals in order."""
        spans: list[list[int]] = []
        for order in sorted(self._orders.get(person_id, []), key=lambda o: o.from_us):
            if spans and order.from_us <= spans[-1][1]:
                spans[-1][1] = max(spans[-1][1], order.until_us)
            else:
                spans.append([order.from_us, order.until_us])
        return [(a, b) for a, b in spans]

    def at(self, person_id: str, when_us: int, *, sober: bool = False) -> Standing | None:
        """The standing of a device finding that starts then. None: no finding."""
        for duty in ("be_sober",) if sober else PREFERRED:
            holding = [o for o in self._obligations[person_id, duty] if o.start_us <= when_us < o.end_us]
            if holding:
                o = min(holding, key=lambda o: (o.order_id, o.condition_id, o.start_us))
                versions = [v for v in self._orders.get(person_id, []) if v.order_id == o.order_id]
                now = [v.version for v in versions if v.from_us <= when_us < v.until_us]
                return Standing(o.order_id, now[-1] if now else o.order_version, o.regime, o)
        if sober:
            return None
        orders = [o for o in self._orders.get(person_id, []) if o.from_us <= when_us < o.until_us]
        if not orders:
            return None
        order = min(orders, key=lambda o: o.order_id)
        return Standing(order.order_id, order.version, order.regime, None)

    def table(self, regime: Regime, when_us: int) -> RuleTable:
        return self._rules.for_regime(regime, _day(when_us))


def _day(us: int) -> dt.date:
    return from_us(us).date()
