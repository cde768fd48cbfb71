"""One finding told in plain sentences. The first three are for everyone; the rest prove them.

Each sentence is a whole template, so that a translator may order its parts anew. Two sentences stand side by side with
a space between; no other text is put together from pieces.
"""

from __future__ import annotations

from milepost.compliance.display_geometry import needed_distance_m
from milepost.compliance.explain_case import Case
from milepost.compliance.explain_drift import SignInWords, drift_sentences
from milepost.compliance.explain_evidence import EvidenceRow
from milepost.compliance.explain_gaps import gaps_of
from milepost.compliance.explain_held import no_way_back
from milepost.compliance.explain_learned import erring
from milepost.compliance.finding_kinds import Family
from milepost.compliance.plain_times import at, clock, duration_words, moment_words, span_words
from milepost.compliance.plain_words import (
    CAUSE_WORDS,
    CONDITION_WORDS,
    REGIME_WORDS,
    certainty_words,
    chance_words,
    metres_words,
    percent_words,
    words,
)
from milepost.compliance.too_small import depth_m, too_small
from milepost.language import to_say
from milepost.orders.clock import FAR_FUTURE_US

GAPS_TOLD = 5

OWED = {
    "curfew": to_say("{who} had to be at {place} {when}."),
    "be_inside": to_say("{who} had to stay inside {place} {when}."),
    "be_outside": to_say("{who} had to stay out of {place} {when}."),
    "attend": to_say("{who} had to be at {place} {when}."),
    "be_tracked": to_say("{who} had to wear a tag that shows where it is {when}."),
    "be_sober": to_say("{who} had to drink no alcohol {when}."),
    "charge_and_wear": to_say("{who} had to wear the tag and keep it charged {when}."),
}

WITNESS_WORDS = {
    "fixes": to_say("The tag’s own positions are the only evidence."),
    "home_unit": to_say(
        "The home unit is the only evidence: it says if it can hear the tag, not where the tag is."
    ),
    "both": to_say(
        "There are two sources of evidence, the tag’s positions and the home unit, and they agree."
    ),
    "device": to_say("The device’s own report is the only evidence."),
}

SET_BY_RULE = {
    "device": to_say("The rule table sets this number for every report of this sort; it was not measured."),
    "home_unit": to_say("The rule table sets this number for every home unit; it was not measured."),
}


def parts_of(
    case: Case, rows: list[EvidenceRow], against: list[EvidenceRow], drift: tuple[SignInWords, ...] = ()
) -> dict[str, tuple[str, ...]]:
    """The explanation in order, by part; sentences that would be empty are left out."""
    told: dict[str, list[str]] = {
        "summary": [owed(case), seen(case, drifted=bool(drift)), bracket(case)],
        "drift": drift_sentences(case, drift),
        "against": speaks_for_them(case, against),
        "basis": [basis(case)],
        "evidence": [*evidence_told(case, rows), no_way_back(case), witness(case)],
        "unknown": [*unknown(case), too_inexact(case, [*rows, *against])],
        "certainty": [how_sure(case, drifted=bool(drift)), erring(case)],
        "rule": [*meaning(case), revision(case)],
        "limits": [case.language.say(case.description.limits)],
    }
    return {part: tuple(sentence for sentence in sentences if sentence) for part, sentences in told.items()}


def owed(case: Case) -> str:
    """Who owed what, from when until when."""
    obligation, language = case.obligation, case.language
    if obligation is None:
        if case.finding.get("obligation_start_utc") is None:
            return language.say("{who} had a tag or a home unit fitted.", who=case.who)
        start, end = case.us("obligation_start_utc"), case.us("obligation_end_utc")
        sentence = to_say("{who} had to keep the condition “{condition}” {when}.")
    else:
        start, end = obligation.start_us, obligation.end_us
        curfew = obligation.duty == "be_inside" and obligation.kind == "curfew"
        sentence = OWED["curfew" if curfew else obligation.duty]
    if end >= FAR_FUTURE_US:
        when = language.say(
            "from {start} {start_year}, with no end set",
            start=moment_words(start, case.timezone, language=language),
            start_year=str(at(start, case.timezone).year),
        )
    else:
        when = _span(case, start, end)
    condition = case.condition.id if case.condition else case.finding["condition_id"]
    return language.say(sentence, who=case.who, place=case.place, condition=condition, when=when)


def _span(case: Case, start_us: int, end_us: int) -> str:
    return span_words(start_us, end_us, case.timezone, with_offset=case.with_offset, language=case.language)


def _when(case: Case) -> str:
    start, end = case.us("start_utc"), case.us("end_utc")
    moment = moment_words(start, case.timezone, with_offset=case.with_offset, language=case.language)
    if case.finding["status"] == "open":
        return case.language.say("from {start}", start=moment)
    if start == end:
        return case.language.say("at {start}", start=moment)
    return _span(case, start, end)


POSITIONS_LAY = {
    "outside": to_say(
        "The tag’s positions were outside {place} {when}: {length}. It may be an error of the receiver."
    ),
    "inside": to_say(
        "The tag’s positions were inside {place} {when}: {length}. It may be an error of the receiver."
    ),
}
"""What was seen, where it looks like a drift of the receiver."""


def seen(case: Case, *, drifted: bool = False) -> str:
    """What was seen, from when until when, and how long it counts."""
    described, language = case.description, case.language
    told = language.say(
        POSITIONS_LAY[case.breach_side] if drifted else described.happened,
        when=_when(case),
        place=case.place,
        length=duration_words(case.finding["seconds"] or 0, language=language),
    )
    if case.finding["status"] != "open" or not described.may_go_on:
        return told
    until = clock(case.us("end_utc"), case.timezone, language=language)
    return f"{told} {language.say('It was still so at {clock}, the last we know.', clock=until)}"


def bracket(case: Case) -> str:
    """Between which moments the true start and end lie."""
    language = case.language
    if case.description.family is Family.CONFLICT:
        return language.say("We do not know which of the two is right.")
    if not case.description.of_places:
        return ""
    start, end = case.us("start_utc"), case.us("end_utc")
    earliest = min(case.us("start_earliest_utc"), start)
    latest = max(end, case.us("end_latest_utc"))

    def told(us: int) -> str:
        return clock(us, case.timezone, with_offset=case.with_offset, language=language)

    parts = []
    if start - earliest >= 60_000_000:
        parts.append(language.say("It may have started as early as {clock}.", clock=told(earliest)))
    if latest - end >= 60_000_000:
        parts.append(language.say("It may have gone on until {clock}.", clock=told(latest)))
    return " ".join(parts) or language.say("Both times are certain to the minute.")


def basis(case: Case) -> str:
    """Which condition of which version of which order."""
    finding, language = case.finding, case.language
    kind = case.condition.kind.value if case.condition else ""
    document = case.condition.source_document if case.condition else None
    if not finding["condition_id"]:
        sentence = to_say(
            "It belongs to no condition. The order in force was order {order}, version {version} ({regime})."
        )
    elif document:
        sentence = to_say(
            "This comes from condition {condition} ({kind}) of order {order}, version {version} ({regime}), "
            "as written in {document}."
        )
    else:
        sentence = to_say(
            "This comes from condition {condition} ({kind}) of order {order}, version {version} ({regime})."
        )
    regime = words(case.order.regime.value, REGIME_WORDS, language) if case.order else None
    return language.say(
        sentence,
        condition=finding["condition_id"],
        kind=words(kind, CONDITION_WORDS, language),
        order=finding["order_id"],
        version=str(finding["order_version"]),
        regime=regime or language.say("kind not known"),
        document=document or "",
    )


def _row_told(case: Case, row: EvidenceRow) -> str:
    """Where a signal was, by what, how exact and how likely; without a full stop, since it stands in a sentence."""
    language = case.language
    if row.distance_m is None:
        return language.say(
            "{time} ({source}: {says})", time=row.time_local, source=row.source, says=row.says
        )
    inside = row.distance_m >= 0
    where = to_say("{distance} inside the boundary") if inside else to_say("{distance} outside the boundary")
    floor_used = row.precision_said_m is not None and row.precision_said_m < (row.precision_m or 0)
    if row.precision_assumed:
        exact = to_say("precision {precision} assumed")
    elif floor_used:
        exact = to_say("precision {precision}, for the {said} that the device claims are not believed")
    else:
        exact = to_say("precision {precision}")
    if row.probability is None:
        sentence = to_say("{time}, {where} by {source}, {exact}")
    elif row.side == "inside":
        sentence = to_say(
            "{time}, {where} by {source}, {exact}, so the chance that the tag was inside is {chance}"
        )
    else:
        sentence = to_say(
            "{time}, {where} by {source}, {exact}, so the chance that the tag was outside is {chance}"
        )
    return language.say(
        sentence,
        time=row.time_local,
        where=language.say(where, distance=metres_words(row.distance_m, language)),
        source=row.source,
        exact=language.say(
            exact,
            precision=metres_words(row.precision_m or 0, language),
            said=metres_words(row.precision_said_m or 0, language),
        ),
        chance="" if row.probability is None else chance_words(row.probability, language),
    )


def evidence_told(case: Case, rows: list[EvidenceRow]) -> list[str]:
    """How many signals show it, and the first and the last of them."""
    language = case.language
    shown = language.say_n("{n} signal shows this.", "{n} signals show this.", case.finding["evidence_count"])
    if not rows:
        first = case.finding["first_evidence"]
        return [f"{shown} {language.say('The first is {signal}.', signal=first)}"] if first else []
    told = [shown, language.say("The first: {signal}.", signal=_row_told(case, rows[0]))]
    if len(rows) > 1:
        told.append(language.say("The last: {signal}.", signal=_row_told(case, rows[-1])))
    return told


def speaks_for_them(case: Case, rows: list[EvidenceRow]) -> list[str]:
    """What speaks for the person, before anything that speaks against them."""
    language = case.language
    if not case.description.of_places:
        return []
    if not rows:
        return [language.say("No signal in or near this time fits with the condition being kept.")]
    told = [
        language.say_n(
            "{n} signal in or near this time fits with the condition being kept.",
            "{n} signals in or near this time fit with the condition being kept.",
            len(rows),
        ),
        language.say("The first: {signal}.", signal=_row_told(case, rows[0])),
    ]
    if len(rows) > 1:
        told.append(language.say("The last: {signal}.", signal=_row_told(case, rows[-1])))
    return told


def too_inexact(case: Case, rows: list[EvidenceRow]) -> str:
    """Whether such positions could have shown at all that the condition was kept."""
    exact = [row.precision_m for row in rows if row.precision_m is not None]
    target = case.geometry.target if case.geometry else None
    radius_m = depth_m(target)
    if not exact or case.table is None or case.kept_side != "inside" or radius_m is None:
        return ""
    kept = case.table.evidence.kept
    inexact = [p for p in exact if max(needed_distance_m(p, kept.probability), kept.buffer_m) >= radius_m]
    return too_small(len(inexact) / len(exact), target, case.language)


def witness(case: Case) -> str:
    if case.description.family is Family.CONFLICT:
        return case.language.say(
            "There are two sources of evidence, the tag’s positions and the home unit. One says in, the other says out."
        )
    return case.language.say(WITNESS_WORDS.get(case.finding["witness"], ""))


def unknown(case: Case) -> list[str]:
    """The silences in the time, with their causes, and how much of the time is known."""
    language = case.language
    start = min(case.us("start_earliest_utc"), case.us("start_utc"))
    end = max(case.us("end_latest_utc"), case.us("end_utc"))
    gaps = gaps_of(case, start, end) if case.description.family is not Family.CONTACT else []
    told = [
        language.say(
            "The tag gave no position {when} ({cause}).",
            when=_span(case, gap.start_us, gap.end_us),
            cause=words(gap.cause, CAUSE_WORDS, language),
        )
        for gap in gaps[:GAPS_TOLD]
    ]
    if len(gaps) > GAPS_TOLD:
        more = len(gaps) - GAPS_TOLD
        told.append(language.say_n("There was {n} more such time.", "There were {n} more such times.", more))
    own, whole = case.finding.get("coverage"), case.finding.get("obligation_coverage")
    if own is not None and own == whole:
        both = to_say("Signals came for {percent} of this time, and of all the required time.")
        return [*told, language.say(both, percent=percent_words(own, language))]
    if own is not None:
        told.append(
            language.say("We have evidence for {percent} of this time.", percent=percent_words(own, language))
        )
    if whole is not None:
        told.append(
            language.say(
                "We have evidence for {percent} of all the time that the person had to keep to.",
                percent=percent_words(whole, language),
            )
        )
    return told


def how_sure(case: Case, *, drifted: bool = False) -> str:
    """``drifted``: something looks like a drift, so that the certainty holds only if it was none."""
    certainty, language = case.finding["certainty"], case.language
    if certainty is None:
        return ""
    chance = chance_words(certainty, language)
    if case.description.family is Family.CONFLICT:
        return language.say(
            "Neither source counts for more than the other, so the chance is {chance} either way.",
            chance=chance,
        )
    as_stated = to_say("The evidence is {strength}: {chance} sure.")
    unless = to_say(
        "If the positions are as exact as the device says, the evidence is {strength}: {chance} sure. If the receiver "
        "drifted, they do not show where the tag was, and nobody can say how sure it is."
    )
    told = language.say(
        unless if drifted else as_stated, strength=certainty_words(certainty, language), chance=chance
    )
    witness = case.finding["witness"]
    if witness == "both" and case.table and certainty == case.table.evidence.presence.certainty:
        witness = "home_unit"  # the surer of the two
    set_by_rule = SET_BY_RULE.get(witness)
    return f"{told} {language.say(set_by_rule)}" if set_by_rule else told


def meaning(case: Case) -> list[str]:
    """What the rule table makes of it, and whose table that is. The table's own words are quoted as they stand."""
    finding, language = case.finding, case.language
    say, level, within = language.say, finding["level"], finding["act_within_minutes"]
    to_do = say("Level: {level}. {action}", level=say(level), action=finding["action"])
    if within:
        length = duration_words(within * 60, language=language)
        to_do = f"{to_do} {say('Act within {length}.', length=length)}"
    told = [
        to_do,
        say(
            "Row “{row}” of rule table {table} sets this level.",
            row=finding["rule"],
            table=finding["rule_table"],
        ),
    ]
    if case.table is None:
        lost = say("That table was not available when this page was written, so it cannot be quoted.")
        return [*told, lost]
    head = case.table.table
    begins = str(head.effective_from)  # as the table writes it: who checks the table looks for this text
    told.append(say("Owner of the table: {owner}. In force from {day}.", owner=head.owner, day=begins))
    told.append(say("Source of the table: {source}.", source=head.source_document.rstrip(".")))
    if head.illustrative:
        told.append(say("Warning: this table is an illustration. It is nobody’s policy."))
    return told


def revision(case: Case) -> str:
    if not case.finding["supersedes"]:
        return ""
    return case.language.say(
        "This is revision {revision}. It takes the place of {finding}.",
        revision=str(case.finding["revision"]),
        finding=case.finding["supersedes"],
    )
