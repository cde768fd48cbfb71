"""Rules on how long: hours of curfew in a day and a week, how many, and how long a condition runs.

**How hours are counted.** By the elapsed time, in UTC, of what the version orders (absences and
suspensions do not make a curfew lawful, and are not taken off). A *day* is a local calendar day for a
maximum; for a minimum it is the windows that start on it, so that a night is not halved by midnight. A
*week* is 7 days from the local date the curfew first takes effect. On the night the clock goes back
the elapsed time is an hour longer than the clock says: where only that hour breaks a maximum the
answer is a warning, not an error; the same for the hour that the March night lacks.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator

from milepost.orders.answers import Answer, Level, Subject
from milepost.orders.clock import DAY_US, US, local_to_us, midnight, us_to_local
from milepost.orders.limits import Limit, find_limit
from milepost.orders.model import Condition, ConditionKind, Person
from milepost.orders.obligations import Obligation
from milepost.orders.schedules import expand_order, find_condition_span, find_early_first_night

HORIZON_US = 2 * 366 * DAY_US
"""A curfew without an end is looked at for two years."""
_HOUR_US = 3600 * US
_CLOCK_HOUR = 1.0
"""How much a change of the clock can add to or take from a day, in hours."""


def expand_version(
    subject: Subject, kind: ConditionKind, horizon_us: int = HORIZON_US, *, early_nights: bool = False
) -> list[Obligation]:
    """What a version orders of one kind, as if it had been in force from the start and nothing lifted.

    ``early_nights``: first nights before the start of their condition too, which belong to no week of it.
    """
    conditions = [
        condition.model_copy(update={"exceptions": []})
        for condition in subject.version.conditions
        if condition.kind is kind and (condition.schedule or condition.dates or condition.first_night)
    ]
    if not conditions:
        return []
    alone = subject.version.model_copy(
        update={"conditions": conditions, "suspensions": [],
                "effective_from_utc": dt.datetime(1970, 1, 1, tzinfo=dt.UTC)}
    )  # fmt: skip
    order = subject.order.model_copy(update={"versions": [alone], "ends_utc": None})
    first = min(find_condition_span(condition)[0] for condition in conditions)
    if early_nights:
        first = min([first, *(n for c in conditions if (n := find_early_first_night(c)) is not None)])
    owed = expand_order(order, first, first + horizon_us)
    return sorted((o for o in owed if o.start_us < first + horizon_us), key=lambda o: o.start_us)


def check_hours(subject: Subject) -> Iterator[Answer]:
    nights = [o for o in expand_version(subject, ConditionKind.CURFEW) if o.end_us - o.start_us < 60 * DAY_US]
    if not nights:
        return
    curfews = ", ".join(dict.fromkeys(night.condition_id for night in nights))
    early = expand_version(subject, ConditionKind.CURFEW, early_nights=True)
    yield from _check_days(subject, [o for o in early if o.end_us - o.start_us < 60 * DAY_US], curfews)
    yield from _check_weeks(subject, nights, curfews)
    yield from _check_starting_days(subject, nights, curfews)
    yield from _check_licence(subject, nights, curfews)
    yield from _state_clock_changes(subject, nights)


def _hours_by_day(nights: list[Obligation]) -> dict[dt.date, float]:
    """Elapsed hours in each local calendar day."""
    hours: defaultdict[dt.date, float] = defaultdict(float)
    for night in nights:
        start = night.start_us
        while start < night.end_us:
            day = us_to_local(start, night.timezone).date()
            tomorrow = local_to_us(midnight(day + dt.timedelta(days=1)), night.timezone, "start")
            end = min(night.end_us, max(tomorrow, start + US))
            hours[day] += (end - start) / _HOUR_US
            start = end
    return dict(hours)


def _check_days(subject: Subject, nights: list[Obligation], curfews: str) -> Iterator[Answer]:
    limit = find_limit("curfew.hours_per_day_max", subject.order.regime, subject.law_of)
    if limit is None:
        return
    day, most = max(_hours_by_day(nights).items(), key=lambda item: item[1])
    yield _judge_maximum(subject, limit, most, curfews, f"on {day:%d %B %Y}", (day, 1), nights[0].timezone)


def _judge_maximum(
    subject: Subject,
    limit: Limit,
    most: float,
    curfews: str,
    when: str,
    span: tuple[dt.date, int],
    timezone: str,
) -> Answer:
    """``span`` is the local day and the number of days that ``most`` hours were counted over."""
    day, n_days = span
    over = most > limit.value + 1e-9
    last = day + dt.timedelta(days=n_days)
    begins, ends = (local_to_us(midnight(d), timezone, "start") for d in (day, last))
    extra = max(0.0, (ends - begins) / _HOUR_US - 24 * n_days)
    by_clock_only = over and most - extra <= limit.value + 1e-9
    level: Level = "warning" if by_clock_only else "error" if over else "ok"
    because = ", only because the clock goes back" if by_clock_only else ""
    return subject.answer(
        limit.rule, level,
        f"The curfew takes up to {most:g} hours {when}; the limit is {limit.value:g}{because}.",
        "Shorten the curfew" if level == "error" else "", curfews, most, limit,
    )  # fmt: skip


def _check_weeks(subject: Subject, nights: list[Obligation], curfews: str) -> Iterator[Answer]:
    limit = find_limit("curfew.hours_per_week_max", subject.order.regime, subject.law_of)
    if limit is None:
        return
    by_day = _hours_by_day(nights)
    first = min(by_day)
    weeks: defaultdict[int, float] = defaultdict(float)
    for day, hours in by_day.items():
        weeks[(day - first).days // 7] += hours
    number, most = max(weeks.items(), key=lambda item: item[1])
    begins = first + dt.timedelta(weeks=number)
    when = f"in the seven days from {begins:%A %d %B %Y}"
    yield _judge_maximum(subject, limit, most, curfews, when, (begins, 7), nights[0].timezone)


def _check_starting_days(subject: Subject, nights: list[Obligation], curfews: str) -> Iterator[Answer]:
    """Minimum hours, by the windows that start on each day; the first and last day are not counted."""
    by_start: defaultdict[dt.date, float] = defaultdict(float)
    for night in nights:
        day = us_to_local(night.start_us, night.timezone).date()
        by_start[day] += (night.end_us - night.start_us) / _HOUR_US
    first, last = min(by_start), max(by_start)
    inner = [first + dt.timedelta(days=n) for n in range(1, (last - first).days)]
    for rule, days in (
        ("curfew.hours_per_day_min", [day for day in inner if day in by_start]),
        ("curfew.inner_day_hours_min", inner),
        ("curfew.credit_hours_per_day_min", inner),
    ):
        limit = find_limit(rule, subject.order.regime, subject.law_of)
        if limit is None or not days:
            continue
        day, least = min(((day, float(by_start[day])) for day in days), key=lambda item: item[1])
        under = least < limit.value - 1e-9
        spring = CLOCK_NOTE in {n for o in nights for n in o.notes} and least + _CLOCK_HOUR >= limit.value
        only_spring = (
            under
            and spring
            and not any(
                by_start[d] < limit.value - 1e-9 for d in days if not _is_short_night(d, nights[0].timezone)
            )
        )
        credit = rule == "curfew.credit_hours_per_day_min"
        level: Level = "ok" if not under else "warning" if only_spring or credit else "error"
        what = "; such a day does not count towards sentence" if credit and under else ""
        yield subject.answer(
            rule, level,
            f"The curfew takes {least:g} hours on {day:%A %d %B %Y}, its shortest day; "
            f"the least is {limit.value:g}{', short only by the clock change' if only_spring else ''}{what}.",
            "Lengthen the curfew" if level == "error" else "", curfews, least, limit,
        )  # fmt: skip


CLOCK_NOTE = "clock change"


def _is_short_night(day: dt.date, timezone: str) -> bool:
    """Whether the clock goes forward between noon of ``day`` and noon of the next."""
    noon = midnight(day) + dt.timedelta(hours=12)
    return (
        local_to_us(noon + dt.timedelta(days=1), timezone, "start") - local_to_us(noon, timezone, "start")
        < DAY_US
    )


def _check_licence(subject: Subject, nights: list[Obligation], curfews: str) -> Iterator[Answer]:
    regime, day_of_law = subject.order.regime, subject.law_of
    most_curfews = find_limit("curfew.curfews_per_day_max", regime, day_of_law)
    most_hours = find_limit("curfew.hours_with_reports_per_day_max", regime, day_of_law)
    one_report = find_limit("curfew.hours_for_one_report", regime, day_of_law)
    if most_curfews is not None:
        starts = Counter(us_to_local(o.start_us, o.timezone).date() for o in nights)
        day, count = max(starts.items(), key=lambda item: item[1])
        over = count > most_curfews.value
        yield subject.answer(
            most_curfews.rule, "error" if over else "ok",
            f"Up to {count} curfews start on one day ({day:%d %B %Y}); the limit is {most_curfews.value:g}.",
            "Ask for a bespoke condition" if over else "", curfews, count, most_curfews,
        )  # fmt: skip
    if most_hours is not None and one_report is not None:
        by_day = _hours_by_day(nights)
        reports = Counter(
            us_to_local(o.start_us, o.timezone).date()
            for o in expand_version(subject, ConditionKind.ATTENDANCE)
            if "report" in (_purpose(subject, o.condition_id) or "").lower()
        )
        day, most = max(
            ((d, h + reports[d] * one_report.value) for d, h in by_day.items()), key=lambda item: item[1]
        )
        when = f"on {day:%d %B %Y}, reports included"
        yield _judge_maximum(subject, most_hours, most, curfews, when, (day, 1), nights[0].timezone)


def _purpose(subject: Subject, condition_id: str) -> str | None:
    return next((c.purpose for c in subject.version.conditions if c.id == condition_id), None)


def _state_clock_changes(subject: Subject, nights: list[Obligation]) -> Iterator[Answer]:
    for night in nights:
        if CLOCK_NOTE in night.notes:
            hours = (night.end_us - night.start_us) / _HOUR_US
            start = us_to_local(night.start_us, night.timezone)
            yield subject.answer(
                "curfew.clock_change", "ok",
                f"The clock changes in the curfew that starts on {start:%A %d %B %Y at %H:%M}: "
                f"it lasts {hours:g} hours.",
                condition_id=night.condition_id, value=hours, unit="hours",
            )  # fmt: skip


def check_lengths(subject: Subject, person: Person | None) -> Iterator[Answer]:
    """How long each condition runs, and the age of a person under alcohol monitoring."""
    for condition in subject.version.conditions:
        if condition.kind is ConditionKind.CURFEW:
            yield from _check_months(subject, condition, "curfew.months_max")
        elif condition.kind is ConditionKind.TRAIL:
            yield from _check_months(subject, condition, "trail.months_max")
        elif condition.kind is ConditionKind.ALCOHOL:
            yield from _check_alcohol(subject, condition, person)


def _first_and_last(condition: Condition) -> tuple[dt.date, dt.date | None]:
    begins, ends = find_condition_span(condition)
    first = us_to_local(begins, condition.timezone).date()
    return first, None if condition.until is None else us_to_local(ends - 1, condition.timezone).date()


def _check_months(subject: Subject, condition: Condition, rule: str) -> Iterator[Answer]:
    limit = find_limit(rule, subject.order.regime, subject.law_of)
    if limit is None:
        return
    first, last = _first_and_last(condition)
    if last is None:
        yield subject.answer(
            rule, "warning", f"{condition.id} has no end; the limit is {limit.value:g} months.",
            "Give it an end", condition.id, None, limit,
        )  # fmt: skip
        return
    days = (last - first).days + 1
    over = last >= _add_months(first, int(limit.value))
    yield subject.answer(
        rule, "error" if over else "ok",
        f"{condition.id} runs {days} days, from {first:%d %B %Y} to {last:%d %B %Y}; "
        f"the limit is {limit.value:g} months.",
        "End it earlier" if over else "", condition.id, days / 30.4375, limit,
    )  # fmt: skip


def _add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, number)
        except ValueError:
            continue
    return dt.date(year, month + 1, min(day.day, 27))


def _check_alcohol(subject: Subject, condition: Condition, person: Person | None) -> Iterator[Answer]:
    first, last = _first_and_last(condition)
    limit = find_limit("alcohol.days_max", subject.order.regime, subject.law_of)
    if limit is not None:
        days = None if last is None else (last - first).days + 1
        level: Level = "warning" if days is None else "error" if days > limit.value else "ok"
        words = "has no end" if days is None else f"runs {days} days"
        yield subject.answer(
            limit.rule, level, f"{condition.id} {words}; the limit is {limit.value:g} days.",
            "" if level == "ok" else "End it earlier", condition.id, days, limit,
        )  # fmt: skip
    limit = find_limit("alcohol.age_min", subject.order.regime, subject.law_of)
    if limit is not None:
        born = person.date_of_birth if person else None
        age = (
            None
            if born is None
            else first.year - born.year - ((first.month, first.day) < (born.month, born.day))
        )
        level = "warning" if age is None else "error" if age < limit.value else "ok"
        words = (
            "The date of birth is not known"
            if age is None
            else f"The person is {age} when {condition.id} starts"
        )
        yield subject.answer(
            limit.rule, level, f"{words}; alcohol monitoring is for people of {limit.value:g} or over.",
            "" if level == "ok" else "Check the date of birth", condition.id, age, limit,
        )  # fmt: skip
