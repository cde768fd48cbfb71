"""The evidence of one finding, row by row, each with its distance, precision and probability."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from milepost.compliance.display_contacts import Contact
from milepost.compliance.display_geometry import PRECISION_TO_SIGMA, chance_of_side, needed_distance_m
from milepost.compliance.explain_case import Case, Side
from milepost.compliance.finding_kinds import Family
from milepost.compliance.plain_times import exact_local, exact_utc
from milepost.compliance.plain_words import EVENT_WORDS, SOURCE_WORDS, metres_words, words
from milepost.compliance.rule_tables import Evidence
from milepost.language import Language, to_say
from milepost.tracks.record import PresenceState

HOME_UNIT = "home_unit"
"""How the reference of a home unit's word ends."""
SIDES = (to_say("inside"), to_say("outside"))
"""What a row may say of a side; the same two words name it as data."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One signal. ``distance_m`` is to the boundary, positive inside; ``probability`` is that of ``side``.

    A probability is the least that an error in any direction leaves to that side; None where the signal proves none.
    ``side`` is "inside", "outside" or "" in every language; ``time_local``, ``source``, ``says`` and ``distance_words``
    are said in the language of the explanation.
    """

    time_us: int
    time_utc: str
    time_local: str
    device_id: str
    source: str
    says: str
    reference: str
    side: str = ""
    distance_m: float | None = None
    precision_m: float | None = None
    precision_assumed: bool = False
    precision_said_m: float | None = None
    """What the device claimed, where that is better than is believed; ``precision_m`` is what counts."""
    probability: float | None = None
    lon: float | None = None
    lat: float | None = None
    payload_ref: str | None = None
    distance_words: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the distance in metres alone, which its words would only repeat."""
        told = asdict(self)
        del told["distance_words"]
        return told


def _distance_words(distance_m: float | None, language: Language) -> str:
    if distance_m is None:
        return language.say("none")
    metres = metres_words(distance_m, language)
    side = to_say("{distance} inside") if distance_m >= 0 else to_say("{distance} outside")
    return language.say(side, distance=metres)


def side_shown(case: Case, contact: Contact) -> Side | None:
    """The side a contact proves under the finding's rule table; None if it proves none."""
    if contact.standing != "strong" or case.geometry is None or case.table is None:
        return None
    away = away_m(case, contact)
    rules, precision = case.table.evidence, contact.used_precision_m
    if (
        away > 0
        and away >= needed_distance_m(precision, rules.breach.probability)
        and not is_explained(case, contact)
    ):
        return case.breach_side
    if away < 0 and -away >= max(needed_distance_m(precision, rules.kept.probability), rules.kept.buffer_m):
        return case.kept_side
    return None


def away_m(case: Case, contact: Contact) -> float:
    """Metres beyond the kept side, negative on it."""
    assert case.geometry is not None
    distance = case.geometry.signed_distance_m(contact.fix.lon, contact.fix.lat)
    return distance if case.breach_side == "inside" else -distance


def is_explained(case: Case, contact: Contact) -> bool:
    """Whether a strong contact is easily explained from the kept side (section 3)."""
    if contact.standing != "strong" or case.geometry is None or case.table is None:
        return False
    return easily_explained(case.table.evidence, contact, away_m(case, contact))


def easily_explained(evidence: Evidence, contact: Contact, away: float) -> bool:
    """As ``is_explained``, of a strong contact whose metres beyond the kept side are known."""
    sigma_m = contact.used_precision_m / PRECISION_TO_SIGMA
    return away <= 0 or away <= evidence.explained.sigmas * sigma_m


def evidence_rows(case: Case) -> list[EvidenceRow]:
    """The signals that show the finding (section 11 of "How the engine decides"), by time."""
    described = case.description
    start, end = case.us("start_utc"), case.us("end_utc")
    if described.of_places:
        rows = [*_breach_contacts(case, start, end), *_breach_presence(case, start, end)]
        if not rows:
            before = list(_breach_contacts(case, start - 24 * 3600 * 1_000_000, start))
            rows = before[-1:]
    elif described.family is Family.CONFLICT:
        rows = [fix_row(case, c) for c in contacts_between(case, start, end)]
        rows += [_presence_row(case, p) for p in _presence(case) if start <= p["time_us"] <= end]
    else:
        rows = list(_device_rows(case, start, end))
    return sorted(rows, key=lambda row: (row.time_us, _of_home_unit(row), row.reference))


def rows_against(case: Case) -> list[EvidenceRow]:
    """The signals that speak for the person, in the time in which the finding may lie, by time.

    Positions that are easily explained from the kept side, and a home unit that hears the tag.
    """
    if not case.description.of_places:
        return []
    start, end = case.us("start_utc"), case.us("end_utc")
    start, end = min(case.us("start_earliest_utc"), start), max(case.us("end_latest_utc"), end)
    rows = [fix_row(case, c) for c in contacts_between(case, start, end) if is_explained(case, c)]
    if case.breach_side == "outside":
        heard = [p for p in _presence(case) if p["state"] == PresenceState.IN_RANGE]
        rows += [_presence_row(case, p) for p in heard if start <= p["time_us"] <= end]
    return sorted(rows, key=lambda row: (row.time_us, _of_home_unit(row), row.reference))


def _of_home_unit(row: EvidenceRow) -> bool:
    return row.reference.endswith(f"/{HOME_UNIT}")


def contacts_between(case: Case, first_us: int, last_us: int) -> list[Contact]:
    """The person's contacts of that time, its ends included, under the finding's rule table; not those that say
    nothing."""
    return case.signals.heard(case.table.evidence).between(first_us, last_us) if case.table else []


def silences(case: Case) -> list[tuple[int, int]]:
    """When the tag was silent for longer than its own schedule lets it be, as (from, until), microseconds UTC."""
    return case.signals.heard(case.table.evidence).gaps if case.table else []


def _breach_contacts(case: Case, start: int, end: int) -> Iterator[EvidenceRow]:
    for contact in contacts_between(case, start, end):
        if side_shown(case, contact) == case.breach_side:
            yield fix_row(case, contact)


def _presence(case: Case) -> list[dict[str, Any]]:
    return case.signals.presence if case.obligation and case.obligation.duty == "be_inside" else []


def _breach_presence(case: Case, start: int, end: int) -> Iterator[EvidenceRow]:
    if case.breach_side != "outside":
        return
    last_before: dict[str, dict[str, Any]] = {}
    for event in _presence(case):
        if event["time_us"] < start:
            last_before[event["device_id"]] = event
        elif event["time_us"] <= end and event["state"] == PresenceState.OUT_OF_RANGE:
            yield _presence_row(case, event)
    for event in last_before.values():
        gap_us = case.table.evidence.presence.gap_s * 1_000_000 if case.table else 0
        if event["state"] == PresenceState.OUT_OF_RANGE and start - event["time_us"] <= gap_us:
            yield _presence_row(case, event)


def _row(
    case: Case, time_us: int, device_id: str, source: str, says: str, what: str, **more: Any
) -> EvidenceRow:
    utc = exact_utc(time_us)
    return EvidenceRow(
        time_us=time_us,
        time_utc=utc,
        time_local=exact_local(time_us, case.timezone, with_offset=case.with_offset, language=case.language),
        device_id=device_id,
        source=source,
        says=says,
        reference=f"{device_id}@{utc}/{what}",
        distance_words=_distance_words(more.get("distance_m"), case.language),
        **more,
    )


def fix_row(case: Case, contact: Contact) -> EvidenceRow:
    """One fix as a row of evidence."""
    fix = contact.fix
    more: dict[str, Any] = {}
    shown = side_shown(case, contact)
    says = to_say("position")
    if case.geometry is not None:
        distance = case.geometry.signed_distance_m(fix.lon, fix.lat)
        side = shown or ("inside" if distance >= 0 else "outside")
        weak = contact.standing == "weak"
        explained = is_explained(case, contact) and (distance >= 0) != (case.kept_side == "inside")
        says = shown or (
            to_say("proves no place")
            if weak
            else to_say("may well have been on the other side")
            if explained
            else to_say("too close to tell")
        )
        on_side = distance if side == "inside" else -distance
        more = {
            "side": side,
            "distance_m": distance,
            "probability": chance_of_side(on_side, contact.used_precision_m) if shown else None,
        }
    return _row(
        case,
        fix.time_us,
        fix.device_id,
        case.language.say(SOURCE_WORDS[fix.source]),
        case.language.say(says),
        fix.source.name.lower(),
        precision_m=contact.used_precision_m,
        precision_assumed=fix.precision_m is None,
        precision_said_m=fix.precision_m,
        lon=fix.lon,
        lat=fix.lat,
        payload_ref=fix.payload_ref,
        **more,
    )


def _presence_row(case: Case, event: dict[str, Any]) -> EvidenceRow:
    heard = event["state"] == PresenceState.IN_RANGE
    if event["heartbeat"]:
        says = to_say("hears the tag (repeated)") if heard else to_say("does not hear the tag (repeated)")
    else:
        says = to_say("hears the tag") if heard else to_say("does not hear the tag")
    return _row(
        case,
        event["time_us"],
        event["device_id"],
        case.language.say("home unit"),
        case.language.say(says),
        HOME_UNIT,
        side="inside" if heard else "outside",
        probability=case.table.evidence.presence.certainty if case.table else None,
        payload_ref=event["payload_ref"],
    )


def _device_rows(case: Case, start: int, end: int) -> Iterator[EvidenceRow]:
    described = case.description
    shows_it = {*described.begins, *described.ends}
    device = str(case.finding.get("first_evidence") or "").split("@")[0]
    certainty = case.table.evidence.device_event_certainty if case.table else None
    for event in case.signals.events:
        edge = described.family is Family.CONTACT and event["time_us"] in (start, end)
        if start <= event["time_us"] <= end and (event["kind"] in shows_it or edge):
            if device and event["device_id"] != device and not edge:
                continue
            yield _row(
                case,
                event["time_us"],
                event["device_id"],
                case.language.say("device event"),
                _event_words(event, case.language),
                event["kind"],
                probability=certainty,
                payload_ref=event["payload_ref"],
            )
    if described.family in (Family.POWER, Family.CONTACT):
        yield from _readings(case, start, end)


def _event_words(event: dict[str, Any], language: Language) -> str:
    """``alcohol, 35 ug (code A7)``: value, unit and code as the device gave them."""
    told = words(event["kind"], EVENT_WORDS, language)
    if event["value"] is not None:
        reading = f"{event['value']:g} {event['unit'] or ''}".rstrip()
        told = language.say("{event}, {reading}", event=told, reading=reading)
    if event["raw_code"]:
        told = language.say("{event} (code {code})", event=told, code=event["raw_code"])
    return told


def _readings(case: Case, start: int, end: int) -> Iterator[EvidenceRow]:
    """Battery readings of the fixes; for a silence the last fix before it and the first after."""
    silence = case.description.family is Family.CONTACT
    language = case.language
    for contact in contacts_between(case, start, end):
        fix = contact.fix
        if silence and fix.time_us not in (start, end):
            continue
        if not silence and fix.battery_pct is None:
            continue
        if fix.battery_pct is None:
            says = language.say("heard")
        else:
            says = language.say("battery {charge}%", charge=language.decimal(fix.battery_pct, 0))
        yield _row(
            case,
            fix.time_us,
            fix.device_id,
            language.say(SOURCE_WORDS[fix.source]),
            says,
            fix.source.name.lower(),
            lon=fix.lon,
            lat=fix.lat,
            precision_m=contact.used_precision_m,
            payload_ref=fix.payload_ref,
        )
