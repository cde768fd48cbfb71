"""Beginnings: forgetting older signals changes nothing that can still change."""

from __future__ import annotations

import random
from typing import Any

from scenarios import HOME_CIRCLE, RULES, ZONE_CIRCLE, fix_row, signals_of
from strategies import BASE_US, RULE_SETS, SECOND_US, activation, moment

from milepost.compliance import kernel
from milepost.compliance.batch import evaluate
from milepost.compliance.live_begin import safe_begin_us, settling_us, within_reach
from milepost.compliance.live_people import LivePeople
from milepost.orders.model import ConditionKind, Order, OrderFile, OrderVersion, Person, Regime
from milepost.orders.obligations import DUTY_OF_KIND, Obligation, Target
from milepost.tracks.record import Signals

DAY_US = 86_400 * SECOND_US
MINUTE_US = 60 * SECOND_US
RULES_THAT_COUNT = RULE_SETS["illustrative"]


def owed(kind: ConditionKind, start: int, end: int, circle: Any) -> Obligation:
    return Obligation(
        person_id="P", order_id="O", order_version=1, condition_id=kind.value, regime=Regime.BAIL,
        kind=kind, duty=DUTY_OF_KIND[kind], start_us=start, end_us=end, timezone="Europe/London",
        target=Target((circle,), ()), not_evaluable=None,
    )  # fmt: skip


def week() -> tuple[OrderFile, list[Obligation], list[dict[str, Any]]]:
    """Seven days of a synthetic person: a night at home each day with a late return, a zone now and then."""
    order = Order(
        id="O", person_id="P", regime=Regime.BAIL,
        versions=[OrderVersion(version=1, effective_from_utc=moment(BASE_US - DAY_US))],
    )  # fmt: skip
    file = OrderFile(
        people=[Person(id="P", synthetic=True)],
        activations=[activation("D", "P", BASE_US - DAY_US, None, "tag", None)],
        orders=[order],
    )
    nights = [owed(ConditionKind.CURFEW, BASE_US + d * DAY_US + 3600 * SECOND_US,
                   BASE_US + d * DAY_US + 13 * 3600 * SECOND_US, HOME_CIRCLE) for d in range(9)]  # fmt: skip
    zone = owed(ConditionKind.EXCLUSION_ZONE, BASE_US - DAY_US, BASE_US + 60 * DAY_US, ZONE_CIRCLE)
    rows = []
    chance = random.Random(7)
    for day in range(7):
        late, zone_at = 60 + chance.randrange(40), 1_000 + chance.randrange(100)
        for minute in range(0, 1_440, 2):
            where = (1_000.0, 0.0) if minute < late or minute > 900 else (0.0, 0.0)
            if zone_at <= minute < zone_at + 20 and day % 2:
                where = (0.0, 2_000.0)
            if 300 <= minute < 400 and day == 4:
                continue  # silent
            battery = 10.0 if day == 2 and minute > 1_200 else 80.0
            at = BASE_US + day * DAY_US + minute * MINUTE_US
            rows.append({**fix_row("D", at, *where), "battery_pct": battery})
    return file, [*nights, zone], rows


def test_a_week_with_daily_rolls_is_a_week_without() -> None:
    """What is still within reach at the end is what batch says of the whole week, repeats counted."""
    file, obligations, rows = week()
    given: list[dict[str, Any]] = []

    def history(devices: Any, from_us: int) -> Signals:
        return signals_of([r for r in given if r["recorded_at_utc"] >= from_us], [], [])

    live = LivePeople(
        RULES_THAT_COUNT, history=history, kernel=kernel,
        expand=lambda file, a, b: [o for o in obligations if o.start_us < b and o.end_us > a],
    )  # fmt: skip
    live.put(file, begin_us=BASE_US, now_us=BASE_US)
    said: dict[str, dict[str, Any]] = {}
    rolled = set()
    for hour in range(7 * 24):
        now = BASE_US + (hour + 1) * 60 * MINUTE_US
        step = [r for r in rows if now - 60 * MINUTE_US <= r["recorded_at_utc"] < now]
        given.extend(step)
        live.ingest(signals_of(step, [], []), now_us=now)
        live.advance(now)
        if hour % 24 == 20:
            live.settle(now)
            before = {r["finding_id"]: r for r in live.findings_of(["P"])}
            live.roll({"P": live.safe_begin_us("P", now - DAY_US)})
            live.consolidate()
            rolled.add(live.begin_us("P"))
            after = {r["finding_id"] for r in live.findings_of(["P"])}
            begin = live.begin_us("P")
            assert after == {i for i, r in before.items() if within_reach(r, begin)}
            said |= {i: r for i, r in before.items() if i not in after}
    until = BASE_US + 7 * DAY_US
    live.settle(until)
    said |= {r["finding_id"]: r for r in live.findings_of(["P"])}
    whole = evaluate(
        file, obligations, signals_of(rows, [], []), RULES_THAT_COUNT,
        begin_us=BASE_US, until_us=until, kernel=kernel,
    ).findings  # fmt: skip
    assert len(rolled) >= 4, "the begin moved with the days"
    assert len(whole) > 8
    assert said.keys() == set(whole.column("finding_id").to_pylist())


def test_an_open_finding_holds_the_begin_back() -> None:
    row = {
        "start_utc": BASE_US, "start_earliest_utc": BASE_US, "end_utc": BASE_US + 1, "end_latest_utc": BASE_US + 1,
        "status": "open", "obligation_start_utc": None, "obligation_end_utc": None, "witness": "device",
    }  # fmt: skip
    wanted = BASE_US + 10 * DAY_US
    assert safe_begin_us([row], wanted, rules=RULES) <= BASE_US - settling_us(RULES)
    closed = {**row, "status": "closed"}
    assert safe_begin_us([closed], wanted, rules=RULES) > wanted - DAY_US


def test_an_open_finding_of_a_duty_without_end_does_too() -> None:
    """The local day of its end is no day that a calendar has."""
    zone = owed(ConditionKind.EXCLUSION_ZONE, BASE_US - 9 * DAY_US, BASE_US + 60 * DAY_US, ZONE_CIRCLE)
    row = {
        "start_utc": BASE_US, "start_earliest_utc": BASE_US, "end_utc": BASE_US + 1, "end_latest_utc": BASE_US + 1,
        "status": "open", "obligation_start_utc": zone.start_us, "obligation_end_utc": zone.end_us,
        "witness": "fixes", "order_id": zone.order_id, "condition_id": zone.condition_id,
    }  # fmt: skip
    begin = safe_begin_us([row], BASE_US + 10 * DAY_US, rules=RULES, obligations=[zone])
    assert begin <= BASE_US - settling_us(RULES)


def test_a_night_that_has_begun_and_the_day_of_a_zone_hold_it_back() -> None:
    night = owed(ConditionKind.CURFEW, BASE_US, BASE_US + 12 * 3600 * SECOND_US, HOME_CIRCLE)
    wanted = BASE_US + 3600 * SECOND_US
    assert safe_begin_us([], wanted, rules=RULES, obligations=[night]) <= BASE_US - settling_us(RULES)
    zone = owed(ConditionKind.EXCLUSION_ZONE, BASE_US - 9 * DAY_US, BASE_US + 9 * DAY_US, ZONE_CIRCLE)
    midnight = BASE_US - 18 * 3600 * SECOND_US
    begin = safe_begin_us([], wanted, rules=RULES, obligations=[zone])
    assert midnight - DAY_US < begin <= midnight - settling_us(RULES)
