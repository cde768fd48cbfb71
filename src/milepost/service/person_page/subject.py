"""The person a page is about, with what the engine knows of them: orders, devices, rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from milepost.compliance.explain_case import place_words
from milepost.compliance.rule_tables import RuleTable
from milepost.orders.model import Condition, OrderFile, OrderVersion
from milepost.orders.obligations import Obligation
from milepost.service import clock
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.orders.engine_file import order_file_of
from milepost.service.people.models import Person
from milepost.service.web.language import LANGUAGE
from milepost.times import to_us

FOREVER_US = 1 << 62


@dataclass(frozen=True, slots=True)
class Worn:
    """A device that belonged to the person in [from, until), microseconds UTC."""

    activation: str
    device_id: str
    device_kind: str
    place: str
    from_us: int
    until_us: int


class Subject:
    """``now_us`` is the service's clock when the page was asked for, so that one page has one now."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.now_us = clock.now_us()
        self.rules = rules_in_force()

    @cached_property
    def order_file(self) -> OrderFile:
        return order_file_of([self.person])

    @cached_property
    def worn(self) -> list[Worn]:
        return [
            Worn(
                a.id, a.device_id, a.device_kind, a.place or "", to_us(a.from_utc),
                to_us(a.until_utc) if a.until_utc else FOREVER_US,
            )
            for a in self.order_file.activations
        ]  # fmt: skip

    def worn_between(self, from_us: int, until_us: int) -> list[Worn]:
        return [w for w in self.worn if w.from_us < until_us and w.until_us > from_us]

    def versions_in_force(self, at_us: int) -> list[OrderVersion]:
        """One of each order that is in force at a moment."""
        found = []
        for order in self.order_file.orders:
            begun = [v for v in order.versions if to_us(v.effective_from_utc) <= at_us]
            if begun and (order.ends_utc is None or to_us(order.ends_utc) > at_us):
                found.append(max(begun, key=lambda v: (v.effective_from_utc, v.version)))
        return found

    def rule_table(self) -> RuleTable | None:
        """That of the first order; of any regime where there is no order. None: no table covers it."""
        regimes = [order.regime for order in self.order_file.orders]
        try:
            return self.rules.for_regime(regimes[0]) if regimes else self.rules.tables[0]
        except LookupError:
            return None

    def version_and_condition(
        self, order_id: str, number: int, condition_id: str
    ) -> tuple[OrderVersion | None, Condition | None]:
        for order in self.order_file.orders:
            for version in order.versions:
                if (order.id, version.version) == (order_id, number):
                    condition = next((c for c in version.conditions if c.id == condition_id), None)
                    return version, condition
        return None, None

    def place_of(self, owed: Obligation) -> str:
        """What to call the place of an obligation."""
        version, condition = self.version_and_condition(owed.order_id, owed.order_version, owed.condition_id)
        return place_words(version, condition, owed, LANGUAGE)
