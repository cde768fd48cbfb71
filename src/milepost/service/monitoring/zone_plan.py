"""Help where a zone protects people: their plan where an app knows one, else what the order says, in plain words.

The slot: an app that keeps such plans names a function in ``zone_plans`` of its capability. It is asked once for each
zone of an alert, checks what ``viewer`` may see, and answers with a ``ZonePlan`` or None. Nothing here knows who the
protected people are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from milepost.compliance.finding_kinds import Family, described
from milepost.orders.model import Condition, OrderFile
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.kit.capabilities import zone_plans
from milepost.service.people.models import Person


@dataclass(frozen=True, slots=True)
class ZoneQuestion:
    """Which zone: the condition of an order over ``person``, the one who wears the tag."""

    person: Person
    order_reference: str
    condition_id: str
    viewer: User
    now_utc: dt.datetime


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """What to do for the people whom the zone protects. Sentences, in the viewer's language."""

    title: str
    steps: tuple[str, ...]
    """In the order in which they are done: who is told first comes first."""
    link: str = ""
    """The page where the plan is kept; empty where there is none for this viewer."""


@dataclass(frozen=True, slots=True)
class ZoneHelp:
    """One zone of an alert. ``plans`` is empty where nobody has recorded one."""

    name: str
    purpose: str
    """Why the zone is there, as the order says it; empty where it does not."""
    description: str
    source_document: str
    plans: tuple[ZonePlan, ...]


def help_with_zones(
    person: Person, rows: Iterable[Mapping[str, Any]], order_file: OrderFile | None, viewer: User
) -> list[ZoneHelp]:
    """Of each zone that findings are about, in their order. ``rows``: the engine's rows of the findings."""
    zones = {
        (row["order_id"], row["condition_id"]): None
        for row in rows
        if described(row["kind"]).family is Family.ZONE
    }
    conditions = _conditions(order_file)
    return [_help(person, key, conditions.get(key), viewer) for key in zones]


def _conditions(order_file: OrderFile | None) -> dict[tuple[str, str], Condition]:
    """Of every order, the newest version's word."""
    orders = order_file.orders if order_file else ()
    return {(o.id, c.id): c for o in orders for version in o.versions for c in version.conditions}


def _help(person: Person, key: tuple[str, str], condition: Condition | None, viewer: User) -> ZoneHelp:
    question = ZoneQuestion(person, *key, viewer, clock.now_utc())
    plans = [plan for ask in zone_plans() if (plan := ask(question)) is not None]
    return ZoneHelp(
        name=key[1],
        purpose=(condition.purpose or "") if condition else "",
        description=(condition.description or "") if condition else "",
        source_document=(condition.source_document or "") if condition else "",
        plans=tuple(plans),
    )
