"""A tiny language for hand-worked cases. Everything is synthetic: Sam and Alex do not exist.

    scenario().curfew("19:00", "07:00+1").fixes("18:50-19:20 in, 19:21-20:05 out, 20:06-07:10+1 in")

Clock times are UTC on Monday 2 March 2026 unless a day is added: ``07:00+1`` is Tuesday. In March the
clocks of London show the same. Home is a circle of 50 m; words stand for places seen from it:

    ... in  = at home        near = 45 m east, where 20 m precision cannot tell
    ... out = 1 km east      far  = 10 km east        away = 50 km east
    ... zone = at the centre of the zone, 2 km north

A word may carry flags and details in brackets: ``20:00-20:10 out[wifi]``, ``20:00 in[mock;p=35;b=15]``:
a source, a quality flag, ``p`` precision in metres (``p=?`` unknown), ``b`` battery per cent, ``s`` sequence.
A span is one fix a minute unless ``/30s`` or ``/10m`` follows: ``19:00-20:00/10m out``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from clocks import MINUTE_US, at, clock_of, moment
from engines import Engine
from stories import Story, rows_of

from milepost.compliance.rule_tables import RuleSet, RuleTable, read_rules
from milepost.orders.model import Activation, ConditionKind, Order, OrderFile, OrderVersion, Person, Regime
from milepost.orders.obligations import DUTY_OF_KIND, Obligation, Shape, Target
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Quality, Signals, Source

HOME = (-1.5, 53.0)
NORTH_M = 111_277.0
"""Metres to a degree of latitude at 53 degrees north, to the metre: good enough to place people."""
EAST_M = 67_131.0
"""Metres to a degree of longitude there."""
WORDS = {
    "in": (0.0, 0.0),
    "near": (45.0, 0.0),
    "out": (1_000.0, 0.0),
    "far": (10_000.0, 0.0),
    "away": (50_000.0, 0.0),
    "zone": (0.0, 2_000.0),
}
RULES_OF_THE_TESTS = {
    "breach": {"fixes": 2, "seconds": 120},
    "kept": {"fixes": 2, "seconds": 60},
    "presence": {"out_seconds": 60, "lag_s": 0},
}
"""Fixed here, so that a change of the shipped illustration changes no story."""
__all__ = [
    "Scenario",
    "Story",
    "at",
    "circle",
    "clock_of",
    "nights",
    "rows_of",
    "rules_with",
    "scenario",
    "square",
]


def place(east_m: float, north_m: float) -> tuple[float, float]:
    """(lon, lat) so many metres east and north of home."""
    return HOME[0] + east_m / EAST_M, HOME[1] + north_m / NORTH_M


def circle(east_m: float, north_m: float, radius_m: float) -> Shape:
    lon, lat = place(east_m, north_m)
    return Shape(lon=lon, lat=lat, radius_m=radius_m)


def square(east_m: float, north_m: float, half_m: float, hole_half_m: float | None = None) -> Shape:
    def ring(half: float) -> tuple[tuple[float, float], ...]:
        corners = ((-half, -half), (half, -half), (half, half), (-half, half))
        return tuple(place(east_m + x, north_m + y) for x, y in corners)

    return Shape(rings=(ring(half_m),) if hole_half_m is None else (ring(half_m), ring(hole_half_m)))


HOME_CIRCLE = circle(0, 0, 50)
ZONE_CIRCLE = circle(0, 2_000, 300)


def rules_with(regime: Regime = Regime.COMMUNITY_ORDER, **evidence: Any) -> RuleSet:
    """The illustrative rules with some ``[evidence]`` changed: ``rules_with(gap_s=600)``."""
    changed = []
    for table in read_rules().tables:
        content = table.model_dump(mode="json")
        for name, value in [*RULES_OF_THE_TESTS.items(), *evidence.items()]:
            if isinstance(value, dict):
                content["evidence"][name] = {**content["evidence"][name], **value}
            else:
                content["evidence"][name] = value
        changed.append(RuleTable.model_validate(content))
    return RuleSet(changed)


RULES = rules_with()


@dataclass
class Scenario:
    """Orders, obligations and signals of one small story; every method returns the scenario."""

    rules: RuleSet = RULES
    regime: Regime = Regime.COMMUNITY_ORDER
    person: str = "sam"
    device: str = "D1"
    people: list[str] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    orders: dict[str, Order] = field(default_factory=dict)
    obligations: list[Obligation] = field(default_factory=list)
    fix_rows: list[dict[str, Any]] = field(default_factory=list)
    presence_rows: list[dict[str, Any]] = field(default_factory=list)
    event_rows: list[dict[str, Any]] = field(default_factory=list)
    end: int | None = None

    # who wears what, under which order

    def wears(
        self, device: str = "D1", start: str = "00:00", until: str | None = None, *, kind: str = "tag",
        person: str | None = None, place: str | None = None, id: str | None = None,
    ) -> Scenario:  # fmt: skip
        who = person or self.person
        if who not in self.people:
            self.people.append(who)
        self.activations.append(
            Activation.model_validate(
                {
                    "id": id or f"A-{device}-{who}",
                    "device_id": device,
                    "person_id": who,
                    "from_utc": moment(at(start)),
                    "until_utc": moment(at(until)) if until else None,
                    "device_kind": kind,
                    "place": place,
                }
            )
        )
        return self

    def home_unit(self, device: str = "H1", place: str | None = None, **more: Any) -> Scenario:
        return self.wears(device, kind="home_unit", place=place, **more)

    def order(
        self,
        id: str = "",
        start: str = "00:00",
        until: str | None = None,
        versions: dict[int, str] | None = None,
    ) -> Scenario:
        """Orders begin on Monday at midnight unless said otherwise; versions are {number: start}."""
        name = id or f"O-{self.person}"
        self.orders[name] = Order(
            id=name, person_id=self.person, regime=self.regime,
            ends_utc=moment(at(until)) if until else None,
            versions=[
                OrderVersion(version=number, effective_from_utc=moment(at(begin)))
                for number, begin in (versions or {1: start}).items()
            ],
        )  # fmt: skip
        return self

    def owes(
        self, kind: ConditionKind, start: str, end: str, *shapes: Shape, id: str = "", order: str = "",
        places: tuple[str, ...] = (), timezone: str = "Europe/London", not_evaluable: str | None = None,
    ) -> Scenario:  # fmt: skip
        name = order or f"O-{self.person}"
        if name not in self.orders:
            self.order(name)
        self.obligations.append(
            Obligation(
                person_id=self.person, order_id=name, order_version=1, condition_id=id or kind.value,
                regime=self.regime, kind=kind, duty=DUTY_OF_KIND[kind], start_us=at(start), end_us=at(end),
                timezone=timezone, target=Target(tuple(shapes), places) if shapes else None,
                not_evaluable=not_evaluable,
            )
        )  # fmt: skip
        return self

    def curfew(self, start: str = "19:00", end: str = "07:00+1", *shapes: Shape, **more: Any) -> Scenario:
        more = {"places": ("home",), **more}
        return self.owes(ConditionKind.CURFEW, start, end, *(shapes or (HOME_CIRCLE,)), **more)

    def exclusion(self, start: str = "00:00", end: str = "00:00+1", *shapes: Shape, **more: Any) -> Scenario:
        return self.owes(ConditionKind.EXCLUSION_ZONE, start, end, *(shapes or (ZONE_CIRCLE,)), **more)

    def restriction(
        self, start: str = "00:00", end: str = "00:00+1", *shapes: Shape, **more: Any
    ) -> Scenario:
        return self.owes(ConditionKind.RESTRICTION_ZONE, start, end, *(shapes or (HOME_CIRCLE,)), **more)

    def inclusion(self, start: str = "00:00", end: str = "00:00+1", *shapes: Shape, **more: Any) -> Scenario:
        return self.owes(ConditionKind.INCLUSION_ZONE, start, end, *(shapes or (HOME_CIRCLE,)), **more)

    def attendance(self, start: str = "10:00", end: str = "11:00", *shapes: Shape, **more: Any) -> Scenario:
        return self.owes(ConditionKind.ATTENDANCE, start, end, *(shapes or (HOME_CIRCLE,)), **more)

    # what was reported

    def fixes(self, text: str, device: str = "") -> Scenario:
        for part in text.split(","):
            self._fixes(part.strip(), device or self.device)
        return self

    def _fixes(self, part: str, device: str) -> None:
        match = re.fullmatch(r"([\d:+]+)(?:-([\d:+]+))?(?:/(\d+)([smh]))? (\w+)(?:\[(.*)\])?", part)
        assert match, f"not understood: {part!r}"
        first, last, every, unit, word, details = match.groups()
        step = int(every or 1) * {"s": 1, "m": 60, "h": 3600}[unit or "m"] * 1_000_000
        time = at(first)
        while time <= at(last or first):
            self.fix_rows.append({**fix_row(device, time, *WORDS[word]), **details_of(details or "")})
            time += step

    def fix(
        self, clock: str, east_m: float, north_m: float = 0.0, *, device: str = "", **columns: Any
    ) -> Scenario:
        self.fix_rows.append({**fix_row(device or self.device, at(clock), east_m, north_m), **columns})
        return self

    def hears(self, text: str, device: str = "H1", tag: str | None = None, quality: int = 0) -> Scenario:
        """``19:00 in, 19:10-21:00/10m in, 21:05 out``: what a home unit reports; spans are heartbeats."""
        for part in text.split(","):
            match = re.fullmatch(r"([\d:+]+)(?:-([\d:+]+)/(\d+)m)? (in|out)", part.strip())
            assert match, f"not understood: {part!r}"
            first, last, every, state = match.groups()
            time = at(first)
            while time <= at(last or first):
                self.presence_rows.append({
                    "device_id": device, "recorded_at_utc": time, "received_at_utc": time, "sequence": None,
                    "tag_id": tag, "state": int(state == "in"), "heartbeat": last is not None,
                    "quality": quality, "payload_ref": None,
                })  # fmt: skip
                time += int(every or 1) * MINUTE_US
        return self

    def event(self, clock: str, kind: str, device: str = "", **columns: Any) -> Scenario:
        row = {
            "device_id": device or self.device, "recorded_at_utc": at(clock), "received_at_utc": at(clock),
            "sequence": None, "kind": kind, "value": None, "unit": None, "raw_code": None, "quality": 0,
            "payload_ref": None, **columns,
        }  # fmt: skip
        self.event_rows.append(row)
        return self

    def until(self, clock: str) -> Scenario:
        """The evaluation ends here, whatever was recorded later."""
        self.end = at(clock)
        return self

    # what comes of it

    def order_file(self) -> OrderFile:
        return OrderFile(
            people=[Person(id=person, synthetic=True) for person in self.people],
            activations=self.activations,
            orders=list(self.orders.values()),
        )

    def signals(self) -> Signals:
        return signals_of(self.fix_rows, self.presence_rows, self.event_rows)

    def judged_by(self, engine: Engine) -> Story:
        results = engine(self.order_file(), self.obligations, self.signals(), self.rules, until_us=self.end)
        return Story(results)

    def shuffled(self) -> Scenario:
        """Every signal twice and in reverse."""
        return replace(
            self,
            fix_rows=[*self.fix_rows, *self.fix_rows][::-1],
            presence_rows=[*self.presence_rows, *self.presence_rows][::-1],
            event_rows=[*self.event_rows, *self.event_rows][::-1],
        )


def fix_row(device: str, time: int, east_m: float, north_m: float) -> dict[str, Any]:
    lon, lat = place(east_m, north_m)
    return {
        "device_id": device, "recorded_at_utc": time, "received_at_utc": time, "sequence": None,
        "source": int(Source.GPS), "lon_e7": round(lon * 1e7), "lat_e7": round(lat * 1e7),
        "precision_m": 20.0, "speed_mps": None, "heading_deg": None, "altitude_m": None, "battery_pct": None,
        "quality": 0, "payload_ref": None,
    }  # fmt: skip


def details_of(text: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for word in filter(None, text.split(";")):
        name, _, value = word.partition("=")
        if name == "p":
            columns["precision_m"] = None if value == "?" else float(value)
        elif name == "b":
            columns["battery_pct"] = float(value)
        elif name == "s":
            columns["sequence"] = int(value)
        elif name.upper() in Source.__members__ and name != "unknown":
            columns["source"] = int(Source[name.upper()])
        else:
            columns["quality"] = columns.get("quality", 0) | int(Quality[name.upper()])
    return columns


def signals_of(
    fixes: list[dict[str, Any]], presence: list[dict[str, Any]], events: list[dict[str, Any]]
) -> Signals:
    tables = [
        pa.Table.from_pylist([{**row} for row in rows], schema=plain(schema)).cast(schema)
        for rows, schema in ((fixes, FIXES), (presence, PRESENCE), (events, DEVICE_EVENTS))
    ]
    return Signals(*tables, n_rows_read=len(fixes) + len(presence) + len(events))


def plain(schema: pa.Schema) -> pa.Schema:
    """The schema with times as integers and devices as text, as rows are written in tests."""

    def kind(column: pa.Field) -> pa.DataType:
        if pa.types.is_timestamp(column.type):
            return pa.int64()
        return pa.string() if pa.types.is_dictionary(column.type) else column.type

    return pa.schema([column.with_type(kind(column)) for column in schema])


def scenario(**start: Any) -> Scenario:
    """Sam wears tag D1 from Monday at midnight."""
    return Scenario(**start).wears()


def nights(*days: int, minutes: int = 6) -> Scenario:
    """A curfew on each of these days, out for some minutes from 20:00; never silent between."""
    story = scenario()
    for day in days:
        story.curfew(f"19:00+{day}", f"07:00+{day + 1}")
        story.fixes(f"18:50+{day}-19:59+{day} in, 20:00+{day}-20:{minutes:02}+{day} out")
        story.fixes(f"20:{minutes + 1:02}+{day}-07:00+{day + 1} in")
    return story
