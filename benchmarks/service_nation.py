"""A service's database of national size, made in minutes: 250,000 people, 28,000 of them on tag, 90 days of findings.

What pages read is there in the numbers and the spread of life; what no page reads is left out. Everybody's tag has
given its last hour; those of one team ("watched") have eight days of positions, judged by the engine, so that a week,
a trail and an alert's evidence are what they would be. All is synthetic: homes on a grid at sea.

Run by ``benchmarks.service_pages`` in a process of its own: ``python -m benchmarks.service_nation JSON``.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.service_town import device_of, home_of, order_file, person_of

VERSION = 4
"""Part of the name of what is kept: raise it when what is made changes."""
PEOPLE, ON_TAG = 250_000, 28_000
PEOPLE_A_TEAM, PRACTITIONERS_A_TEAM = 400, 10
"""Assumed: forty people for each practitioner."""
DAYS, WATCHED_DAYS = 90, 8
MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
PAST_ORDERS = 0.4
"""Of the people not on tag, those with an order that has ended and a tag that was taken off."""


@dataclass(frozen=True)
class Nation:
    """Who is who: people by number from 0, their primary keys one more. ``now_us``: when its clock stands."""

    people: int
    now_us: int

    @property
    def teams(self) -> int:
        return max(2, self.people // PEOPLE_A_TEAM)

    @property
    def tags(self) -> int:
        return self.people * ON_TAG // PEOPLE

    @cached_property
    def tagged(self) -> np.ndarray:
        """The number of the person with each tag, spread over all people."""
        return (np.arange(self.tags) * self.people + self.people // 2) // self.tags

    @cached_property
    def watched(self) -> np.ndarray:
        """Tags of the first team."""
        return np.flatnonzero(self.team_of(self.tagged) == 1)

    def team_of(self, person: Any) -> Any:
        return person // 7 % self.teams + 1  # not in step with who is on tag

    def practitioner_of(self, person: int) -> int:
        place = person // 7 // self.teams % PRACTITIONERS_A_TEAM
        return int((self.team_of(person) - 1) * PRACTITIONERS_A_TEAM + place + 1)


def make_people(people: int, now_us: int) -> dict[str, Any]:
    """Staff and people alone, for what asks for nothing else."""
    from benchmarks.service_bulk import in_bulk

    with in_bulk():
        for part in (_staff, _people):
            part(Nation(people, now_us))
    return {}


def make(people: int, now_us: int) -> dict[str, Any]:
    """Fills the empty database. Seconds by part."""
    from benchmarks import service_nation_record as record
    from benchmarks.service_bulk import in_bulk

    nation, took = Nation(people, now_us), {}
    with in_bulk():
        for part in (
            _staff, _people, _orders, _devices, _signals, record.findings, record.audit, record.messages
        ):  # fmt: skip
            start = time.perf_counter()
            part(nation)
            took[part.__name__.strip("_")] = round(time.perf_counter() - start, 1)
    start = time.perf_counter()
    record.judge_watched(nation)
    took["judge_watched"] = round(time.perf_counter() - start, 1)
    return took


def _staff(nation: Nation) -> None:
    from benchmarks.service_bulk import insert
    from milepost.service.accounts.models import Team, User
    from milepost.service.accounts.roles import Role

    insert(Team, ["id", "name"], ((n, f"Team {n}") for n in range(1, nation.teams + 1)))
    names = ["id", "email", "name", "role", "team_id", "password"]
    practitioners = (
        (n + 1, f"practitioner-{n + 1}@example.org", f"Practitioner {n + 1}", str(Role.PRACTITIONER),
         n // PRACTITIONERS_A_TEAM + 1, "!")
        for n in range(nation.teams * PRACTITIONERS_A_TEAM)
    )  # fmt: skip
    others = [role for role in Role if role is not Role.PRACTITIONER]
    first = nation.teams * PRACTITIONERS_A_TEAM + 1
    insert(User, names, [
        *practitioners,
        *((first + n, f"{role}@example.org", f"The {role}", str(role),
           1 if role is Role.SENIOR_PRACTITIONER else None, "!") for n, role in enumerate(others)),
    ])  # fmt: skip


def _people(nation: Nation) -> None:
    from benchmarks.service_bulk import insert, moment
    from milepost.service.demo.names import FAMILY, GIVEN
    from milepost.service.orders.policy_data import FAR_OFF
    from milepost.service.people.models import ContactDetail, NameWord, NearWord, Note, Person
    from milepost.service.people.near import keys_of
    from milepost.service.people.words import backwards

    far_off = moment(int(FAR_OFF.timestamp() * 1e6))
    draw = np.random.default_rng(1)
    # As in life some names are common and some rare: a search for a common one finds hundreds.
    given = draw.zipf(1.3, nation.people) % len(GIVEN)
    family = draw.zipf(1.15, nation.people) % (len(FAMILY) * 40)
    born = draw.integers(0, 20_000, nation.people)
    first_day = dt.date(1950, 1, 1)
    on_tag = set(nation.tagged.tolist())

    def words(i: int) -> tuple[str, str]:
        kind, number = family[i] % len(FAMILY), family[i] // len(FAMILY)
        return GIVEN[given[i]], FAMILY[kind] + (f"{chr(97 + number % 26)}{number}" if number else "")

    def rows() -> Iterator[tuple[Any, ...]]:
        for i in range(nation.people):
            name = " ".join(words(i))
            day = (first_day + dt.timedelta(days=int(born[i]))).isoformat()
            yield (
                i + 1, person_of(i), name, name.lower(), day, int(nation.team_of(i)), nation.practitioner_of(i),
                i % 500 == 499, True, far_off if i in on_tag else None,
            )  # fmt: skip

    insert(
        Person,
        ["id", "reference", "name", "search_name", "date_of_birth", "team_id", "practitioner_id", "restricted",
         "synthetic", "monitored_until_utc"],
        rows(),
    )  # fmt: skip
    insert(NameWord, ["id", "person_id", "word"], (
        (2 * i + place + 1, i + 1, word.lower()) for i in range(nation.people) for place, word in enumerate(words(i))
    ))  # fmt: skip
    insert(Note, ["id", "person_id", "text", "by_id"], (
        (n + 1, int(nation.tagged[n // 3]) + 1, f"Synthetic note {n}. " * 10, 1) for n in range(3 * nation.tags)
    ))  # fmt: skip
    numbers = (f"07{700_000_000 + i * 379:09d}" for i in range(nation.people))
    insert(ContactDetail, ["id", "person_id", "kind", "value", "number_backwards"], (
        (i + 1, i + 1, "mobile", number, backwards(number)) for i, number in enumerate(numbers)
    ))  # fmt: skip
    spelt = {word.lower() for i in range(nation.people) for word in words(i)}
    insert(NearWord, ["id", "key", "word"], (
        (n, key, word) for n, (key, word) in enumerate(((k, w) for w in sorted(spelt) for k in sorted(keys_of(w))), 1)
    ))  # fmt: skip


def _orders(nation: Nation) -> None:
    from django.db import connection

    from benchmarks.service_bulk import insert, moment
    from milepost.service.kit import row_guards
    from milepost.service.orders.load_orders import document_of
    from milepost.service.orders.models import Attestation, Order, OrderVersion
    from milepost.service.orders.row_rules import GUARDS

    worn = dt.datetime.fromtimestamp(nation.now_us / 1e6, dt.UTC) - dt.timedelta(days=DAYS + 5)
    pattern = document_of(order_file(range(1), worn_since=worn).orders[0].versions[0])
    home, zone = pattern["places"][0]["circle"], pattern["conditions"][1]["circle"]
    since, ended = moment(nation.now_us - (DAYS + 35) * DAY_US), moment(nation.now_us - 40 * DAY_US)

    def document(tag: int) -> str:
        home["lon"], home["lat"] = home_of(tag)
        zone["lon"], zone["lat"] = home["lon"] + 0.02, home["lat"]
        return json.dumps(pattern)

    past = past_wearers(nation)
    whose = [*nation.tagged.tolist(), *past]
    ends = [None] * nation.tags + [ended] * len(past)
    insert(
        Order, ["id", "reference", "person_id", "regime", "ends_utc"],
        ((n + 1, f"O{n:06d}", person + 1, "community_order", end)
         for n, (person, end) in enumerate(zip(whose, ends, strict=True))),
    )  # fmt: skip
    row_guards.remove(connection, GUARDS)  # their word has no entry in the log
    try:
        insert(
            Attestation, ["id", "system", "statement"], [(1, "Benchmark", "Synthetic, approved by nobody")]
        )
        insert(
            OrderVersion,
            ["id", "order_id", "version", "state", "effective_from_utc", "document", "attestation_id"],
            ((n + 1, n + 1, 1, "approved", since, document(n % 60_000), 1) for n in range(len(whose))),
        )
    finally:
        row_guards.install(connection, GUARDS)


def past_wearers(nation: Nation) -> list[int]:
    off = np.setdiff1d(np.arange(nation.people), nation.tagged)
    return [int(i) for i in off[: int(len(off) * PAST_ORDERS)]]


def _devices(nation: Nation) -> None:
    from benchmarks.service_bulk import insert, moment
    from milepost.service.orders.models import Activation, Device
    from milepost.service.signals.models import Sender

    tags = range(nation.tags)
    insert(
        Device, ["id", "device_id", "kind", "state"], ((n + 1, device_of(n), "tag", "fitted") for n in tags)
    )
    insert(
        Sender, ["id", "device_id", "last_received_us"], ((n + 1, device_of(n), nation.now_us) for n in tags)
    )
    worn_us = nation.now_us - (DAYS + 5) * DAY_US
    stretches = {n: (moment(worn_us - (n + 1) * 100 * DAY_US), moment(worn_us - (n * 100 + 2) * DAY_US))
                 for n in range(len(past_wearers(nation)) // nation.tags + 1)}  # fmt: skip

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in tags:
            yield n + 1, f"A{n:06d}", n + 1, int(nation.tagged[n]) + 1, moment(worn_us), None
        for n, person in enumerate(past_wearers(nation)):
            begin, end = stretches[n // nation.tags]
            number = nation.tags + n
            yield number + 1, f"A{number:06d}", n % nation.tags + 1, person + 1, begin, end

    insert(Activation, ["id", "reference", "device_id", "person_id", "from_utc", "until_utc"], rows())


def _signals(nation: Nation) -> None:
    """The last hour of every tag, and the last days of the watched."""
    after = 0
    watched = set(nation.watched.tolist())
    others = np.array([n for n in range(nation.tags) if n not in watched])
    for some in np.array_split(others, max(1, len(others) // 2_000)):
        after += insert_fixes(walk(some, 60, nation.now_us), after)
    for tag in nation.watched:
        after += insert_fixes(walk(np.array([tag]), WATCHED_DAYS * 1_440, nation.now_us), after)


def insert_fixes(columns: dict[str, np.ndarray], after: int) -> int:
    """Stores what ``walk`` made, with ids from ``after`` on; how many there were."""
    from benchmarks.service_bulk import insert
    from milepost.service.signals.columns import cell_of
    from milepost.service.signals.models import Fix

    n = len(columns["recorded_us"])
    columns |= {
        "id": np.arange(after + 1, after + n + 1),
        "delivery": np.ones(n, np.int64),
        "cell": cell_of(columns["lon_e7"], columns["lat_e7"]),
    }
    insert(Fix, list(columns), zip(*(column.tolist() for column in columns.values()), strict=True))
    return n


def walk(tags: np.ndarray, minutes: int, now_us: int) -> dict[str, np.ndarray]:
    """One position a minute of each tag, tag by tag: at home by night, about the town by day; an hour a day without
    any, one in ten from masts or Wi-Fi. Columns of ``signals.Fix``."""
    draw = np.random.default_rng(int(tags[0]))
    tag = np.repeat(tags, minutes)
    at_us = now_us - np.tile(np.arange(minutes, 0, -1), len(tags)) * MINUTE_US + tag * 700 % MINUTE_US
    day, hour = at_us // DAY_US, at_us / 3_600e6 % 24
    late = (day * 7 + tag * 13) % 11 == 0  # who comes home late, on some evenings
    out = (hour > 8) & (hour < np.where(late, 20.3, 18.5))
    east_m = np.where(out, 2_000 * np.sin(hour + tag + day * 2.3) + 300 * np.sin(9 * hour), 0)
    north_m = np.where(out, 1_500 * np.cos(hour * 1.3 + tag), 0)
    chance = draw.random(len(tag))
    source = np.where(chance < 0.9, 1, np.where(chance < 0.97, 5, 6))
    precision_m = np.where(source == 1, draw.integers(3, 20, len(tag)), np.where(source == 5, 800, 40))
    error_m = draw.normal(0, 1, (2, len(tag))) * precision_m / 2.448
    lon = np.array([home_of(int(t))[0] for t in tags]).repeat(minutes) + (east_m + error_m[0]) / 66_000
    lat = np.array([home_of(int(t))[1] for t in tags]).repeat(minutes) + (north_m + error_m[1]) / 111_200
    columns = {
        "sender_id": tag + 1,
        "recorded_us": at_us,
        "received_us": at_us + 5_000_000,
        "source": source,
        "lon_e7": np.rint(lon * 1e7).astype(np.int64),
        "lat_e7": np.rint(lat * 1e7).astype(np.int64),
        "precision_m": precision_m.astype(float),
        "speed_mps": np.where(out, draw.gamma(2, 1, len(tag)), 0.0).round(1),
        "heading_deg": draw.integers(0, 360, len(tag)).astype(float),
        "battery_pct": np.clip(100 - (at_us // MINUTE_US + tag) % 1_440 / 16, 5, 100).round(),
    }
    heard = ~((hour > 3) & (hour < 4))
    return {name: column[heard] for name, column in columns.items()}


def main() -> None:
    import django

    django.setup()
    sys.stdout.write(json.dumps(make(**json.loads(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
