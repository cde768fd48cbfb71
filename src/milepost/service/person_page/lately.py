"""What was last heard: the last position, each device's health, and why there is silence if there is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from milepost.compliance.display_contacts import NO_PLACE, learned_of
from milepost.compliance.display_geometry import TargetGeometry, chance_of_side, used_precision_m
from milepost.compliance.finding_kinds import DESCRIPTIONS, Family, described
from milepost.compliance.homes import homes_if_learned, metres_from_home
from milepost.compliance.learned_errors import believed_m, models_of
from milepost.compliance.own_schedule import USUAL, longest_after_us
from milepost.compliance.plain_words import CAUSE_WORDS, chance_words
from milepost.compliance.rule_tables import Evidence
from milepost.orders.model import ConditionKind
from milepost.orders.schedules import expand
from milepost.service.maps.map_words import accuracy_words, doubt_words, source_words
from milepost.service.maps.rows import FixRow, fixes_of
from milepost.service.monitoring.models import Finding
from milepost.service.person_page.history import own_signals
from milepost.service.person_page.subject import Subject, Worn
from milepost.service.signals.models import DeviceEvent, Presence, Sender
from milepost.service.signals.read import latest_fix
from milepost.service.signals.worn import last_fix_before
from milepost.service.web.formats import metres
from milepost.service.web.language import LANGUAGE
from milepost.times import DAY_US, SECOND_US
from milepost.tracks.record import DEGREES_TO_E7, PresenceState

EVENTS_BACK_US = 30 * DAY_US
EVENTS_AT_MOST = 200
ZONE_KINDS = (ConditionKind.EXCLUSION_ZONE, ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE)
LIKELY = 0.5
"""A person is said to be at a place when that is likelier than not; the chance is printed beside it."""
SILENCE_CAUSES = sorted(
    (each.explains_silence, str(each.kind)) for each in DESCRIPTIONS if each.explains_silence is not None
)
"""Each cause of silence with the open finding that gives it; the first that holds is said."""
TAMPERS = [each for each in DESCRIPTIONS if each.family is Family.TAMPER]


@dataclass(frozen=True, slots=True)
class Health:
    """One device that the person has. Times in microseconds UTC; None is not known."""

    worn: Worn
    last_contact_us: int | None
    battery_pct: float | None
    battery_us: int | None
    battery_flat: bool
    tampers: tuple[tuple[str, int], ...]
    """Tampers reported and not restored: event kind and time."""
    power_off_us: int | None
    hears_tag: bool | None
    """A home unit's last word."""
    heard_us: int | None

    @property
    def tamper_words(self) -> list[tuple[str, int]]:
        """As ``tampers``, the kind in words."""
        return [(_(described(kind).title), us) for kind, us in self.tampers]


@dataclass(frozen=True, slots=True)
class Lately:
    fix: FixRow | None
    places: tuple[str, ...]
    """Where the last position puts the tag, each with its chance; "" where no place is known."""
    source: str
    accuracy: str
    doubt: str
    silent_since_us: int | None
    silence_cause: str
    devices: tuple[Health, ...]


def lately(subject: Subject, open_findings: Iterable[Finding]) -> Lately:
    """Six queries, however many devices; one more for a tag that has sent no position for weeks, a few more where nothing
    was heard for longer than the shortest gap, but not for long.

    Raises:
        LakeMissing: such a tag's days are in the position lake, and there is none.
    """
    on = [w for w in subject.worn if w.from_us <= subject.now_us < w.until_us]
    ids = [w.device_id for w in on]
    fixes = {fix.device_id: fix for fix in _own(on, fixes_of(latest_fix(ids)))}
    for tag in (w for w in on if w.device_kind == "tag" and w.device_id not in fixes):
        fixes |= {fix.device_id: fix for fix in fixes_of(last_fix_before(tag))}
    numbers = {s.device_id: s for s in Sender.objects.filter(device_id__in=ids)} if ids else {}
    names = {s.pk: s.device_id for s in numbers.values()}
    since_us = subject.now_us - EVENTS_BACK_US
    events = list(
        DeviceEvent.objects.filter(sender__in=names, recorded_us__gte=since_us).order_by("-recorded_us")[:EVENTS_AT_MOST]
    ) if names else []  # fmt: skip
    heard = list(
        Presence.objects.filter(sender__in=names, recorded_us__gte=subject.now_us - 2 * DAY_US).order_by(
            "-recorded_us")[: 20 * len(names)]
    ) if names else []  # fmt: skip
    health = tuple(_health(w, fixes.get(w.device_id), names, events, heard) for w in on)
    fix = max(fixes.values(), key=lambda f: f.time_us, default=None)
    since, cause = _silence(subject, health, fix, open_findings)
    return Lately(
        fix=fix,
        places=_places(subject, fix),
        source=source_words(fix) if fix else "",
        accuracy=accuracy_words(_believed_m(subject, fix)) if fix else "",
        doubt=doubt_words(fix) if fix else "",
        silent_since_us=since,
        silence_cause=cause,
        devices=health,
    )


def _own(on: list[Worn], fixes: list[FixRow]) -> list[FixRow]:
    """Not what the device said while somebody else had it."""
    begins = {w.device_id: w.from_us for w in on if w.device_kind != "home_unit"}
    return [fix for fix in fixes if fix.device_id in begins and fix.time_us >= begins[fix.device_id]]


def _health(
    worn: Worn, fix: FixRow | None, names: dict[int, str], events: list[DeviceEvent], heard: list[Presence]
) -> Health:
    own = [e for e in events if names[e.sender_id] == worn.device_id and e.recorded_us >= worn.from_us]
    said = [p for p in heard if names[p.sender_id] == worn.device_id and p.recorded_us >= worn.from_us]
    readings = [
        (e.recorded_us, e.value)
        for e in own
        if e.kind.startswith("battery") and e.unit == "%" and e.value is not None
    ]
    if fix is not None and fix.battery_pct is not None:
        readings.append((fix.time_us, fix.battery_pct))
    battery_us, battery_pct = max(readings, default=(None, None))
    times = (
        [e.recorded_us for e in own[:1]] + [p.recorded_us for p in said[:1]] + ([fix.time_us] if fix else [])
    )
    dead = _last(own, "battery_dead", "battery_ok", "charging")
    off = _last(own, "power_off", "power_on")
    last_fix_us = fix.time_us if fix else 0
    tampers = []
    for tamper in TAMPERS:
        last = _last(own, *tamper.begins, *tamper.ends)
        if last is not None and last.kind in tamper.begins:
            tampers.append((str(tamper.kind), last.recorded_us))
    return Health(
        worn=worn,
        last_contact_us=max(times, default=None),
        battery_pct=battery_pct,
        battery_us=battery_us,
        battery_flat=dead is not None and dead.kind == "battery_dead" and dead.recorded_us >= last_fix_us,
        tampers=tuple(tampers),
        power_off_us=off.recorded_us if off is not None and off.kind == "power_off" else None,
        hears_tag=said[0].state == PresenceState.IN_RANGE if said else None,
        heard_us=said[0].recorded_us if said else None,
    )


def _last(events: list[DeviceEvent], *kinds: str) -> DeviceEvent | None:
    return next((e for e in events if e.kind in kinds), None)


def _silence(
    subject: Subject, health: tuple[Health, ...], fix: FixRow | None, open_findings: Iterable[Finding]
) -> tuple[int | None, str]:
    """Since when no tag was heard, if that is longer than its own schedule lets a gap be; and why."""
    tags = [h for h in health if h.worn.device_kind != "home_unit"]
    table = subject.rule_table()
    if not tags or table is None:
        return None, ""
    contacts = [h.last_contact_us for h in tags if h.last_contact_us is not None]
    contacts += [h.heard_us for h in health if h.hears_tag and h.heard_us is not None]
    last = max(contacts, default=min(h.worn.from_us for h in tags))
    if subject.now_us - last <= _longest_us(subject, table.evidence, last):
        return None, ""
    kinds = {finding.kind for finding in open_findings}
    causes = [cause.name.lower() for cause, kind in SILENCE_CAUSES if kind in kinds]
    if not causes and any(h.battery_flat for h in tags):
        causes = ["battery"]
    if not causes and any(h.power_off_us for h in tags):
        causes = ["power"]
    return last, _(CAUSE_WORDS[causes[0] if causes else "no_signal"])


def _believed_m(subject: Subject, fix: FixRow) -> float | None:
    """How exact the position is by what was learned of such positions, else as the device states; None: not known."""
    model = models_of(subject.order_file).get(fix.device_id)
    worn = homes_if_learned(subject.order_file, subject.rules.learned).get(fix.device_id, ())
    far_m = metres_from_home(worn, fix.time_us, fix.lon * DEGREES_TO_E7, fix.lat * DEGREES_TO_E7)
    row, _table = learned_of(subject.rules.learned, fix.time_us, fix.source, model, fix.precision_m, far_m)
    return believed_m(row, fix.precision_m, far_m)


def _longest_us(subject: Subject, evidence: Evidence, last_us: int) -> float:
    """The longest time after the last contact that is no gap. The schedule is looked up only where it could matter: within
    ``hold_s``, beyond which every silence is one."""
    gap_us, hold_us = evidence.gap_s * SECOND_US, round(evidence.hold_s * SECOND_US)
    if not gap_us < subject.now_us - last_us <= hold_us:
        return gap_us
    recent = own_signals(subject, last_us - (USUAL + 1) * hold_us, last_us + 1).fixes
    times = sorted(fix.time_us for fix in fixes_of(recent) if not int.__and__(fix.quality, NO_PLACE))
    return longest_after_us(times, evidence)


def _places(subject: Subject, fix: FixRow | None) -> tuple[str, ...]:
    """Places of the orders that the last position is likely inside of; the nearest where there is none."""
    table = subject.rule_table()
    if fix is None or table is None or fix.proves_no_place:
        return ()
    rule = table.evidence.sources[fix.source.name]  # type: ignore[index]
    precision_m = used_precision_m(_believed_m(subject, fix), rule)
    inside: dict[str, float] = {}
    zones: set[str] = set()
    away: dict[str, float] = {}
    for owed in expand(subject.order_file, subject.now_us - DAY_US, subject.now_us + DAY_US):
        if owed.target is None:
            continue
        place = subject.place_of(owed)
        if place in inside or place in away:
            continue
        if owed.kind in ZONE_KINDS:
            zones.add(place)
        distance_m = TargetGeometry(owed.target).signed_distance_m(fix.lon, fix.lat)
        chance = chance_of_side(distance_m, precision_m)
        if chance >= LIKELY:
            inside[place] = chance
        else:
            away[place] = -distance_m
    if inside:
        return tuple(
            (
                _("inside %(place)s (%(chance)s sure)")
                if place in zones
                else _("at %(place)s (%(chance)s sure)")
            )
            % {"place": place, "chance": chance_words(chance, LANGUAGE)}
            for place, chance in sorted(inside.items(), key=lambda item: -item[1])
        )
    if away:
        place, distance_m = min(away.items(), key=lambda item: item[1])
        return (_("%(distance)s from %(place)s") % {"distance": metres(max(distance_m, 0)), "place": place},)
    return ()
