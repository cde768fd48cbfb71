"""Everything one finding refers to, looked up once: person, order, condition, place, rule and signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

from milepost.compliance.display_contacts import PersonSignals, signals_of_person
from milepost.compliance.display_geometry import TargetGeometry
from milepost.compliance.finding_kinds import Description, described
from milepost.compliance.homes import homes_if_learned
from milepost.compliance.plain_times import SECOND_US, as_us, clocks_change
from milepost.compliance.rule_tables import Response, RuleSet, RuleTable
from milepost.language import ENGLISH, Language, to_say
from milepost.orders.model import Condition, ConditionKind, Order, OrderFile, OrderVersion, Person
from milepost.orders.obligations import Obligation
from milepost.tracks.record import Signals

Side = Literal["inside", "outside"]
AROUND_US = 24 * 3600 * SECOND_US
"""How far beyond a finding signals are read, to see what came before and after it. Display only."""
LONG_TEXT = 80
UNNAMED_PLACE = to_say("the place named in the order")
"""What to call a place for which the order has no name."""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding (its times as microseconds UTC) with all it points to; None where it points to nothing."""

    finding: Mapping[str, Any]
    person: Person | None
    order: Order | None
    version: OrderVersion | None
    condition: Condition | None
    obligation: Obligation | None
    table: RuleTable | None
    response: Response | None
    signals: PersonSignals
    timezone: str
    place: str
    """What to call the place, for example "Home" or "the zone “School”", in ``language``."""
    geometry: TargetGeometry | None
    language: Language = ENGLISH

    def us(self, column: str) -> int:
        """A time of the finding, microseconds UTC; its start where the column is null."""
        moment = as_us(self.finding.get(column))
        return moment if moment is not None else as_us(self.finding["start_utc"]) or 0

    @property
    def who(self) -> str:
        name = self.person.name if self.person else None
        person_id = self.finding["person_id"]
        return f"{name} ({person_id})" if name else self.language.say("Person {id}", id=person_id)

    @property
    def description(self) -> Description:
        """Of the finding's kind."""
        return described(self.finding["kind"])

    @property
    def breach_side(self) -> Side:
        zone = self.condition is not None and self.condition.kind is ConditionKind.EXCLUSION_ZONE
        owed_out = self.obligation is not None and self.obligation.duty == "be_outside"
        return "inside" if zone or owed_out or self.description.breach_side == "inside" else "outside"

    @property
    def kept_side(self) -> Side:
        return "outside" if self.breach_side == "inside" else "inside"

    @property
    def with_offset(self) -> bool:
        """Whether the clocks change that night, so that a bare clock time would be ambiguous."""
        return clocks_change(self.us("start_utc"), self.us("end_utc"), self.timezone)


def table_named(rules: RuleSet, name: str) -> RuleTable | None:
    """The rule table with that ``id@version``."""
    return next((table for table in rules.tables if table.name == name), None)


def zone_words(condition: Condition | None, language: Language = ENGLISH) -> str:
    """What to call a zone: its purpose or description, shortened; its id where it has neither."""
    if condition is None:
        return language.say("the zone")
    text = " ".join((condition.purpose or condition.description or condition.id).split())
    shown = text if len(text) <= LONG_TEXT else text[: LONG_TEXT - 1].rstrip() + "…"
    return language.say("the zone “{name}”", name=shown)


def place_words(
    version: OrderVersion | None,
    condition: Condition | None,
    obligation: Obligation | None,
    language: Language = ENGLISH,
) -> str:
    """What to call the place of a condition; ``UNNAMED_PLACE``, said, where the order has no name for it."""
    zones = (ConditionKind.EXCLUSION_ZONE, ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE)
    kind = obligation.kind if obligation else condition.kind if condition else None
    if kind in zones:
        return zone_words(condition, language)
    ids = list(obligation.target.place_ids) if obligation and obligation.target else []
    if not ids and condition and condition.place:
        ids = [condition.place] if isinstance(condition.place, str) else list(condition.place)
    known = {place.id: place.name or place.id for place in (version.places if version else [])}
    names = dict.fromkeys(known.get(place_id, place_id) for place_id in ids)
    if not names:
        return language.say(UNNAMED_PLACE)
    return reduce(lambda some, last: language.say("{list} or {last}", list=some, last=last), names)


def case_of(
    finding: Mapping[str, Any],
    *,
    order_file: OrderFile,
    obligations: Iterable[Obligation],
    signals: Signals | PersonSignals,
    rules: RuleSet,
    language: Language = ENGLISH,
) -> Case:
    """Looks up what a finding (a row of ``FINDINGS``) refers to. Nothing missing is an error."""
    person_id = finding["person_id"]
    order = next((o for o in order_file.orders if o.id == finding["order_id"]), None)
    versions = order.versions if order else []
    version = next((v for v in versions if v.version == finding["order_version"]), None)
    conditions = version.conditions if version else []
    condition = next((c for c in conditions if c.id == finding["condition_id"]), None)
    owed_from = as_us(finding.get("obligation_start_utc"))
    obligation = next(
        (
            o
            for o in obligations
            if o.person_id == person_id
            and o.order_id == finding["order_id"]
            and o.condition_id == finding["condition_id"]
            and o.start_us == owed_from
        ),
        None,
    )
    start, end = as_us(finding["start_utc"]) or 0, as_us(finding["end_utc"]) or 0
    if isinstance(signals, Signals):
        signals = signals_of_person(
            signals,
            order_file.activations,
            person_id,
            from_us=start - AROUND_US,
            until_us=end + AROUND_US,
            learned=rules.learned,
            homes=homes_if_learned(order_file, rules.learned),
        )
    table = table_named(rules, finding["rule_table"])
    zones = [obligation.timezone] if obligation else [condition.timezone] if condition else []
    return Case(
        finding=finding,
        person=next((p for p in order_file.people if p.id == person_id), None),
        order=order,
        version=version,
        condition=condition,
        obligation=obligation,
        table=table,
        response=next((r for r in table.response if r.id == finding["rule"]), None) if table else None,
        signals=signals,
        timezone=next(iter(zones or [c.timezone for c in conditions]), "UTC"),
        place=place_words(version, condition, obligation, language),
        geometry=TargetGeometry(obligation.target) if obligation and obligation.target else None,
        language=language,
    )
