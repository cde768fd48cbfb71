from __future__ import annotations

from milepost.service.accounts.roles import Role
from milepost.service.monitoring.models import Decision, Finding, Incident
from milepost.service.people.models import ContactDetail, Note, StaffRisk
from tests.service.monitoring.factory import MONDAY, at, fixes, store
from tests.service.walk.cases import Queries, View
from tests.service.world import HOME, World

SEE = [Role.PRACTITIONER, Role.SENIOR_PRACTITIONER, Role.MONITORING_OFFICER, Role.MONITORING_SUPERVISOR]
EXPORT = [Role.PRACTITIONER, Role.SENIOR_PRACTITIONER, Role.MONITORING_SUPERVISOR]


def ada(world: World) -> dict:
    """With one of everything, so that the count of queries is that of a page with something on it."""
    _one(world, 0)
    store(fixes([(at(MONDAY, "18:00"), at(MONDAY, "19:00"), HOME)]))
    return {"reference": world.ada.reference}


def ben(world: World) -> dict:
    return {"reference": world.ben.reference}


def more(world: World) -> None:
    """More of everything that a person's pages list."""
    for n in range(1, 7):
        _one(world, n)


def _one(world: World, n: int) -> None:
    first = Note.objects.create(person=world.ada, text=f"Note {n}", by=world.nora)
    Note.objects.create(person=world.ada, text=f"Better {n}", by=world.nora, corrects=first)
    StaffRisk.objects.create(person=world.ada, text=f"Risk {n}", by=world.nora)
    ContactDetail.objects.create(person=world.ada, kind="mobile", value=f"07700 90000{n}")
    start, end = at(MONDAY, "19:00"), at(MONDAY, "20:00")
    incident = Incident.objects.create(
        person=world.ada, level="review", kind="late_return", group_key=f"walk {n}", began_us=start, opened_us=end,
        changed_us=end,
    )  # fmt: skip
    Decision.objects.create(
        incident=incident, kind="excused", state="stands", incident_revision=0, by=world.nora
    )
    row = {
        "finding_id": f"f{n}", "person_id": "P000001", "order_id": "O000001", "condition_id": "curfew",
        "kind": "late_return", "start_utc": start, "end_utc": end, "seconds": 3600.0, "coverage": 1.0,
        "certainty": 0.9, "rule": "r", "rule_table": "t@1",
    }  # fmt: skip
    Finding.objects.create(
        finding_id=f"f{n}", person=world.ada, kind="late_return", status="closed", start_us=start, end_us=end,
        seconds=3600.0, level="review", revision=1, told_us=1, row=row, incident=incident,
        order_reference="O000001", condition_id="curfew",
    )  # fmt: skip


SUMS_UP = {
    "overview": Queries(
        41,
        "orders, device, alerts, absences, risks, contacts, four weeks, sentence and what is new, summed up on one page",
    ),
    "devices": Queries(26, "devices, what each last sent, its charge and its absences"),
}
VIEWS = {
    f"person_page:{name}": View(
        right=SEE, args=ada, other_team=ben, more=more, queries=SUMS_UP.get(name, Queries())
    )
    for name in (
        "overview",
        "week",
        "trail",
        "zones",
        "orders",
        "history",
        "devices",
        "notes",
        "details",
        "for-person",
    )
}
VIEWS["person_page:day"] = View(
    right=SEE, args=ada, other_team=ben, more=more,
    data=lambda world: {"order": "O000001", "condition": "curfew", "on": MONDAY.isoformat()},
    queries=Queries(24, "a day's order, its versions, absences, positions and the findings they led to"),
)  # fmt: skip
OWN = "person_page/test_trail.py"
VIEWS["person_page:trail-shown"] = View(
    right=SEE, own_tests=OWN, args=lambda world: {"reference": "P000001", "pk": 1}
)
VIEWS["person_page:trail-export"] = View(
    right=EXPORT, own_tests=OWN, args=lambda world: {"reference": "P000001", "pk": 1}
)
