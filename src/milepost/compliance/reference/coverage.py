"""Section 9: coverage, and why nothing is known."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from milepost.compliance.reference.causes import cause_of_gap
from milepost.compliance.reference.intervals import SECOND_US, Stretch, clip, merge_equal, to_us, total_us
from milepost.compliance.reference.sides import kept_m
from milepost.compliance.reference.signals import PersonSignals
from milepost.compliance.reference.witnesses import Knowledge, Said
from milepost.compliance.results import Label, NoDataCause
from milepost.compliance.rule_tables import Evidence
from milepost.orders.obligations import Obligation

LONG_US = 36 * 3600 * SECOND_US
"""Section 9: obligations longer than 36 hours are shown by local day."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known of a stretch of an obligation; ``cause`` where it is NO_DATA."""

    said: Said
    cause: NoDataCause | None

    @property
    def label(self) -> Label:
        return self.said.label


NOTHING = Said(Label.NO_DATA, Label.NO_DATA, Label.NO_DATA)


# --- the parts of an obligation -------------------------------------------------------------------


def parts_of(obligation: Obligation, start: int, end: int) -> list[tuple[int, int]]:
    """The obligation itself, or the local days of a long one that overlap the evaluation."""
    if obligation.end_us - obligation.start_us <= LONG_US:
        return [(obligation.start_us, obligation.end_us)]
    parts = []
    day_start = obligation.start_us
    while day_start < obligation.end_us and day_start < end:
        day_end = min(next_local_midnight(day_start, obligation.timezone), obligation.end_us)
        if day_end > start:
            parts.append((day_start, day_end))
        day_start = day_end
    return parts


def next_local_midnight(time_us: int, timezone: str) -> int:
    zone = ZoneInfo(timezone)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    today = (epoch + dt.timedelta(microseconds=time_us)).astimezone(zone).date()
    return to_us(dt.datetime.combine(today + dt.timedelta(days=1), dt.time(), tzinfo=zone))


# --- the stretches of an obligation -----------------------------------------------------------------


def moments_of(
    obligation: Obligation,
    knowledge: Knowledge,
    person: PersonSignals,
    evidence: Evidence,
    start: int,
    end: int,
) -> list[Stretch[Moment]]:
    """The judged time of an obligation, cut into stretches, without a hole."""
    parts = parts_of(obligation, start, end)
    judged_start, judged_end = parts[0][0], min(parts[-1][1], end)
    moments: list[Stretch[Moment]] = []
    if judged_start < start:
        moments.append(Stretch(judged_start, start, Moment(NOTHING, NoDataCause.BEFORE_INPUT)))
    causes = {gap.start: cause_of_gap(gap, person, evidence) for gap in knowledge.gaps}
    for s in clip(knowledge.said, max(judged_start, start), judged_end):
        cuts = {s.start, s.end}
        cuts |= {t for gap in knowledge.gaps for t in (gap.start, gap.end) if s.start < t < s.end}
        cuts |= {t for f in person.fittings for t in (f.start, f.end) if s.start < t < s.end}
        times = sorted(cuts)
        for earlier, later in itertools.pairwise(times):
            cause = None
            if s.what.label == Label.NO_DATA:
                cause = cause_at(earlier, knowledge, person, causes)
            moments.append(Stretch(earlier, later, Moment(s.what, cause)))
    return merge_equal(moments)


def cause_at(
    time: int, knowledge: Knowledge, person: PersonSignals, causes: dict[int, NoDataCause]
) -> NoDataCause:
    if not person.is_tag_fitted(time):
        return NoDataCause.NOT_FITTED
    return next(causes[gap.start] for gap in knowledge.gaps if gap.start <= time < gap.end)


# --- sums -------------------------------------------------------------------------------------------


def share_known(moments: Iterable[Stretch[Moment]], start: int, end: int) -> float | None:
    """The share of the time that is not without data, to 4 places. None: no time at all."""
    inside = clip(moments, start, end)
    judged = total_us(inside)
    if judged == 0:
        return None
    return round(total_us(s for s in inside if s.what.label != Label.NO_DATA) / judged, 4)


def coverage_row(
    obligation: Obligation,
    part: tuple[int, int],
    moments: list[Stretch[Moment]],
    knowledge: Knowledge,
    evidence: Evidence,
    end: int,
    rule_table: str,
) -> dict[str, object]:
    breach = knowledge.breach
    judged_until = min(part[1], end)
    inside = clip(moments, part[0], judged_until)

    def seconds(*labels: Label) -> float:
        return total_us(s for s in inside if s.what.label in labels) / SECOND_US

    def seconds_without(cause: NoDataCause) -> float:
        return total_us(s for s in inside if s.what.cause == cause) / SECOND_US

    row: dict[str, object] = {
        **names_of(obligation, part),
        "judged_until_utc": judged_until,
        "status": "judged",
        "reason": "",
        "judged_s": total_us(inside) / SECOND_US,
        "met_s": seconds(Label.INSIDE if breach == Label.OUTSIDE else Label.OUTSIDE),
        "breached_s": seconds(breach),
        "uncertain_s": seconds(Label.UNCERTAIN),
        "conflict_s": seconds(Label.CONFLICT),
        "no_data_s": seconds(Label.NO_DATA),
    }
    for cause in NoDataCause:
        row[f"no_data_{cause.name.lower()}_s"] = seconds_without(cause)
    return {
        **row,
        "coverage": share_known(moments, part[0], judged_until),
        "too_inexact_share": share_too_inexact(obligation, knowledge, evidence, part[0], judged_until),
        "rule_table": rule_table,
    }


def share_too_inexact(
    obligation: Obligation, knowledge: Knowledge, evidence: Evidence, start: int, end: int
) -> float | None:
    """The share of the strong contacts that could not show keeping, even in the middle of a place of circles."""
    shapes = obligation.target.shapes if obligation.target else ()
    if not shapes or any(shape.rings for shape in shapes) or knowledge.kept != Label.INSIDE:
        return None
    radius_m = max(shape.radius_m for shape in shapes)
    strong = [c for c in knowledge.classed if c.contact.strong and start <= c.time < end]
    too_inexact = [c for c in strong if kept_m(evidence, c.sigma_m) >= radius_m]
    return round(len(too_inexact) / len(strong), 4) if strong else None


def names_of(obligation: Obligation, part: tuple[int, int]) -> dict[str, object]:
    return {
        "person_id": obligation.person_id,
        "order_id": obligation.order_id,
        "order_version": obligation.order_version,
        "condition_id": obligation.condition_id,
        "kind": obligation.kind.value,
        "obligation_start_utc": obligation.start_us,
        "obligation_end_utc": obligation.end_us,
        "part_start_utc": part[0],
        "part_end_utc": part[1],
    }


def cannot_be_evaluated(obligation: Obligation, reason: str, end: int, rule_table: str) -> dict[str, object]:
    part = (obligation.start_us, obligation.end_us)
    nothing = dict.fromkeys(
        ("judged_s", "met_s", "breached_s", "uncertain_s", "conflict_s", "no_data_s"), 0.0
    )
    causes = {f"no_data_{cause.name.lower()}_s": 0.0 for cause in NoDataCause}
    return {
        **names_of(obligation, part),
        "judged_until_utc": min(part[1], end),
        "status": "cannot_be_evaluated",
        "reason": reason,
        **nothing,
        **causes,
        "coverage": None,
        "too_inexact_share": None,
        "rule_table": rule_table,
    }


def timeline_rows(
    obligation: Obligation, moments: list[Stretch[Moment]], breach: Label
) -> list[dict[str, object]]:
    words = {
        Label.NO_DATA: "no_data",
        Label.UNCERTAIN: "uncertain",
        Label.CONFLICT: "conflict",
        breach: "breached",
        (Label.INSIDE if breach == Label.OUTSIDE else Label.OUTSIDE): "met",
    }
    return [
        {
            "person_id": obligation.person_id,
            "order_id": obligation.order_id,
            "condition_id": obligation.condition_id,
            "obligation_start_utc": obligation.start_us,
            "start_utc": s.start,
            "end_utc": s.end,
            "label": words[s.what.label],
            "cause": "" if s.what.cause is None else s.what.cause.name.lower(),
            "from_fixes": s.what.said.fixes.name.lower(),
            "from_home_unit": s.what.said.home_unit.name.lower(),
        }
        for s in moments
    ]
