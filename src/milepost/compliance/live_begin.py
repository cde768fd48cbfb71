"""How far back a person's evaluation has to begin, so that nothing that can still change comes out otherwise.

What an evaluation says rests on its beginning in five ways:

- A night, an attendance or another obligation of up to 36 hours that had begun by then counts the time
  before as not seen, and nothing is known of what went before it.
- The same holds for the local day of a longer obligation (a zone, a trail) that the beginning lies in.
- What lasts from before (a tamper, a flat battery, a silence) has no start any more.
- A person's side of a boundary, the anchor of the speed check and what a home unit said are unknown at
  first. A *settling time* later they are what they would have been, provided that contacts came in it at
  least once in every ``hold_s``: time enough to confirm either side, and longer than any gap or hold.
- Earlier findings count as repeats. They are not judged again, but given along as ``settled``.

So a beginning is safe for everything from a wanted time on if, with a settling time to spare, it lies before
every obligation (or local day of a long one) that reaches the wanted time, and before the start of every
finding that is open or reaches it. Where contacts were so few that the third point's provision does not
hold, the two evaluations may differ: ``LivePeople.roll`` compares before it forgets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from milepost.compliance import kernel
from milepost.compliance.plan import LONG_OBLIGATION_US
from milepost.compliance.rule_tables import RuleSet
from milepost.compliance.times import SECOND_US, from_us, to_us
from milepost.orders.obligations import Obligation

Row = Mapping[str, Any]
HOUR_US = 3_600 * SECOND_US
"""Beginnings are on whole hours UTC: people who share one are judged together."""
DAY_US = 24 * HOUR_US
WITHOUT_END_US = 1 << 62
"""Later than any date has: no calendar is asked about it."""


def settling_us(rules: RuleSet) -> int:
    """How long after a beginning the evaluation knows what an earlier one would, microseconds."""
    return int(max((_settling_s(table.evidence) for table in rules.tables), default=0.0) * SECOND_US)


def _settling_s(evidence: Any) -> float:
    confirming = max(evidence.breach.seconds, evidence.kept.seconds)
    escaping = evidence.speed_escape_fixes * evidence.hold_s
    learning = kernel.USUAL * evidence.hold_s
    longest = max(evidence.gap_s, evidence.presence.gap_s, evidence.no_contact_after_s)
    return float(max(confirming + escaping, learning) + longest)


def safe_begin_us(
    findings: Iterable[Row], wanted_us: int, *, rules: RuleSet, obligations: Iterable[Obligation] = ()
) -> int:
    """The latest safe beginning not after the wanted time, microseconds UTC, on a whole hour.

    Args:
        findings: the person's findings as they stand (times as integers of microseconds UTC or None).
        wanted_us: from when on everything has to come out as it does now. Longer ago than the longest
            silence that makes no finding yet, and than signals are usually late.
        obligations: what the person owes around the wanted time; without them only findings are heeded,
            and the first finding of a night that had begun may differ in its coverage.
    """
    settle = settling_us(rules)
    obligations = list(obligations)
    zones = {(owed.order_id, owed.condition_id): owed.timezone for owed in obligations}
    spans = [_span_of_finding(row, zones) for row in findings]
    spans += [span for owed in obligations for span in _spans_of_obligation(owed, wanted_us)]
    begin = _whole_hour(wanted_us - settle)
    for start, end in sorted(spans, key=lambda span: -span[1]):
        # From the latest end to the earliest: what reaches the time that has to come out right moves the
        # beginning; moved, it may lie within what ended earlier, which it must not cut in two either.
        if end < begin:
            break
        if start < begin + settle:
            begin = _whole_hour(start - settle)
    return begin


def _whole_hour(us: int) -> int:
    return us // HOUR_US * HOUR_US


def _span_of_finding(row: Row, zones: Mapping[tuple[str, str], str]) -> tuple[int, int]:
    """From when to when signals bear on a finding; open ones without end."""
    start, end = min(row["start_utc"], row["start_earliest_utc"]), max(row["end_utc"], row["end_latest_utc"])
    if row["status"] == "open":
        end = WITHOUT_END_US
    owed_from, owed_until = row["obligation_start_utc"], row["obligation_end_utc"]
    if owed_from is None or row["witness"] == "device":
        return start, end
    if owed_until - owed_from <= LONG_OBLIGATION_US:
        return min(start, owed_from), max(end, owed_until)
    zone = zones.get((row["order_id"], row["condition_id"]))  # the local days that it touches
    if zone is None:
        return start - DAY_US, end
    first = _midnight_before(start, zone)
    return first, end if end == WITHOUT_END_US else max(end, _midnight_before(end, zone) + DAY_US)


def _spans_of_obligation(owed: Obligation, wanted_us: int) -> list[tuple[int, int]]:
    if owed.not_evaluable is not None or owed.end_us <= wanted_us or owed.start_us >= wanted_us:
        return []
    if owed.end_us - owed.start_us <= LONG_OBLIGATION_US:
        return [(owed.start_us, owed.end_us)]
    return [(max(owed.start_us, _midnight_before(wanted_us, owed.timezone)), wanted_us)]


def _midnight_before(us: int, timezone: str) -> int:
    zone = ZoneInfo(timezone)
    day = from_us(us).astimezone(zone).date()
    return to_us(dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC))


def within_reach(row: Row, begin_us: int) -> bool:
    """Whether an evaluation from that begin (a safe one) judges the finding anew. The others are settled."""
    return bool(row["status"] == "open" or max(row["end_utc"], row["end_latest_utc"]) >= begin_us)
