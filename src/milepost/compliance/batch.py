"""The batch engine: orders and signals in, findings with evidence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa

from milepost.compliance import compiled
from milepost.compliance import kernel as plain_kernel
from milepost.compliance.battery import battery_findings
from milepost.compliance.columns import Columns, columns_of
from milepost.compliance.coverage import coverage_table, timeline_rows
from milepost.compliance.device_findings import event_findings
from milepost.compliance.device_log import DeviceLog
from milepost.compliance.facts import compute
from milepost.compliance.findings import Findings
from milepost.compliance.homes import homes_if_learned
from milepost.compliance.identity import as_table, finish
from milepost.compliance.kernel_results import Facts
from milepost.compliance.learned_errors import models_of, with_learned_errors
from milepost.compliance.levels import COUNTED, running_totals, set_levels
from milepost.compliance.place_findings import place_findings
from milepost.compliance.plan import Plan, make_plan
from milepost.compliance.presence import UnitStream, streams_by_person
from milepost.compliance.proof import reference_to_fix
from milepost.compliance.results import TIMELINE, TOTALS, Results
from milepost.compliance.rule_tables import RuleSet
from milepost.compliance.shares import Expand, Share, in_shares
from milepost.compliance.silence import other_signs, silence_findings
from milepost.compliance.standing import InForce, Standings, orders_by_person
from milepost.compliance.worn import Wearings, WornFixes, attribute, in_time_order
from milepost.garbage import collection_paused
from milepost.orders.model import OrderFile
from milepost.orders.obligations import Obligation
from milepost.tracks.record import Signals


@collection_paused()
def evaluate(
    order_file: OrderFile,
    obligations: list[Obligation] | Expand,
    signals: Signals,
    rules: RuleSet,
    *,
    begin_us: int | None = None,
    until_us: int | None = None,
    kernel: ModuleType | None = None,
    timeline_of: set[str] | None = None,
) -> Results:
    """Judges every obligation that overlaps the period of the signals.

    Args:
        obligations: what was owed, or the function that expands it (``orders.schedules.expand``), called
            with the period once that is known.
        begin_us, until_us: the period, microseconds UTC. None: from the first to the last time recorded.
        kernel: for tests; None chooses plain Python for small inputs and compiled code for large.
        timeline_of: people whose timelines are wanted; None: all.

    Raises:
        LookupError: no published rule table covers a regime on a date.
    """
    wearings = Wearings.of(order_file)
    columns = with_learned_errors(
        columns_of(signals.fixes),
        rules.learned,
        models_of(order_file),
        homes_if_learned(order_file, rules.learned),
    )
    log = DeviceLog.of(_until(signals.device_events, until_us), wearings)
    units, units_nobody = streams_by_person(_until(signals.presence, until_us), wearings)
    kernel = kernel or compiled.choose(3 * len(columns))
    worn = attribute(columns, wearings, kernel, until_us)
    period = _period(worn, log, units)
    counts = {
        "fixes": len(columns),
        "presence": signals.presence.num_rows,
        "device events": signals.device_events.num_rows,
        "future": worn.future + _future(signals.presence) + _future(signals.device_events),
        "nobody wore the device": worn.nobody_wore + log.nobody_wore + units_nobody,
        "duplicates": worn.repeats + log.repeats + sum(u.repeats for of in units.values() for u in of),
        "after the end": _after(signals, until_us),
    }
    begin_us = period[0] if begin_us is None else begin_us
    until_us = period[1] if until_us is None else until_us
    if begin_us is None or until_us is None or begin_us > until_us:
        end = until_us or 0
        return Results(period_start_us=end, period_end_us=end, counts=counts)
    begin, until = begin_us, until_us

    def judge_share(share: Share) -> Results:
        judged = judge(
            share.owed(begin, until),
            worn,
            wearings,
            units,
            log,
            orders_by_person(share.orders),
            rules,
            begin,
            until,
            kernel,
            set(share.people),
        )
        finish(judged.findings)
        counted = judged.findings.rows(COUNTED) if any(table.total for table in rules.tables) else []
        totals = running_totals(share.orders, counted, rules, begin, until)
        timeline = timeline_rows(judged.plan, judged.facts, begin, until, timeline_of)
        return Results(
            findings=judged.findings.table(),
            coverage=coverage_table(judged.plan, judged.facts, until),
            timeline=as_table(timeline, TIMELINE),
            totals=as_table(totals, TOTALS),
        )

    at_least = 1 if kernel is plain_kernel else 2 * compiled.CORES
    done = compiled.side_by_side(judge_share, in_shares(order_file, obligations, wearings, worn, at_least))
    return Results(
        findings=pa.concat_tables(share.findings for share in done),
        coverage=pa.concat_tables(share.coverage for share in done),
        timeline=pa.concat_tables(share.timeline for share in done),
        totals=pa.concat_tables(share.totals for share in done),
        period_start_us=begin_us,
        period_end_us=until_us,
        counts=counts,
    )


@dataclass(slots=True)
class Judged:
    """Findings with levels, and what they were drawn from."""

    findings: Findings
    plan: Plan
    facts: Facts


def judge(
    obligations: list[Obligation],
    worn: WornFixes,
    wearings: Wearings,
    units: dict[str, list[UnitStream]],
    log: DeviceLog,
    orders: dict[str, list[InForce]],
    rules: RuleSet,
    begin_us: int,
    until_us: int,
    kernel: ModuleType,
    people: set[str],
    settled: Sequence[dict[str, Any]] = (),
) -> Judged:
    """The part that batch and live share: from whose signals these are to findings with levels.

    ``people``: who is judged. ``settled``: findings from before the beginning, which count where repeats are counted.
    """
    plan = make_plan(obligations, rules, begin_us, until_us)
    facts = compute(plan, worn, wearings, units, log, begin_us, until_us, kernel)
    findings = place_findings(plan, facts, wearings, until_us, kernel)
    standings = Standings(orders, plan, rules)
    findings.add(
        device_rows(
            people, plan, facts, worn, wearings, log, units, standings, rules, begin_us, until_us, kernel
        )
    )
    set_levels(findings, settled)
    return Judged(findings, plan, facts)


def _until(table: pa.Table, until_us: int | None) -> pa.Table:
    if until_us is None or not table.num_rows:
        return table
    times = table.column("recorded_at_utc").cast(pa.int64()).to_numpy()
    return table.filter(pa.array(times <= until_us))


def period_of(
    worn: WornFixes, events: pa.Table, presence: pa.Table, wearings: Wearings
) -> tuple[int | None, int | None]:
    """First and last time recorded by anything that somebody wore; microseconds UTC."""
    return _period(worn, DeviceLog.of(events, wearings), streams_by_person(presence, wearings)[0])


def _period(
    worn: WornFixes, log: DeviceLog, units: dict[str, list[UnitStream]]
) -> tuple[int | None, int | None]:
    times = [t for t in (worn.first_us, worn.last_us) if t is not None]
    times += [e.t for events in log.by_person.values() for e in (events[0], events[-1])]
    times += [e.t for of in units.values() for u in of if u.events for e in (u.events[0], u.events[-1])]
    return (min(times), max(times)) if times else (None, None)


def _future(table: pa.Table) -> int:
    """Signals whose time is not known, because their device's clock was ahead."""
    if "quality" not in table.column_names:
        return 0
    return int(((table.column("quality").to_numpy() & plain_kernel.FUTURE) != 0).sum())


def _after(signals: Signals, until_us: int | None) -> int:
    """Signals recorded after the end of the evaluation: kept, not read."""
    if until_us is None:
        return 0
    tables = (signals.fixes, signals.presence, signals.device_events)
    return sum(t.num_rows - _until(t, until_us).num_rows for t in tables)


def device_rows(
    people: set[str],
    plan: Plan,
    facts: Facts,
    worn: WornFixes,
    wearings: Wearings,
    log: DeviceLog,
    units: dict[str, list[UnitStream]],
    standings: Standings,
    rules: RuleSet,
    begin_us: int,
    until_us: int,
    kernel: ModuleType,
) -> list[dict[str, Any]]:
    """Device findings of these people: events, batteries, silences. Looks closely only where there is cause."""
    batteries = [t.evidence.battery for t in rules.tables]
    low_pct = max((max(b.low_pct, b.dead_pct) for b in batteries), default=0.0)
    quiet_us = min((t.evidence.no_contact_after_s for t in rules.tables), default=0.0) * 1e6
    first_track: dict[str, int] = {}
    for track, person in enumerate(plan.trk_person):
        first_track.setdefault(plan.persons[person], track)
    of_batteries = battery_findings(worn, people, log.by_person, standings, until_us, low_pct, kernel)
    rows: list[dict[str, Any]] = []
    for person_id in sorted(people):
        events = log.by_person.get(person_id, [])
        slices = worn.slices.get(person_id, [])
        if events:
            rows += event_findings(events, standings, until_us)
        rows += of_batteries.get(person_id, ())
        if person_id in first_track and _gaps_show_silence(plan, first_track[person_id], quiet_us):
            gaps = _gaps_of_track(facts, first_track[person_id], quiet_us)
        else:
            gaps = _gaps_of_slices(worn.columns, slices, begin_us, until_us, quiet_us)
        if gaps:
            signs = other_signs(events, units.get(person_id, []))
            rows += silence_findings(person_id, gaps, signs, wearings, standings, begin_us, until_us)
    return rows


def _gaps_show_silence(plan: Plan, track: int, quiet_us: float) -> bool:
    """Whether every silence is also a gap, as it is in any sensible rule table."""
    row = plan.trk_row[track]
    longest = max(plan.parameters[row + plain_kernel.P_GAP], plan.parameters[row + plain_kernel.P_HOLD])
    return bool(longest <= quiet_us)


def _reference(columns: Columns, row: int) -> str:
    return reference_to_fix(
        columns.devices[columns.device[row]], int(columns.t[row]), int(columns.source[row])
    )


def _gaps_of_track(facts: Facts, track: int, quiet_us: float) -> list[tuple[int, int, str, str]]:
    """Long gaps between contacts, with the references of the contacts at both ends."""
    gaps = []
    columns = facts.groups[facts.trk_group[track]].columns
    i0, i1 = int(facts.trk_i0[track]), int(facts.trk_i1[track])
    strength = facts.groups[facts.trk_group[track]].strength
    for g in range(int(facts.trk_gap0[track]), int(facts.trk_gap1[track])):
        t0, t1 = int(facts.gap_t0[g]), int(facts.gap_t1[g])
        if t1 - t0 <= quiet_us:
            continue
        row = int(facts.gap_i[g])
        after = plain_kernel.first_at_or_after(columns.t, i0, i1, t1)
        while after < i1 and strength[after] == plain_kernel.IGNORED:
            after += 1
        found = after < i1 and columns.t[after] == t1
        gaps.append(
            (
                t0,
                t1,
                _reference(columns, row) if row >= 0 else "",
                _reference(columns, after) if found else "",
            )
        )
    return gaps


def _gaps_of_slices(
    columns: Columns, slices: list[tuple[int, int, Any]], begin_us: int, until_us: int, quiet_us: float
) -> list[tuple[int, int, str, str]]:
    """The same for someone with nothing to judge, whose fixes the kernel did not run over."""
    rows = np.concatenate([np.arange(a, b) for a, b, _ in slices] or [np.zeros(0, np.int64)])
    says = plain_kernel.FUTURE | plain_kernel.SAYS_NOTHING
    rows = rows[(columns.quality[rows] & says) == 0]
    rows = in_time_order(columns, rows)
    times = [begin_us, *columns.t[rows].tolist(), until_us]
    references = ["", *rows.tolist(), ""]
    return [
        (
            t0,
            t1,
            "" if isinstance(r0, str) else _reference(columns, r0),
            "" if isinstance(r1, str) else _reference(columns, r1),
        )
        for t0, t1, r0, r1 in zip(times, times[1:], references, references[1:], strict=False)
        if t1 - t0 > quiet_us
    ]
