"""Live engines over a changing population end where batch does, whoever was put, changed or removed when."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenarios import HOME_CIRCLE, RULES, fix_row, signals_of
from strategies import BASE_US, SECOND_US, Case, activation, cases, moment
from test_engine_agrees import EXAMPLES
from test_live_agrees import steps_of

from milepost.compliance import kernel
from milepost.compliance.batch import evaluate
from milepost.compliance.buckets import part_of
from milepost.compliance.live_people import LivePeople
from milepost.orders.model import ConditionKind, Order, OrderFile, OrderVersion, Person, Regime
from milepost.orders.obligations import DUTY_OF_KIND, Obligation, Target
from milepost.tracks.record import Signals

generated = settings(
    max_examples=-(-EXAMPLES // 5),  # each is a long story
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
HOUR_US = 3_600 * SECOND_US
BEGINS_US = [BASE_US - HOUR_US, BASE_US, BASE_US, BASE_US + 1_200 * SECOND_US, BASE_US + 2 * HOUR_US]


class Store:
    """What a service would have stored before it gives signals to the engine."""

    def __init__(self) -> None:
        self.parts: tuple[list[Any], list[Any], list[Any]] = ([], [], [])

    def add(self, parts: Any) -> None:
        for kept, new in zip(self.parts, parts, strict=True):
            kept.extend(new)

    def history(self, devices: Any, from_us: int) -> Signals:
        wanted = set(devices)
        found = [
            [r for r in part if r["device_id"] in wanted and r["recorded_at_utc"] >= from_us]
            for part in self.parts
        ]
        return signals_of(*found)


class World:
    """A case with its orders, given out as a service would, and LivePeople over it."""

    def __init__(self, case: Case, **options: Any) -> None:
        self.case = case
        self.store = Store()
        self.live = LivePeople(
            case.rules, history=self.store.history, expand=self.expand, kernel=kernel, **options
        )
        self.begins: dict[str, int] = {}

    def expand(self, order_file: OrderFile, from_us: int, until_us: int) -> list[Obligation]:
        orders = {o.id for o in order_file.orders}
        return [
            o
            for o in self.case.obligations
            if o.order_id in orders and o.start_us < until_us and o.end_us > from_us
        ]

    def put(self, person: str, begin_us: int, *, order_file: OrderFile | None = None) -> set[str]:
        self.begins[person] = begin_us
        part = part_of(order_file or self.case.order_file, {person})
        return self.live.put(part, begin_us={person: begin_us}, now_us=self.live.now_us)

    def ingest(self, parts: Any, now_us: int) -> set[str]:
        self.store.add(parts)
        return self.live.ingest(signals_of(*parts), now_us=now_us)

    def batch_of(self, person: str, until_us: int) -> list[dict[str, Any]]:
        """Findings of one person by batch, with everybody's activations, from the person's begin."""
        begin = self.begins[person]
        if begin > until_us:
            return []
        case = self.case
        rows = [
            [r for r in part if r["recorded_at_utc"] >= begin]
            for part in (case.fixes, case.presence, case.events)
        ]
        found = evaluate(
            case.order_file, case.obligations, signals_of(*rows), case.rules,
            begin_us=begin, until_us=until_us, kernel=kernel,
        ).findings  # fmt: skip
        return [plain(row) for row in found.to_pylist() if row["person_id"] == person]

    def agrees(self, person: str, until_us: int) -> None:
        found = [plain(row) for row in self.live.findings_of([person])]
        expected = self.batch_of(person, until_us)
        extra = [r for r in found if r not in expected]
        missing = [r for r in expected if r not in found]
        assert (extra, missing) == ([], []), person
        assert found == expected


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name not in ("revision", "supersedes") and not name.endswith("_utc")
    }


def changed(order_file: OrderFile, person: str, draw: Any) -> OrderFile:
    """Another version of a person's papers: orders left out, or activations that end or are not there."""
    orders = [o for o in order_file.orders if o.person_id != person or draw(st.booleans())]
    activations = []
    for a in order_file.activations:
        story = draw(st.sampled_from(["kept", "kept", "gone", "another"])) if a.person_id == person else ""
        if story == "another":
            activations.append(a.model_copy(update={"device_id": draw(st.sampled_from(["D0", "D1", "D9"]))}))
        elif story != "gone":
            activations.append(a)
    return order_file.model_copy(update={"orders": orders, "activations": activations})


@generated
@given(case=cases(), data=st.data())
def test_it_ends_where_batch_does(case: Case, data: st.DataObject) -> None:
    draw = data.draw
    world = World(
        case,
        horizon_us_ahead=draw(st.sampled_from([HOUR_US, 30 * HOUR_US])),
        people_an_engine=draw(st.sampled_from([1, 4])),
        small_engines=draw(st.sampled_from([0, 8])),
    )
    people = [p.id for p in case.order_file.people]
    world.live.advance(BASE_US)
    for person in people:
        if draw(st.booleans()):
            begin = draw(st.sampled_from(BEGINS_US))
            world.put(person, begin, order_file=changed(case.order_file, person, draw))
    steps = steps_of(case, draw)
    for parts in steps:
        latest = max([r["recorded_at_utc"] for part in parts for r in part], default=0)
        slow = draw(st.sampled_from([0, 0, 60, 3_600])) * SECOND_US
        world.ingest(parts, max(world.live.now_us, latest - slow))
        if len(steps) < 60 or draw(st.integers(0, 9)) == 0:
            story = draw(st.sampled_from(["nothing", "nothing", "put", "changed", "removed", "clock"]))
            person = draw(st.sampled_from(people))
            if story in ("put", "changed"):
                file = case.order_file if story == "put" else changed(case.order_file, person, draw)
                world.put(person, draw(st.sampled_from(BEGINS_US)), order_file=file)
            elif story == "removed":
                world.live.remove([person])
            elif story == "clock":
                world.live.advance(world.live.now_us + 600 * SECOND_US)
    until = max(
        [world.live.now_us]
        + [r["recorded_at_utc"] for r in (*case.fixes, *case.presence, *case.events) if not r["quality"] & 8]
    )
    for person in people:
        world.put(person, world.begins.get(person, BASE_US))
    for _ in range(draw(st.integers(0, 3))):
        world.live.advance(world.live.now_us)
    world.live.settle(until)
    assert world.live.people == set(people)
    for person in people:
        world.agrees(person, until)


@generated
@given(case=cases(), data=st.data())
def test_people_who_stay_are_never_touched_by_others(case: Case, data: st.DataObject) -> None:
    """All placed before the first signal, nothing changed: equal to batch without any later ``put``."""
    world = World(case, horizon_us_ahead=HOUR_US, people_an_engine=4, small_engines=0)
    people = [p.id for p in case.order_file.people]
    world.live.advance(BASE_US)
    for person in people:
        world.put(person, data.draw(st.sampled_from(BEGINS_US)))
    for parts in steps_of(case, data.draw):
        latest = max([r["recorded_at_utc"] for part in parts for r in part], default=0)
        world.ingest(parts, latest)
        if data.draw(st.integers(0, 3)) == 0:
            world.live.consolidate()
    until = world.live.now_us + data.draw(st.sampled_from([0, 1_000, 40_000])) * SECOND_US
    world.live.advance(until)
    world.live.settle(until)
    for person in people:
        world.agrees(person, until)


# --- one by one -----------------------------------------------------------------------------------------


def at_home_all_day(people: list[str]) -> Case:
    """Synthetic people who owe a day at home and wear tags D0, D1, ...; each leaves after an hour."""
    orders, obligations, fixes = [], [], []
    for i, person in enumerate(people):
        version = OrderVersion(version=1, effective_from_utc=moment(BASE_US))
        orders.append(Order(id=f"O-{person}", person_id=person, regime=Regime.BAIL, versions=[version]))
        obligations.append(
            Obligation(
                person_id=person, order_id=f"O-{person}", order_version=1, condition_id="C",
                regime=Regime.BAIL, kind=ConditionKind.CURFEW, duty=DUTY_OF_KIND[ConditionKind.CURFEW],
                start_us=BASE_US, end_us=BASE_US + 24 * HOUR_US, timezone="Europe/London",
                target=Target((HOME_CIRCLE,), ()), not_evaluable=None,
            )
        )  # fmt: skip
        for minute in range(180):
            east = 1_000 if minute >= 60 else 0
            fixes.append(fix_row(f"D{i}", BASE_US + minute * 60 * SECOND_US, east, 0))
    fitted = [activation(f"D{i}", p, BASE_US, None, "tag", None) for i, p in enumerate(people)]
    file = OrderFile(people=[Person(id=p, synthetic=True) for p in people], activations=fitted, orders=orders)
    return Case(file, obligations, fixes, [], [], RULES, None)


def started(case: Case, **options: Any) -> World:
    world = World(case, **options)
    for person in case.order_file.people:
        world.put(person.id, BASE_US)
    return world


def kinds(world: World, person: str) -> list[str]:
    return [row["kind"] for row in world.live.findings_of([person])]


UNTIL_US = BASE_US + 3 * HOUR_US


def test_signals_from_before_the_begin_are_named_and_judged_after_an_older_begin() -> None:
    case = at_home_all_day(["P"])
    world = World(case)
    world.put("P", BASE_US + 2 * HOUR_US)
    world.ingest((case.fixes, [], []), UNTIL_US)
    assert world.live.too_early() == {"P": BASE_US}
    world.put("P", BASE_US)
    assert world.live.too_early() == {}
    assert world.live.begin_us("P") == BASE_US
    world.live.settle(UNTIL_US)
    world.agrees("P", UNTIL_US)


def test_a_tag_given_to_another_person_takes_its_signals_along() -> None:
    """P's tag turns out to have been on Q since the start: what was held against P is withdrawn."""
    case = at_home_all_day(["P", "Q"])
    world = started(case, people_an_engine=1)
    world.ingest((case.fixes, [], []), UNTIL_US)
    world.live.settle(UNTIL_US)
    assert "left_during" in kinds(world, "P")
    later = activation("D0", "Q", BASE_US + SECOND_US, None, "tag", None)
    papers = case.order_file.model_copy(update={"activations": [*case.order_file.activations, later]})
    judged = world.put("Q", BASE_US, order_file=papers)
    assert judged == {"P", "Q"}
    assert "left_during" not in kinds(world, "P")


def test_someone_removed_is_not_judged_and_others_stay_as_they_were() -> None:
    case = at_home_all_day(["P", "Q"])
    world = started(case)
    half = len(case.fixes) // 2
    world.ingest((case.fixes[:half], [], []), BASE_US + HOUR_US)
    world.live.remove(["P"])
    assert world.live.people == {"Q"}
    assert world.ingest((case.fixes, [], []), UNTIL_US) <= {"Q"}
    world.live.settle(UNTIL_US)
    assert world.live.findings_of(["P"]) == []
    world.agrees("Q", UNTIL_US)


def test_what_is_recorded_after_the_clock_waits_for_it() -> None:
    case = at_home_all_day(["P"])
    world = started(case)
    world.ingest((case.fixes, [], []), BASE_US + 600 * SECOND_US)
    assert kinds(world, "P") == []
    world.live.advance(UNTIL_US)
    world.live.settle(UNTIL_US)
    world.agrees("P", UNTIL_US)
    assert kinds(world, "P") == ["left_during"]


def test_a_put_that_fails_leaves_everyone_where_they_were() -> None:
    case = at_home_all_day(["P", "Q"])
    world = started(case)
    world.ingest((case.fixes, [], []), UNTIL_US)
    before = world.live.findings_of(["P", "Q"])

    def broken(devices: Any, from_us: int) -> Signals:
        raise ConnectionError("the database is away")

    world.live._history = broken
    with pytest.raises(ConnectionError):
        world.put("P", BASE_US - HOUR_US)
    world.live._history = world.store.history
    assert world.live.findings_of(["P", "Q"]) == before
    assert world.live.begin_us("P") == BASE_US
    world.begins["P"] = BASE_US
    world.live.settle(UNTIL_US)
    world.agrees("P", UNTIL_US)


def test_many_small_engines_are_joined_and_horizons_renewed_before_they_are_reached() -> None:
    case = at_home_all_day([f"P{i}" for i in range(12)])
    world = started(case, small_engines=3, people_an_engine=30, horizon_us_ahead=HOUR_US)
    assert world.live.engines == 12
    world.ingest((case.fixes, [], []), UNTIL_US)
    for _ in range(20):
        world.live.advance(UNTIL_US)
    assert world.live.engines <= 4
    later = BASE_US + 23 * HOUR_US
    world.live.advance(later)
    world.live.settle(later)
    for person in world.live.people:
        world.agrees(person, later)
