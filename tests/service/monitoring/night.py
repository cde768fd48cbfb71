"""One night of a monitoring officer: 40 alerts, of which 25 are silences that are over.

A network failed at 21:00 and came back; meanwhile seven people need somebody now, colleagues have five in hand, and three
decisions wait for a second person. The clock stands at 02:00 on the Tuesday.
"""

from __future__ import annotations

from typing import Any

from milepost.service.accounts.roles import Role
from milepost.service.monitoring.models import Decision, Finding, Incident
from milepost.service.people.models import Person
from tests.service.monitoring.factory import MINUTE_US, MONDAY, at, plain_incident
from tests.service.world import FAR_OFF, World, make_person

NOW_US = at(MONDAY, "02:00+1")
OVER, NOW, HELD, SECOND = 25, 7, 5, 3


def make_night(world: World) -> dict[str, list[Incident]]:
    """The alerts by section, each in the order in which the board has to show them."""
    made: dict[str, list[Incident]] = {"now": [], "held": [], "second": [], "over": []}
    people = [
        make_person(f"P5{n:05d}", f"Synthetic Person {n}", world.north, practitioner=world.nora,
                    monitored_until_utc=FAR_OFF)
        for n in range(40)
    ]  # fmt: skip
    left = iter(people)

    def add(
        section: str, kind: str, began: str, *, minutes: int = 20, due: str | None = None, **more: Any
    ) -> None:
        began_us = at(MONDAY, began)
        due_us = at(MONDAY, due) if due else None
        values = {
            "began_us": began_us,
            "opened_us": began_us,
            "changed_us": began_us,
            "due_us": due_us,
        } | more
        incident = _incident(next(left), len(made[section]) + 100 * len(section), kind, minutes, values)
        made[section].append(incident)

    # What needs somebody now: urgent and going, urgent and over, then what goes on, by its time.
    add("now", "zone_entry", "01:50+1", minutes=10, due="02:05+1", level="urgent", still_going=True)
    add("now", "strap_tamper", "01:30+1", minutes=30, due="01:45+1", level="urgent", still_going=False)
    for n in range(NOW - 2):
        add("now", "left_during", f"00:{10 + n}+1", due=f"04:{10 + n}+1", still_going=True)
    made["now"][:2] = [made["now"][0], made["now"][1]]
    supervisor = world.users[Role.MONITORING_SUPERVISOR]
    for n in range(HELD):
        add("held", "late_return", f"23:{10 + n}", due=f"03:{10 + n}+1", still_going=True, state="claimed",
            claimed_by=supervisor)  # fmt: skip
    for n in range(SECOND):
        add(
            "second",
            "absent_entire",
            f"19:{10 + n}",
            due=f"23:{10 + n}",
            state="waiting_for_second",
            level="urgent",
        )
        Decision.objects.create(
            incident=made["second"][-1], kind="breach", state="waiting", incident_revision=0, by=world.nora,
            needs_second=True,
        )  # fmt: skip
    # They were due hours ago, long before what goes on now: sorted by time alone they would fill the screen.
    for n in range(OVER):
        add("over", "no_contact", f"21:{n:02d}", minutes=40, due=f"01:{n:02d}+1")
    return made


def _incident(person: Person, n: int, kind: str, minutes: int, values: dict[str, Any]) -> Incident:
    incident = plain_incident(person, n, kind=kind, **values)
    finding = Finding.objects.get(incident=incident)
    ends_us = values["began_us"] + minutes * MINUTE_US
    finding.row |= {"start_utc": values["began_us"], "end_utc": ends_us, "seconds": minutes * 60.0,
                    "level": incident.level}  # fmt: skip
    finding.seconds = minutes * 60.0
    finding.save()
    return incident
