# Over 400 lines: the parts of a generated case are drawn for one another and shrink together.
"""Whole cases for generative tests: people, tags, home units, orders, conditions and signals, all synthetic.

Everything is drawn from short lists, so that a failing case shrinks to a few words. Lengths of time sit on
both sides of every threshold of the rule tables (times are whole seconds and compared exactly); places keep
0.01 m away from every threshold in metres, because two engines may round their geometry differently.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from clocks import at, moment
from engines import Engine
from hypothesis import assume
from hypothesis import strategies as st
from scenarios import (
    HOME_CIRCLE,
    RULES,
    ZONE_CIRCLE,
    circle,
    fix_row,
    rules_with,
    signals_of,
    square,
)

from milepost.compliance.learned_errors import LearnedErrors
from milepost.compliance.reference.contacts import is_contact, may_confirm, precision_of
from milepost.compliance.reference.geometry import distance_m, signed_distance_m
from milepost.compliance.reference.intervals import utc_date
from milepost.compliance.reference.sides import RADIUS_95_IN_SIGMAS, explained_m, kept_m, reach_m
from milepost.compliance.reference.signals import Fix, whose_signals
from milepost.compliance.results import Results
from milepost.compliance.rule_tables import Evidence, RuleSet, RuleTable
from milepost.orders.model import (
    Activation,
    Condition,
    Order,
    OrderFile,
    OrderVersion,
    Person,
    Place,
    Regime,
)
from milepost.orders.model import ConditionKind as Kind
from milepost.orders.obligations import DUTY_OF_KIND, Obligation, Target
from milepost.tracks.record import DeviceEventKind as Event
from milepost.tracks.record import Quality, Signals, Source

SECOND_US = 1_000_000
BASE_US = at("18:00")
KNIFE_EDGE_M = 0.01

SHAPES = {
    "home": (HOME_CIRCLE,),
    "zone": (ZONE_CIRCLE,),
    "square": (square(0, 0, 120),),
    "ring": (square(900, 100, 300, hole_half_m=90),),
    "home or there": (HOME_CIRCLE, circle(1_000, 0, 60)),
    "round or square": (circle(100, -40, 75), square(1_000, 0, 80)),
}
PLACES_OF = {"home": ("home",), "home or there": ("home", "there"), "square": ("home",), "zone": ("zone",)}
"""Where a home unit could stand. The other targets have no place id."""
SPOTS = [
    *[(0, 0)] * 5, *[(1_000, 0)] * 4, *[(5, 2_000)] * 2,
    (45, 3), (66, -2), (140, 5), (900, 250), (8_000, 0), (60_000, 0),
]  # fmt: skip
"""Metres from home. The plain ones are drawn more often, or no story would ever be told to its end."""
PAUSES_S = [
    0,
    1,
    30,
    *[60] * 8,
    61,
    119,
    120,
    121,
    299,
    300,
    301,
    600,
    1_799,
    1_800,
    1_801,
    3_600,
    3_601,
    9_000,
]
STEPS_S = [1, 20, 60, 60, 61, 120, 120, 240, 300, 301, 900]
PRECISIONS = [*[20.0] * 8, None, 4.0, 47.0, 180.0, 1_500.0]
FLAGS = [
    *[Quality.NONE] * 24, Quality.MOCK, Quality.FUTURE, Quality.ZERO_ISLAND, Quality.NOT_VALID,
    Quality.SWAPPED_AXES, Quality.STALE, Quality.DUPLICATE, Quality.IMPOSSIBLE_SPEED,
]  # fmt: skip
SOURCES = [*[Source.GPS] * 12, Source.UNKNOWN, Source.WIFI, Source.LBS, Source.RF]
BATTERIES = [*[None] * 12, 90.0, 40.0, 39.0, 20.0, 3.0, 2.0, 0.0]
FAMILIES = [
    [Event.STRAP_TAMPER, Event.STRAP_RESTORED],
    [Event.CASE_TAMPER, Event.CASE_RESTORED],
    [Event.POWER_OFF, Event.POWER_ON],
    [Event.UNIT_MOVED, Event.UNIT_STILL],
    [Event.DEVICE_FAULT, Event.FAULT_CLEARED],
    [Event.BATTERY_LOW, Event.BATTERY_DEAD, Event.BATTERY_OK],
    *[[Event.ALCOHOL, Event.ALCOHOL_INTERFERENCE]] * 2,
    list(Event),
]
KINDS = [*[Kind.CURFEW] * 6, *Kind, *[Kind.ATTENDANCE] * 3, Kind.EXCLUSION_ZONE, Kind.ALCOHOL, Kind.ALCOHOL]
REGIMES = [Regime.COMMUNITY_ORDER, Regime.BAIL, Regime.HOME_DETENTION_CURFEW]


def with_rows(rules: RuleSet) -> RuleSet:
    """Adds a row that counts repeats over an hour, and a total with limits that are soon reached."""
    repeat = {"id": "twice", "findings": ["*"], "from_minutes": 1, "repeats": 2, "within_days": 1 / 24}
    limits = [{"minutes": 120, "level": "urgent"}, {"minutes": 5, "level": "note"}]
    total = {"id": "all", "description": "All", "findings": ["*"], "window_days": 0.05, "limits": limits}
    tables = [table.model_dump(mode="json") for table in rules.tables]
    for table in tables:
        table["response"].append({**repeat, "level": "review", "action": "Look twice."})
        table["total"].append(total)
    return RuleSet([RuleTable.model_validate(table) for table in tables])


def learned(since: str, *, near_m: float | None = None, **of_model: float) -> LearnedErrors:
    """A table of learned errors in bands, with rows of their own for one model; ``near_m`` of all of them."""
    near = {} if near_m is None else {"near_m": near_m, "elsewhere_factor": 1.2}
    seen = near | {"source": "GPS", "floor_m": 25.0, "fixes": 900, "nights": 40, "devices": 9, "real_50_m": 9,
            "real_95_m": 60, "real_99_m": 90, "witness": "home_unit"}  # fmt: skip
    rows = [
        {**seen, "stated_up_to_m": 10, "factor": 3.7},
        {**seen, "stated_above_m": 10, "stated_up_to_m": 100, "factor": 1.3},
        {**seen, "stated_above_m": 100},
        {**seen, "none_stated": True, "floor_m": 61.7},
        {**seen, "device_model": "M1", **of_model},
    ]
    head = {
        "id": "learned",
        "version": 1,
        "owner": "tests",
        "effective_from": since,
        "source_document": "None",
    }
    return LearnedErrors.model_validate({"table": head, "error": rows})


def with_homes(order_file: OrderFile) -> OrderFile:
    """Every order has a curfew at the place in the middle of the map, which learned errors are near to or far from."""
    lon, lat = HOME_CIRCLE.lon, HOME_CIRCLE.lat
    home = Place.model_validate({"id": "home", "circle": {"lon": lon, "lat": lat, "radius_m": 50}})
    curfew = Condition.model_validate(
        {"id": "curfew", "kind": "curfew", "from": "2000-01-01", "place": "home"}
    )
    orders = [
        order.model_copy(
            update={
                "versions": [
                    v.model_copy(update={"places": [home], "conditions": [curfew]}) for v in order.versions
                ]
            }
        )
        for order in order_file.orders
    ]
    return order_file.model_copy(update={"orders": orders})


NEXT_DAY = str((moment(BASE_US) + dt.timedelta(days=1)).date())

RULE_SETS = {
    "learned": RuleSet(RULES.tables, [learned("2000-01-01", factor=2.3, near_m=150.0), learned(NEXT_DAY, floor_m=80.3)]),
    "illustrative": RULES,
    "eager": with_rows(rules_with(
        gap_s=600, hold_s=600, finding_min_s=0, conflict_min_s=0, edge_s=0, no_contact_after_s=1_800,
        explained={"fixes": 1},
        breach={"fixes": 1, "seconds": 1, "budget": 0.5, "looks": 1, "buffer_m": 0},
        kept={"fixes": 1, "seconds": 1}, speed_escape_fixes=2,
    )),
    "patient": rules_with(
        hold_s=3_600, edge_s=1_800, breach={"fixes": 3, "seconds": 300, "budget": 0.0001, "related_s": 600},
        kept={"fixes": 3}, explained={"fixes": 3}, gap_times=3.0, max_speed_mps=20.0, there_and_back_mps=5.0,
        presence={"out_seconds": 600, "gap_s": 3_600, "lag_s": 300},
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """All that an engine is given."""

    order_file: OrderFile
    obligations: list[Obligation]
    fixes: list[dict[str, Any]]
    presence: list[dict[str, Any]]
    events: list[dict[str, Any]]
    rules: RuleSet
    until_us: int | None

    @property
    def signals(self) -> Signals:
        return signals_of(self.fixes, self.presence, self.events)

    def judged_by(self, engine: Engine) -> Results:
        return engine(self.order_file, self.obligations, self.signals, self.rules, until_us=self.until_us)

    def shuffled(self, random: Any) -> Case:
        """The same signals, some of them twice, in any order."""
        mixed = {}
        for name in ("fixes", "presence", "events"):
            rows = list(getattr(self, name))
            rows += [row for row in rows if random.random() < 0.3]
            random.shuffle(rows)
            mixed[name] = rows
        obligations = list(self.obligations)
        random.shuffle(obligations)
        return replace(self, **mixed, obligations=obligations)


# --- people, tags, orders -----------------------------------------------------------------------------


def activation(
    device: str, person: str, start: int, until: int | None, kind: str, place: str | None
) -> Activation:
    return Activation.model_validate({
        "id": f"A-{device}-{person}-{start // SECOND_US}", "device_id": device, "person_id": person,
        "from_utc": moment(start), "until_utc": None if until is None else moment(until),
        "device_kind": kind, "place": place, "device_model": "M1" if device.endswith("1") else None,
    })  # fmt: skip


@st.composite
def activations(draw: st.DrawFn, people: list[str]) -> list[Activation]:
    """A tag for everyone; sometimes one comes off, is exchanged, or goes to another person; home units."""
    long_ago = BASE_US - 5 * 86_400 * SECOND_US
    found = []
    for i, person in enumerate(people):
        device, kind = f"D{i}", draw(st.sampled_from(["tag", "tag", "tag", "radio_tag"]))
        story = draw(
            st.sampled_from(["stays", "stays", "stays", "stays", "comes off", "new tag", "swap", "two tags"])
        )
        change = None
        if story in ("comes off", "new tag", "swap"):
            change = BASE_US + draw(st.sampled_from([0, 600, 3_600, 7_200])) * SECOND_US
        found.append(activation(device, person, long_ago, change, kind, None))
        if story == "new tag" and change is not None:
            pause = draw(st.sampled_from([0, 60, 1_800])) * SECOND_US
            found.append(activation(f"{device}b", person, change + pause, None, "tag", None))
        if story == "swap" and change is not None and len(people) > 1:
            found.append(activation(device, people[(i + 1) % len(people)], change, None, kind, None))
        if story == "two tags":
            found.append(activation(f"{device}b", person, long_ago, None, "tag", None))
        for n, place in enumerate(
            draw(st.lists(st.sampled_from(["home", "home", "there", "zone", None]), max_size=2))
        ):
            found.append(activation(f"H{i}{n}", person, long_ago, None, "home_unit", place))
    return found


@st.composite
def orders(draw: st.DrawFn, person: str) -> list[Order]:
    found = []
    for n in range(draw(st.sampled_from([1, 1, 1, 2]))):
        starts = [BASE_US + draw(st.sampled_from([-86_400, -86_400, -86_400, 1_800])) * SECOND_US]
        if draw(st.booleans()):
            starts.append(BASE_US + 3_600 * SECOND_US)
        ends = draw(st.sampled_from([None, None, BASE_US + 10_800 * SECOND_US]))
        found.append(
            Order(
                id=f"O{n}-{person}", person_id=person, regime=draw(st.sampled_from(REGIMES)),
                ends_utc=None if ends is None else moment(ends),
                versions=[
                    OrderVersion(version=v + 1, effective_from_utc=moment(t)) for v, t in enumerate(starts)
                ],
            )
        )  # fmt: skip
    return found


@st.composite
def obligations(draw: st.DrawFn, order: Order, n: int) -> Obligation:
    kind = draw(st.sampled_from(KINDS))
    start = BASE_US + draw(st.sampled_from([0, -7_200, 300, 600, 1_200, 3_600, 5_401])) * SECOND_US
    length = (
        draw(st.sampled_from([1_800, 90, 600, 3_600, 7_200, 43_200, 40 * 3_600, 90 * 86_400])) * SECOND_US
    )
    target, cannot = None, None
    if DUTY_OF_KIND[kind] in ("be_inside", "be_outside", "attend"):
        name = draw(st.sampled_from(["home", "home", "home", *sorted(SHAPES)]))
        target = Target(SHAPES[name], PLACES_OF.get(name, ()))
        cannot = draw(st.sampled_from([None] * 9 + ["has no geometry"]))
    return Obligation(
        person_id=order.person_id, order_id=order.id, order_version=1, condition_id=f"C{n}-{kind.value}",
        regime=order.regime, kind=kind, duty=DUTY_OF_KIND[kind], start_us=start, end_us=start + length,
        timezone="Europe/London", target=None if cannot else target, not_evaluable=cannot,
    )  # fmt: skip


# --- signals --------------------------------------------------------------------------------------------


@st.composite
def bursts_of_fixes(draw: st.DrawFn, devices: list[str]) -> list[dict[str, Any]]:
    """A pause, then some fixes at one spot, in equal steps; repeats and same-time fixes among them."""
    rows, time = [], BASE_US
    for _ in range(draw(st.integers(0, 9))):
        time += draw(st.sampled_from(PAUSES_S)) * SECOND_US
        device, spot = draw(st.sampled_from(devices)), draw(st.sampled_from(SPOTS))
        step = draw(st.sampled_from(STEPS_S)) * SECOND_US
        columns = {
            "precision_m": draw(st.sampled_from(PRECISIONS)),
            "source": int(draw(st.sampled_from(SOURCES))),
            "quality": int(draw(st.sampled_from(FLAGS))),
            "battery_pct": draw(st.sampled_from(BATTERIES)),
            "sequence": draw(st.sampled_from([None, None, 1, 2])),
        }
        count = draw(st.sampled_from([1, 2, 3, 5, 8, 12]))
        for k in range(count):
            rows.append({**fix_row(device, time + k * step, *spot), **columns})
        time += (count - 1) * step
    return rows


@st.composite
def bursts_of_presence(draw: st.DrawFn, unit: str, tags: list[str]) -> list[dict[str, Any]]:
    """A home unit's changes and heartbeats; most of them name no tag."""
    rows, time = [], BASE_US
    for _ in range(draw(st.integers(0, 6))):
        time += draw(st.sampled_from([600, 0, 50, 60, 61, 300, 1_800, 1_801, 3_600])) * SECOND_US
        step = draw(st.sampled_from([600, 50, 1_800, 1_801])) * SECOND_US
        row = {
            "device_id": unit, "state": draw(st.sampled_from([1, 0])),
            "tag_id": draw(st.sampled_from([*[None] * 6, *tags])), "heartbeat": draw(st.booleans()),
            "quality": int(draw(st.sampled_from([Quality.NONE] * 9 + [Quality.FUTURE]))),
            "sequence": draw(st.sampled_from([None, None, 1])), "payload_ref": None,
        }  # fmt: skip
        count = draw(st.integers(1, 6))
        for k in range(count):
            stamp = time + k * step
            rows.append({**row, "recorded_at_utc": stamp, "received_at_utc": stamp})
        time += (count - 1) * step
    return rows


@st.composite
def device_events(draw: st.DrawFn, devices: list[str]) -> list[dict[str, Any]]:
    """Events of one or two families, so that what begins also ends; readings on some of them."""
    rows, time = [], BASE_US
    kinds = [
        kind
        for family in draw(st.lists(st.sampled_from(FAMILIES), min_size=1, max_size=2))
        for kind in family
    ]
    for _ in range(draw(st.integers(0, 8))):
        time += draw(st.sampled_from(PAUSES_S)) * SECOND_US
        reading = draw(st.sampled_from([*[None] * 6, 1.0, 15.0, 60.0]))
        rows.append({
            "device_id": draw(st.sampled_from(devices)), "recorded_at_utc": time, "received_at_utc": time,
            "sequence": draw(st.sampled_from([None, None, 1])), "kind": draw(st.sampled_from(kinds)).value,
            "value": reading, "unit": None if reading is None else "%", "raw_code": None, "payload_ref": None,
            "quality": int(draw(st.sampled_from([Quality.NONE] * 9 + [Quality.FUTURE]))),
        })  # fmt: skip
    return rows


# --- whole cases ------------------------------------------------------------------------------------------


@st.composite
def cases(draw: st.DrawFn, rule_set: str | None = None) -> Case:
    """One to three people, each with one or two orders and up to three conditions, and their signals."""
    people = [f"P{i}" for i in range(draw(st.sampled_from([1, 1, 2, 3])))]
    fitted = draw(activations(people))
    tags = sorted({a.device_id for a in fitted if a.device_kind != "home_unit"})
    units = sorted({a.device_id for a in fitted if a.device_kind == "home_unit"})
    all_orders = [order for person in people for order in draw(orders(person))]
    owed = []
    for order in all_orders:
        owed += [draw(obligations(order, n)) for n in range(draw(st.integers(0, 4)))]
    fixes: list[dict[str, Any]] = []
    for person in people:
        worn = sorted({a.device_id for a in fitted if a.person_id == person and a.device_kind != "home_unit"})
        fixes += draw(bursts_of_fixes(worn))
    presence = [row for unit in units for row in draw(bursts_of_presence(unit, tags))]
    events = draw(device_events([*tags, *units, "nobody's"]))
    # Repeats, some of them with another position or precision under the same key.
    for row in draw(st.lists(st.sampled_from(fixes), max_size=2)) if fixes else []:
        fixes.append({**row, **draw(st.sampled_from([{}, {"precision_m": 4.0}, fix_place(*SPOTS[4])]))})
    case = Case(
        with_homes(
            OrderFile(
                people=[Person(id=p, synthetic=True) for p in people], activations=fitted, orders=all_orders
            )
        ),
        owed, fixes, presence, events,
        RULE_SETS[rule_set or draw(st.sampled_from(sorted(RULE_SETS)))],
        draw(st.sampled_from([None, None, None, BASE_US + 7_200 * SECOND_US, BASE_US + 86_400 * SECOND_US])),
    )  # fmt: skip
    assume(not is_on_a_knife_edge(case))
    return case


def fix_place(east_m: float, north_m: float) -> dict[str, int]:
    row = fix_row("", 0, east_m, north_m)
    return {"lon_e7": row["lon_e7"], "lat_e7": row["lat_e7"]}


def is_on_a_knife_edge(case: Case) -> bool:
    """Is some contact within 0.01 m of a threshold, of a class or of the impossible speed?"""
    read = whose_signals(case.order_file, case.signals, case.until_us, case.rules.learned)
    for obligation in case.obligations:
        evidence = case.rules.for_regime(obligation.regime, utc_date(obligation.start_us)).evidence
        fixes = [
            f for f in read.people[obligation.person_id].fixes if is_contact(f) and may_confirm(f, evidence)
        ]
        if obligation.target and any(is_near_a_threshold(f, obligation.target, evidence) for f in fixes):
            return True
        if obligation.target and is_nearly_there_and_back(fixes, obligation.target, evidence):
            return True
        if any(is_nearly_too_fast(a, b, evidence) for i, a in enumerate(fixes) for b in fixes[i + 1 :]):
            return True
    return False


def is_near_a_threshold(fix: Fix, target: Target, evidence: Evidence) -> bool:
    away_m = abs(signed_distance_m(target, fix.lon, fix.lat))
    sigma_m = precision_of(fix, evidence) / RADIUS_95_IN_SIGMAS
    needs = (
        0.0,
        explained_m(evidence, sigma_m),
        kept_m(evidence, sigma_m),
        reach_m(evidence.breach.probability, sigma_m),
    )
    return any(abs(away_m - need) <= KNIFE_EDGE_M for need in needs)


def is_nearly_there_and_back(fixes: list[Fix], target: Target, evidence: Evidence) -> bool:
    def reach(fix: Fix) -> float:
        return reach_m(evidence.breach.probability, precision_of(fix, evidence) / RADIUS_95_IN_SIGMAS)

    beyond = [(f.time, abs(signed_distance_m(target, f.lon, f.lat)) - reach(f)) for f in fixes]
    speeds = (evidence.there_and_back_mps, evidence.max_speed_mps)
    return any(
        abs(one + other - speed * (later - earlier) / SECOND_US) <= KNIFE_EDGE_M
        for i, (earlier, one) in enumerate(beyond)
        for later, other in beyond[i + 1 :]
        for speed in speeds
    )


def is_nearly_too_fast(a: Fix, b: Fix, evidence: Evidence) -> bool:
    away_m = distance_m(a.lon, a.lat, b.lon, b.lat) - precision_of(a, evidence) - precision_of(b, evidence)
    return abs(away_m - evidence.max_speed_mps * (b.time - a.time) / SECOND_US) <= KNIFE_EDGE_M


# --- comparing ----------------------------------------------------------------------------------------------


def assert_same(one: Results, other: Results) -> None:
    """Findings, coverage and totals are the same: times, ids, kinds, counts and words exactly, numbers with a
    fraction to 0.001. The id of a finding may differ only where such a number does."""
    assert (one.period_start_us, one.period_end_us) == (other.period_start_us, other.period_end_us)
    for name in ("findings", "coverage", "totals"):
        rows, others = getattr(one, name).to_pylist(), getattr(other, name).to_pylist()
        assert [label(row) for row in rows] == [label(row) for row in others], name
        for row, twin in zip(rows, others, strict=True):
            assert_same_row(row, twin)


def label(row: dict[str, Any]) -> str:
    """Names the row, for a message that says which one is missing."""
    names = (
        "person_id",
        "order_id",
        "condition_id",
        "kind",
        "total",
        "start_utc",
        "end_utc",
        "part_start_utc",
    )
    return " ".join(str(row[name]) for name in names if name in row)


def assert_same_row(row: dict[str, Any], twin: dict[str, Any]) -> None:
    ids = {"finding_id"}
    different = {name: (row[name], twin[name]) for name in row if row[name] != twin[name] and name not in ids}
    rounded = {
        name
        for name, (a, b) in different.items()
        if isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 0.001 + 1e-9
    }
    wrong = {name: pair for name, pair in different.items() if name not in rounded}
    assert not wrong, f"{label(row)}: {wrong}"
    if not rounded and "finding_id" in row:
        assert row["finding_id"] == twin["finding_id"], label(row)
