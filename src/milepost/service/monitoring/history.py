"""The history of an incident as one list: what the engine found, what people did, what they decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milepost.service.monitoring import words
from milepost.service.monitoring.models import Decision, Finding, IncidentEvent
from milepost.service.monitoring.policy_data import contact_codes, reasons
from milepost.service.web.formats import duration, weekday_time
from milepost.times import from_us


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``text`` may hold what people wrote: the template escapes it. ``folds``: lines that differ in nothing a
    person can see are one; those of equal text there follow each other."""

    at_utc: dt.datetime
    title: str
    by: str
    text: tuple[str, ...]
    folds: str = ""


def history_of(
    events: Iterable[IncidentEvent], findings: Iterable[Finding], decisions: Iterable[Decision]
) -> list[Line]:
    """Newest first."""
    lines = [_of_event(e) for e in events]
    lines += [_of_finding(f) for f in findings]
    for decision in decisions:
        lines += _of_decision(decision)
    return _folded(sorted(lines, key=lambda line: line.at_utc, reverse=True))


def _folded(lines: list[Line]) -> list[Line]:
    """Revisions in a row that say the same in words become one line: the newest, and how many there were since when."""
    told: list[Line] = []
    for folds, group in groupby(lines, key=lambda line: line.folds):
        newest, *older = group
        if folds and older:
            note = ngettext(
                "%(n)d earlier revision since %(time)s said the same.",
                "%(n)d earlier revisions since %(time)s said the same.",
                len(older),
            ) % {"n": len(older), "time": weekday_time(older[-1].at_utc)}
            told.append(replace(newest, text=(*newest.text, note)))
        else:
            told += [newest, *older]
    return told


def _of_event(event: IncidentEvent) -> Line:
    told = []
    if event.kind == IncidentEvent.Kind.CONTACT:
        codes = contact_codes()
        channel = next((str(c) for c in codes.channel if c.code == event.channel), event.channel)
        outcome = next((str(o) for o in codes.outcome if o.code == event.outcome), event.outcome)
        told.append(f"{channel}: {outcome}")
    if event.kind == IncidentEvent.Kind.CHANGED and event.details.get("level"):
        level = words.of_code(words.LEVELS, event.details["level"])
        told.append(_("The level rose to: %(level)s") % {"level": level})
    if event.kind == IncidentEvent.Kind.HANDED_OVER and event.details.get("to_name"):
        names = {"from": event.details["from_name"], "to": event.details["to_name"]}
        told.append(_("From %(from)s to %(to)s") % names)
    if event.kind == IncidentEvent.Kind.CALL_BACK:
        told.append(_("For %(time)s") % {"time": weekday_time(event.details["due_us"])})
    if event.text:
        told.append(event.text)
    by = event.by.name if event.by else _("the engine")
    return Line(event.at_utc, str(words.of_code(words.EVENTS, event.kind)), by, tuple(told))


def _of_finding(finding: Finding) -> Line:
    kind = str(words.of_code(words.KINDS, finding.kind))
    told = _("%(kind)s, %(length)s (%(id)s)") % {
        "kind": kind, "length": duration(finding.seconds), "id": finding.finding_id,
    }  # fmt: skip
    folds = ""
    if finding.withdrawn:
        title = _("Found, and later withdrawn")
    elif finding.revision > 1:
        title = _("Finding revised: revision %(n)d") % {"n": finding.revision}
        folds = f"{kind} {duration(finding.seconds)}"
    else:
        title = _("Found")
    return Line(from_us(finding.told_us), title, _("the engine"), (told,), folds)


def _of_decision(decision: Decision) -> list[Line]:
    reason = reasons().named(decision.reason_code)
    told = [str(reason or decision.reason_code), decision.explanation]
    if decision.evidence:
        told.append(_("Proof: %(evidence)s") % {"evidence": decision.evidence})
    told.append(
        _("Rests on %(findings)s under %(tables)s; revision %(n)d of the alert.")
        % {
            "findings": ", ".join(decision.finding_ids) or _("no finding"),
            "tables": ", ".join(decision.rule_tables) or _("no rule table"),
            "n": decision.incident_revision,
        }
    )
    if not decision.counts_toward_total:
        told.append(_("Its minutes leave the running total. The record stays."))
    title = _("Decision: %(kind)s, %(state)s") % {
        "kind": words.of_code(words.DECISIONS, decision.kind),
        "state": words.of_code(words.DECISION_STATES, decision.state),
    }
    lines = [Line(decision.at_utc, title, decision.by.name, tuple(t for t in told if t))]
    if decision.second_utc is not None and decision.second_by is not None:
        refused = decision.state == Decision.State.REFUSED
        answer = (
            _("Second person refused the decision") if refused else _("Second person confirmed the decision")
        )
        note = (decision.second_note,) if decision.second_note else ()
        lines.append(Line(decision.second_utc, answer, decision.second_by.name, note))
    return lines
