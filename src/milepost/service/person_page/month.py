"""Four weeks of a person, a day at a time: kept, broken or unknown, from findings that are stored. Nothing is judged here.

A day has the worst that any duty of it has. A night belongs to the day it begins; a duty that goes on for days is cut at
midnight. The page of the day asks the engine, and says which share of the time was seen.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from milepost.compliance.finding_kinds import Family, described
from milepost.orders.obligations import Obligation
from milepost.orders.schedules import expand
from milepost.service.kit.local_days import local_day, start_of_local_day_us
from milepost.service.monitoring.models import Finding
from milepost.service.person_page.owed import parts_by_day
from milepost.service.person_page.policy_data import week_words
from milepost.service.person_page.subject import FOREVER_US, Subject
from milepost.service.person_page.week import TOLD_BY_FINDINGS
from milepost.service.signals.read import first_recorded
from milepost.service.signals.senders import known_numbers
from milepost.service.signals.worn import gone_days
from milepost.times import SECOND_US, start_of_day_us

DAYS = 28
WEEKS = DAYS // 7

Interval = tuple[int, int]
Condition = tuple[str, str]


@dataclass(slots=True)
class Day:
    """``state``: not_owed, not_yet, kept, broken or unknown. Seconds, of all duties of the day together."""

    day: dt.date
    state: str = "not_owed"
    broken_s: float = 0.0
    unseen_s: float = 0.0
    running: bool = False
    """Some duty of it is not over yet."""
    findings: int = 0
    parts: dict[Condition, list[Interval]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Month:
    """``days``: 28 of them, the last is today. Weeks begin on the weekday after today's."""

    days: list[Day]

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[n : n + 7] for n in range(0, DAYS, 7)]

    def count(self, state: str, days: Iterable[Day] | None = None) -> int:
        return sum(day.state == state for day in (self.days if days is None else days))


def first_day(subject: Subject) -> dt.date:
    return local_day(subject.now_us) - dt.timedelta(days=DAYS - 1)


def month_of(subject: Subject, findings: Iterable[Finding]) -> Month:
    """``findings``: the person's current ones that touch the four weeks."""
    first = first_day(subject)
    days = [Day(first + dt.timedelta(days=n)) for n in range(DAYS)]
    bounds = [start_of_local_day_us(first + dt.timedelta(days=n)) for n in range(DAYS + 1)]
    for owed in expand(subject.order_file, bounds[0], bounds[-1]):
        if owed.duty not in TOLD_BY_FINDINGS and not owed.not_evaluable:
            _give(owed, days, bounds)
    broken, unseen = _stretches(findings, subject)
    for day in days:
        _judge(day, broken, unseen, subject.now_us)
    return Month(days)


def _give(owed: Obligation, days: list[Day], bounds: list[int]) -> None:
    """Each part of a duty to its day."""
    for n, part in parts_by_day(owed, bounds):
        days[n].parts[owed.order_id, owed.condition_id].append(part)


def _stretches(
    findings: Iterable[Finding], subject: Subject
) -> tuple[dict[Condition, list[Interval]], dict[Condition | None, list[Interval]]]:
    """When each condition was broken; and when nothing is known of it, or (None) of any."""
    broken: dict[Condition, list[Interval]] = defaultdict(list)
    unseen: dict[Condition | None, list[Interval]] = defaultdict(list)
    for finding in findings:
        what = described(finding.kind)
        stretch = (finding.start_us, subject.now_us if finding.status == "open" else finding.end_us)
        condition = (finding.order_reference, finding.condition_id)
        if what.of_places:
            broken[condition].append(stretch)
        elif what.family is Family.CONFLICT:
            unseen[condition].append(stretch)
        elif what.over_when_heard or what.explains_silence is not None:
            unseen[None].append(stretch)
    unseen[None] += _never_heard(subject)
    return broken, unseen


def _never_heard(subject: Subject) -> list[Interval]:
    """When no device was fitted, or the one that was had sent nothing yet: a silence that no finding speaks of."""
    since_us = start_of_local_day_us(first_day(subject))
    worn = subject.worn_between(since_us, subject.now_us)
    numbers = known_numbers({w.device_id for w in worn})
    recorded = first_recorded(list(numbers.values()))
    first_us = {device: recorded[number] for device, number in numbers.items() if number in recorded}
    if gone := gone_days(
        since_us, subject.now_us
    ):  # what was sent before the first day that is kept, nobody has
        first_us = dict.fromkeys(numbers, start_of_day_us(gone[0]))
    heard = [(max(w.from_us, first_us[w.device_id]), w.until_us) for w in worn if w.device_id in first_us]
    found, until = [], -FOREVER_US
    for start, end in sorted(heard):
        if start > until:
            found.append((until, start))
        until = max(until, end)
    return [*found, (until, FOREVER_US)]


def _judge(
    day: Day,
    broken: dict[Condition, list[Interval]],
    unseen: dict[Condition | None, list[Interval]],
    now_us: int,
) -> None:
    words = week_words()
    states = set()
    for condition, parts in day.parts.items():
        begun = [(start, min(end, now_us)) for start, end in parts if start < now_us]
        day.running |= any(end > now_us for start, end in parts if start < now_us)
        owed_s = sum(end - start for start, end in begun) / SECOND_US
        if not owed_s:
            states.add("not_yet")
            continue
        broken_s = overlap_s(begun, broken.get(condition, ()))
        unseen_s = overlap_s(begun, [*unseen.get(condition, ()), *unseen.get(None, ())])
        day.broken_s += broken_s
        day.unseen_s += unseen_s
        day.findings += sum(
            any(start < b and end > a for a, b in begun) for start, end in broken.get(condition, ())
        )
        if broken_s >= words.broken_from_seconds.value:
            states.add("broken")
        else:
            unknown = unseen_s / owed_s >= words.unknown_from_share_unseen.value
            states.add("unknown" if unknown else "kept")
    day.state = next((one for one in ("broken", "unknown", "kept", "not_yet") if one in states), "not_owed")


def overlap_s(parts: Iterable[Interval], others: Iterable[Interval]) -> float:
    """Seconds of ``parts`` that lie in any of ``others``, each counted once."""
    merged: list[list[int]] = []
    for start, end in sorted(others):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return sum(
        max(0, min(end, other_end) - max(start, other_start))
        for start, end in parts
        for other_start, other_end in merged
    ) / SECOND_US  # fmt: skip
