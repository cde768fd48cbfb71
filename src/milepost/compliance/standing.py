"""Which order and which condition a device finding rests on (section 8 and 11)."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from milepost.compliance.plan import Plan
from milepost.compliance.rule_tables import Evidence, RuleSet, RuleTable
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


def unite(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same time as disjoint intervals in order."""
    united: list[tuple[int, int]] = []
    for a, b in sorted(spans):
        if united and a <= united[-1][1]:
            united[-1] = united[-1][0], max(united[-1][1], b)
        else:
            united.append((a, b))
    return united


class Standings:
    """Orders in force by person, and the obligations that device findings attach to."""

    def __init__(self, orders: dict[str, list[InForce]], plan: Plan, rules: RuleSet) -> None:
        self._rules = rules
        first = rules.tables[0].evidence if rules.tables else None
        self._one_evidence = first if all(t.evidence == first for t in rules.tables) else None
        """The evidence rules, if all tables have the same."""
        self._orders = orders
        self._obligations: dict[tuple[str, str], list[Obligation]] = defaultdict(list)
        for obligation in plan.obligations:
            if obligation.duty in _OF_THE_DEVICE:
                self._obligations[obligation.person_id, obligation.duty].append(obligation)

    def in_force(self, person_id: str) -> list[tuple[int, int]]:
        """When any order of the person was in force: disjoint intervals in order."""
        return unite((o.from_us, o.until_us) for o in self._orders.get(person_id, ()))

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

    def evidence_in_force(self, person_id: str) -> list[tuple[int, int, Evidence]]:
        """The evidence rules by which a device finding is judged that starts then (``at``, ``table``): disjoint
        half-open intervals in order; in between none starts."""
        orders = self._orders.get(person_id, ())
        spans = [(o.from_us, o.until_us) for o in orders]
        for duty in PREFERRED:
            spans += [(o.start_us, o.end_us) for o in self._obligations.get((person_id, duty), ())]
        spans = unite(spans)
        if self._one_evidence is not None:
            return [(a, b, self._one_evidence) for a, b in spans]
        cuts = {t for o in orders for t in (o.from_us, o.until_us)}
        for duty in PREFERRED:
            cuts |= {t for o in self._obligations.get((person_id, duty), ()) for t in (o.start_us, o.end_us)}
        cuts |= {
            to_us(dt.datetime.combine(t.table.effective_from, dt.time(), dt.UTC)) for t in self._rules.tables
        }
        found: list[tuple[int, int, Evidence]] = []
        for a, b in spans:
            inside = sorted({a, b, *(t for t in cuts if a < t < b)})
            for start_us, end_us in itertools.pairwise(inside):
                standing = self.at(person_id, start_us)
                if standing is not None:
                    found.append((start_us, end_us, self.table(standing.regime, start_us).evidence))
        return found

    def table(self, regime: Regime, when_us: int) -> RuleTable:
        return self._rules.for_regime(regime, _day(when_us))


def _day(us: int) -> dt.date:
    return from_us(us).date()
