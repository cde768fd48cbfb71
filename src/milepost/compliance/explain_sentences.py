"""One finding told in plain sentences. The first three are for everyone; the rest prove them."""

from __future__ import annotations

from milepost.compliance.explain_case import Case
from milepost.compliance.explain_evidence import EvidenceRow
from milepost.compliance.explain_gaps import gaps_of
from milepost.compliance.plain_times import at, clock, duration_words, moment_words, span_words
from milepost.compliance.plain_words import (
    ABSENCES,
    ATTENDANCE_KINDS,
    CAUSE_WORDS,
    CONDITION_WORDS,
    PLACE_KINDS,
    REGIME_WORDS,
    ZONE_KINDS,
    certainty_words,
    chance_words,
    count_words,
    metres_words,
    percent_words,
    words,
)
from milepost.compliance.results import FindingKind
from milepost.orders.clock import FAR_FUTURE_US

GAPS_TOLD = 5

WITNESS_WORDS = {
    "fixes": "The tag’s own positions are the only witness.",
    "home_unit": "The home unit is the only witness: it says if it can hear the tag, not where the tag is.",
    "both": "There are two witnesses, the tag’s positions and the home unit, and they agree.",
    "device": "The device’s own report is the only witness.",
}

DEVICE_SAYS = {
    "strap_tamper": "The tag reported that its strap was pulled, cut or opened",
    "case_tamper": "The device reported that its case was opened",
    "power_off": "The device reported that it had no power",
    "unit_moved": "The home unit reported that it was moved",
    "device_fault": "The device reported a fault",
    "battery_low": "The tag said that its battery was low",
    "battery_dead": "The tag’s battery ran flat",
    "no_contact": "Nothing was heard from the tag",
    "alcohol": "The device sent an alcohol reading",
}

DOES_NOT_SHOW = {
    "strap_tamper": "A knock or a worn strap can cause this report. It does not show that anyone meant it.",
    "case_tamper": "A knock can cause this report. It does not show that anyone meant it.",
    "battery_low": "It does not show why the tag was not charged.",
    "battery_dead": "It does not show where the person was in that time, or why the tag was not charged.",
    "no_contact": "Silence does not show where the person was. It is not a broken condition in itself.",
    "alcohol": "It does not show where the alcohol came from. Some products can cause a reading.",
    "evidence_conflict": "It does not show which witness is right. It counts as neither kept nor broken.",
}
DOES_NOT_SHOW_PLACE = (
    "It shows where the tag was. It does not show why, whose fault it was, or if there was a good reason."
)


def parts_of(case: Case, rows: list[EvidenceRow]) -> dict[str, tuple[str, ...]]:
    """The explanation in order, by part; sentences that would be empty are left out."""
    told: dict[str, list[str]] = {
        "summary": [owed(case), seen(case), bracket(case)],
        "basis": [basis(case)],
        "evidence": [*evidence_told(case, rows), witness(case)],
        "unknown": unknown(case),
        "certainty": [how_sure(case)],
        "rule": [*meaning(case), revision(case)],
        "limits": [DOES_NOT_SHOW.get(case.finding["kind"], DOES_NOT_SHOW_PLACE)],
    }
    return {part: tuple(sentence for sentence in sentences if sentence) for part, sentences in told.items()}


def owed(case: Case) -> str:
    """Who owed what, from when until when."""
    obligation = case.obligation
    if obligation is None:
        if case.finding.get("obligation_start_utc") is None:
            return f"{case.who} had a tag or a home unit fitted."
        start, end, kind = case.us("obligation_start_utc"), case.us("obligation_end_utc"), case.condition
        duty = f"keep the condition “{kind.id if kind else case.finding['condition_id']}”"
    else:
        start, end = obligation.start_us, obligation.end_us
        zone = case.place
        duty = {
            "be_inside": f"be at {zone}" if obligation.kind == "curfew" else f"stay inside {zone}",
            "be_outside": f"stay out of {zone}",
            "attend": f"be at {zone}",
            "be_tracked": "wear a tag that shows where it is",
            "be_sober": "drink no alcohol",
            "charge_and_wear": "wear the tag and keep it charged",
        }[obligation.duty]
    if end >= FAR_FUTURE_US:
        began = moment_words(start, case.timezone)
        return f"{case.who} had to {duty} from {began} {at(start, case.timezone).year}, with no end set."
    return f"{case.who} had to {duty} {span_words(start, end, case.timezone, with_offset=case.with_offset)}."


def _when(case: Case) -> str:
    start, end = case.us("start_utc"), case.us("end_utc")
    if case.finding["status"] == "open":
        return f"from {moment_words(start, case.timezone, with_offset=case.with_offset)}"
    if start == end:
        return f"at {moment_words(start, case.timezone, with_offset=case.with_offset)}"
    return span_words(start, end, case.timezone, with_offset=case.with_offset)


def seen(case: Case) -> str:
    """What was seen, from when until when, and how long it counts."""
    kind, counted = case.finding["kind"], duration_words(case.finding["seconds"] or 0)
    still = case.finding["status"] == "open"
    end = (
        f" It was still so at {clock(case.us('end_utc'), case.timezone)}, the last we know." if still else ""
    )
    if kind in ABSENCES:
        return f"The tag was away {_when(case)}: {counted}.{end}"
    if kind in ZONE_KINDS:
        side = "in the zone" if case.breach_side == "inside" else "outside the area"
        return f"The tag was {side} {_when(case)}: {counted}.{end}"
    if kind == FindingKind.ATTENDANCE_MISSED:
        return "The tag was never seen there in that time."
    if kind in ATTENDANCE_KINDS:
        return f"The tag was not there {_when(case)}: {counted}."
    if kind == FindingKind.EVIDENCE_CONFLICT:
        return f"The tag and the home unit did not agree {_when(case)}: {counted}."
    return f"{DEVICE_SAYS.get(kind, 'The device reported ' + kind.replace('_', ' '))} {_when(case)}.{end}"


def bracket(case: Case) -> str:
    """Between which moments the true start and end lie."""
    if case.finding["kind"] == FindingKind.EVIDENCE_CONFLICT:
        return "We do not know which of the two is right."
    if case.finding["kind"] not in PLACE_KINDS:
        return ""
    start, end = case.us("start_utc"), case.us("end_utc")
    earliest = min(case.us("start_earliest_utc"), start)
    latest = max(end, case.us("end_latest_utc"))

    def told(us: int) -> str:
        return clock(us, case.timezone, with_offset=case.with_offset)

    parts = []
    if start - earliest >= 60_000_000:
        parts.append(f"It may have begun as early as {told(earliest)}.")
    if latest - end >= 60_000_000:
        parts.append(f"It may have gone on until {told(latest)}.")
    if not parts:
        return "Both times are certain to the minute."
    return " ".join(parts)


def basis(case: Case) -> str:
    """Which condition of which version of which order."""
    finding = case.finding
    regime = words(case.order.regime.value, REGIME_WORDS) if case.order else "kind not known"
    order = f"order {finding['order_id']}, version {finding['order_version']} ({regime})"
    if not finding["condition_id"]:
        return f"It belongs to no condition. The order in force was {order}."
    kind = case.condition.kind.value if case.condition else ""
    document = case.condition.source_document if case.condition else None
    source = f", as written in {document}" if document else ""
    named = f"{finding['condition_id']} ({words(kind, CONDITION_WORDS)})"
    return f"This comes from condition {named} of {order}{source}."


def _row_told(row: EvidenceRow) -> str:
    if row.distance_m is None:
        return f"{row.time_local} ({row.source}: {row.says})"
    assumed = " assumed" if row.precision_assumed else ""
    chance = ""
    if row.probability is not None:
        chance = f", so the chance that the tag was {row.side} is {chance_words(row.probability)}"
    return (
        f"{row.time_local}, {metres_words(row.distance_m)} "
        f"{'inside' if row.distance_m >= 0 else 'outside'} the boundary by {row.source}, "
        f"precision {metres_words(row.precision_m or 0)}{assumed}{chance}"
    )


def evidence_told(case: Case, rows: list[EvidenceRow]) -> list[str]:
    """How many signals show it, and the first and the last of them."""
    counted = case.finding["evidence_count"]
    shown = f"{count_words(counted, 'signal')} {'shows' if counted == 1 else 'show'} this."
    if not rows:
        first = case.finding["first_evidence"]
        return [f"{shown} The first is {first}."] if first else []
    told = [shown, f"The first: {_row_told(rows[0])}."]
    if len(rows) > 1:
        told.append(f"The last: {_row_told(rows[-1])}.")
    return told


def witness(case: Case) -> str:
    if case.finding["kind"] == FindingKind.EVIDENCE_CONFLICT:
        return (
            "There are two witnesses, the tag’s positions and the home unit. One says in, the other says out."
        )
    return WITNESS_WORDS.get(case.finding["witness"], "")


def unknown(case: Case) -> list[str]:
    """The silences in the time, with their causes, and how much of the time is known."""
    start = min(case.us("start_earliest_utc"), case.us("start_utc"))
    end = max(case.us("end_latest_utc"), case.us("end_utc"))
    gaps = gaps_of(case, start, end) if case.finding["kind"] != FindingKind.NO_CONTACT else []
    told = [
        "The tag gave no position "
        + span_words(gap.start_us, gap.end_us, case.timezone, with_offset=case.with_offset)
        + f" ({words(gap.cause, CAUSE_WORDS)})."
        for gap in gaps[:GAPS_TOLD]
    ]
    if len(gaps) > GAPS_TOLD:
        more = len(gaps) - GAPS_TOLD
        told.append("There was 1 more such time." if more == 1 else f"There were {more} more such times.")
    own, whole = case.finding.get("coverage"), case.finding.get("obligation_coverage")
    if own is not None and own == whole:
        told.append(f"Something is known for {percent_words(own)} of this time, and of the whole time owed.")
        return told
    if own is not None:
        told.append(f"We have evidence for {percent_words(own)} of this time.")
    if whole is not None:
        told.append(
            f"We have evidence for {percent_words(whole)} of the whole time that the person had to keep to."
        )
    return told


def how_sure(case: Case) -> str:
    certainty = case.finding["certainty"]
    if certainty is None:
        return ""
    number = chance_words(certainty)
    if case.finding["kind"] == FindingKind.EVIDENCE_CONFLICT:
        return f"Neither witness counts for more than the other, so the chance is {number} either way."
    set_by_rule = {
        "device": " The rule table sets this number for every report of this sort; it was not measured.",
        "home_unit": " The rule table sets this number for every home unit; it was not measured.",
    }.get(case.finding["witness"], "")
    return f"The evidence is {certainty_words(certainty)}: {number} sure.{set_by_rule}"


def meaning(case: Case) -> list[str]:
    """What the rule table makes of it, and whose table that is."""
    finding, within = case.finding, case.finding["act_within_minutes"]
    by = f" Act within {duration_words(within * 60)}." if within else ""
    told = [
        f"Level: {finding['level']}. {finding['action']}{by}",
        f"Row “{finding['rule']}” of rule table {finding['rule_table']} sets this level.",
    ]
    if case.table is None:
        return [*told, "That table was not at hand when this page was written, so it cannot be quoted."]
    head = case.table.table
    told.append(f"Owner of the table: {head.owner}. In force from {head.effective_from}.")
    told.append(f"Source of the table: {head.source_document.rstrip('.')}.")
    if head.illustrative:
        told.append("Warning: this table is an illustration. It is nobody’s policy.")
    return told


def revision(case: Case) -> str:
    if not case.finding["supersedes"]:
        return ""
    return f"This is revision {case.finding['revision']}. It takes the place of {case.finding['supersedes']}."
