"""Every kind of finding, described once: its name, its words, what begins and ends it, what it belongs with.

Whatever treats one kind unlike another reads it here: the engine of device reports, explanations, the live record, the
board of alerts, a person's page, the demo. Only what judges where a person was names single kinds (``place_findings``,
``attendance``, ``battery``, ``silence``), and the definition's slow reference, which shares the names and nothing more.

What a kind leads to (level, action, time to act) is policy and stands in the rule tables, never here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal

from milepost.compliance.results import NoDataCause
from milepost.language import to_say
from milepost.tracks.record import DeviceEventKind as Event


class FindingKind(StrEnum):
    """The names, as they stand in tables, files, rule tables and the API."""

    LATE_RETURN = "late_return"
    LEFT_DURING = "left_during"
    OUT_AT_START = "out_at_start"
    OUT_AT_END = "out_at_end"
    ABSENT_ENTIRE = "absent_entire"
    ZONE_ENTRY = "zone_entry"
    ZONE_EXIT = "zone_exit"
    ATTENDANCE_MISSED = "attendance_missed"
    ATTENDANCE_LATE = "attendance_late"
    ATTENDANCE_LEFT_EARLY = "attendance_left_early"
    EVIDENCE_CONFLICT = "evidence_conflict"
    STRAP_TAMPER = "strap_tamper"
    CASE_TAMPER = "case_tamper"
    POWER_OFF = "power_off"
    UNIT_MOVED = "unit_moved"
    BATTERY_LOW = "battery_low"
    BATTERY_DEAD = "battery_dead"
    DEVICE_FAULT = "device_fault"
    NO_CONTACT = "no_contact"
    ALCOHOL = "alcohol"


class Family(StrEnum):
    """Kinds that are one thing to look at. The values are kept with incidents: they never change."""

    ABSENCE = "absence"
    ZONE = "zone"
    ATTENDANCE = "attendance"
    CONFLICT = "conflict"
    TAMPER = "tamper"
    HOME_UNIT = "home-unit"
    POWER = "power"
    FAULT = "fault"
    CONTACT = "contact"
    ALCOHOL = "alcohol"


class JudgedFrom(Enum):
    """What in the signals makes a finding of the kind."""

    PLACE = "where the tag was"
    REPORTS = "one device report begins it, another ends it"
    READINGS = "each report is a finding of its own, under a condition not to drink"
    BATTERY = "reports and levels of the battery"
    SILENCE = "nothing heard"


OF_PLACES = frozenset({Family.ABSENCE, Family.ZONE, Family.ATTENDANCE})
SHOWS_PLACE_ONLY = to_say(
    "It shows where the tag said it was. It does not show why, whose fault it was, or if there was a good reason."
)
AWAY = to_say("The tag was away {when}: {length}.")
NOT_THERE = to_say("The tag was not there {when}: {length}.")


@dataclass(frozen=True, slots=True)
class Description:
    """One kind of finding. Texts are English and marked for translation; they are said where they are used.

    ``title``: a heading. ``happened``: the sentence of what was seen, with ``{when}`` and ``{length}``.
    ``limits``: what the finding does *not* show. ``begins``, ``ends``: the device reports that do; they are also its
    evidence. ``breach_side``: on which side of the boundary the tag was. ``over_when_heard``: it goes on only while
    nothing is heard. ``explains_silence``: the cause that it gives for having no data.
    """

    kind: FindingKind
    family: Family
    title: str
    happened: str
    limits: str = SHOWS_PLACE_ONLY
    judged_from: JudgedFrom = JudgedFrom.PLACE
    begins: tuple[Event, ...] = ()
    ends: tuple[Event, ...] = ()
    breach_side: Literal["inside", "outside"] = "outside"
    over_when_heard: bool = False
    explains_silence: NoDataCause | None = None

    @property
    def of_places(self) -> bool:
        """Whether it rests on where the tag was, on one side of a boundary."""
        return self.family in OF_PLACES

    @property
    def of_device(self) -> bool:
        """Whether it rests on what a device said of itself, or on its silence."""
        return not self.of_places and self.family is not Family.CONFLICT

    @property
    def may_go_on(self) -> bool:
        """Whether it is said of an open one that it was still so at the last signal."""
        return self.family not in (Family.ATTENDANCE, Family.CONFLICT)

    @property
    def about_equipment(self) -> bool:
        """Whether an officer looks at the equipment before the person."""
        return not self.of_places and self.family is not Family.ALCOHOL


K, F, J = FindingKind, Family, JudgedFrom

DESCRIPTIONS: tuple[Description, ...] = (
    Description(K.LATE_RETURN, F.ABSENCE, to_say("Came back late"), AWAY),
    Description(K.LEFT_DURING, F.ABSENCE, to_say("Left during the curfew"), AWAY),
    Description(K.OUT_AT_START, F.ABSENCE, to_say("Not in when the curfew began"), AWAY),
    Description(K.OUT_AT_END, F.ABSENCE, to_say("Left before the curfew ended"), AWAY),
    Description(K.ABSENT_ENTIRE, F.ABSENCE, to_say("Away for all of the curfew"), AWAY),
    Description(
        K.ZONE_ENTRY, F.ZONE, to_say("Went into an exclusion zone"),
        to_say("The tag was in the zone {when}: {length}."), breach_side="inside",
    ),
    Description(
        K.ZONE_EXIT, F.ZONE, to_say("Left the area they must stay in"),
        to_say("The tag was outside the area {when}: {length}."),
    ),
    Description(
        K.ATTENDANCE_MISSED, F.ATTENDANCE, to_say("Missed an appointment"),
        to_say("The tag was never seen there in that time."),
    ),
    Description(K.ATTENDANCE_LATE, F.ATTENDANCE, to_say("Late for an appointment"), NOT_THERE),
    Description(K.ATTENDANCE_LEFT_EARLY, F.ATTENDANCE, to_say("Left an appointment early"), NOT_THERE),
    Description(
        K.EVIDENCE_CONFLICT, F.CONFLICT, to_say("Tag and home unit disagree"),
        to_say("The tag and the home unit did not agree {when}: {length}."),
        to_say("It does not show which source is right. It counts as neither kept nor broken."),
    ),
    Description(
        K.STRAP_TAMPER, F.TAMPER, to_say("Strap tamper reported"),
        to_say("The tag reported that its strap was pulled, cut or opened {when}."),
        to_say("A knock or a worn strap can cause this report. It does not show that anyone meant it."),
        J.REPORTS, (Event.STRAP_TAMPER,), (Event.STRAP_RESTORED,),
    ),
    Description(
        K.CASE_TAMPER, F.TAMPER, to_say("Case tamper reported"),
        to_say("The device reported that its case was opened {when}."),
        to_say("A knock can cause this report. It does not show that anyone meant it."),
        J.REPORTS, (Event.CASE_TAMPER,), (Event.CASE_RESTORED,),
    ),
    Description(
        K.POWER_OFF, F.HOME_UNIT, to_say("Device without power"),
        to_say("The device reported that it had no power {when}."),
        to_say("A power cut or a loose plug can cause this report. It does not show that anyone meant it."),
        judged_from=J.REPORTS, begins=(Event.POWER_OFF,), ends=(Event.POWER_ON,), explains_silence=NoDataCause.POWER,
    ),
    Description(
        K.UNIT_MOVED, F.HOME_UNIT, to_say("Home unit moved"),
        to_say("The home unit reported that it was moved {when}."),
        to_say("A knock or cleaning can cause this report. It does not show who moved it, or how far."),
        judged_from=J.REPORTS, begins=(Event.UNIT_MOVED,), ends=(Event.UNIT_STILL,),
    ),
    Description(
        K.BATTERY_LOW, F.POWER, to_say("Battery low"),
        to_say("The tag said that its battery was low {when}."),
        to_say("It does not show why the tag was not charged."),
        J.BATTERY, (Event.BATTERY_LOW,), (Event.BATTERY_OK, Event.BATTERY_DEAD),
    ),
    Description(
        K.BATTERY_DEAD, F.POWER, to_say("Battery flat"),
        to_say("The tag’s battery ran flat {when}."),
        to_say("It does not show where the person was in that time, or why the tag was not charged."),
        J.BATTERY, (Event.BATTERY_DEAD,), (Event.BATTERY_OK,), over_when_heard=True, explains_silence=NoDataCause.BATTERY,
    ),
    Description(
        K.DEVICE_FAULT, F.FAULT, to_say("Device fault"),
        to_say("The device reported a fault {when}."),
        to_say("It does not show where the person was in that time, or that anyone caused the fault."),
        judged_from=J.REPORTS, begins=(Event.DEVICE_FAULT,), ends=(Event.FAULT_CLEARED,),
        explains_silence=NoDataCause.FAULT,
    ),
    Description(
        K.NO_CONTACT, F.CONTACT, to_say("Nothing heard from the tag"),
        to_say("Nothing was heard from the tag {when}."),
        to_say("Silence does not show where the person was. It is not a broken condition in itself."),
        J.SILENCE, over_when_heard=True,
    ),
    Description(
        K.ALCOHOL, F.ALCOHOL, to_say("Alcohol reading"),
        to_say("The device sent an alcohol reading {when}."),
        to_say("It does not show where the alcohol came from. Some products can cause a reading."),
        J.READINGS, (Event.ALCOHOL, Event.ALCOHOL_INTERFERENCE),
    ),
)  # fmt: skip
"""In the order of the names."""

OF_KIND: dict[str, Description] = {description.kind: description for description in DESCRIPTIONS}


def described(kind: str) -> Description:
    """The description of a kind.

    Raises:
        KeyError: there is no such kind.
    """
    return OF_KIND[kind]


def kinds_judged_from(what: JudgedFrom) -> tuple[Description, ...]:
    return tuple(description for description in DESCRIPTIONS if description.judged_from is what)
