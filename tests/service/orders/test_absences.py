"""Absences entered in advance, and what the real engine makes of them."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from django.urls import reverse
from django.utils import timezone

from milepost.compliance import batch
from milepost.compliance.rule_tables import read_rules
from milepost.orders.schedules import expand
from milepost.service.accounts.roles import Role
from milepost.service.kit.refusals import Refused
from milepost.service.orders.actions import absences
from milepost.service.orders.engine_file import order_file_of
from milepost.service.orders.models import Absence, ToJudge
from milepost.service.orders.policy_data import read_reasons
from milepost.tracks import record

UTC = dt.UTC
NIGHT = (dt.datetime(2026, 1, 12, 19, tzinfo=UTC), dt.datetime(2026, 1, 13, 7, tzinfo=UTC))
"""A Monday night of Ada's curfew."""


def signals_away() -> record.Signals:
    """Ada's tag, 5 km from home, every minute through the night and an hour around it."""
    start, end = NIGHT[0] - dt.timedelta(hours=1), NIGHT[1] + dt.timedelta(hours=1)
    n = int((end - start) / dt.timedelta(minutes=1))
    times = [start + dt.timedelta(minutes=i) for i in range(n)]
    given = {
        "device_id": ["tag-1"] * n, "recorded_at_utc": times, "received_at_utc": times, "sequence": list(range(n)),
        "source": [1] * n, "lon_e7": [17_800_000] * n, "lat_e7": [537_000_000] * n, "precision_m": [8.0] * n,
        "quality": [0] * n,
    }  # fmt: skip
    columns = [pa.array(given.get(field.name, [None] * n), field.type) for field in record.FIXES]
    return record.Signals(fixes=pa.table(columns, schema=record.FIXES))


def findings(world) -> list[str]:
    results = batch.evaluate(order_file_of([world.ada]), expand, signals_away(), read_rules())
    return [row["kind"] for row in results.findings.to_pylist() if row["condition_id"] == "curfew"]


def add(world, **changes) -> Absence:
    told = {"by": world.nora, "order": world.order, "from_utc": NIGHT[0], "until_utc": NIGHT[1],
            "reason_code": "medical_appointment", "evidence": "Letter of the hospital", **changes}  # fmt: skip
    return absences.add_absence(**told)


def test_an_absence_over_a_night_yields_no_finding_and_withdrawn_it_does(world):
    assert findings(world), "without an absence the engine finds the night"
    absence = add(world)
    assert findings(world) == []
    assert ToJudge.objects.filter(person=world.ada).exists()
    ToJudge.objects.all().delete()
    absences.withdraw_absence(by=world.nora, absence=absence)
    assert findings(world)
    assert ToJudge.objects.filter(person=world.ada).exists()
    absence.refresh_from_db()
    assert absence.withdrawn_by == world.nora


def test_a_suspension_waits_for_a_second_person_before_the_engine_honours_it(world):
    absence = add(world, kind="suspension", reason_code="order_suspended")
    assert absence.waits_for_second
    assert findings(world)
    with pytest.raises(Refused):
        absences.confirm_absence(by=world.nora, absence=absence)
    absences.confirm_absence(by=world.users[Role.SENIOR_PRACTITIONER], absence=absence)
    assert findings(world) == []


def test_the_second_person_is_never_the_first(world):
    senior = world.users[Role.SENIOR_PRACTITIONER]
    absence = add(world, by=senior, kind="suspension", reason_code="order_suspended")
    with pytest.raises(Refused, match="somebody else must confirm"):
        absences.confirm_absence(by=senior, absence=absence)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evidence": " "}, "what was seen"),
        ({"reason_code": "wedding_or_funeral"}, "before the absence begins"),
        ({"reason_code": "made_up"}, "from the list"),
        ({"until_utc": NIGHT[0]}, "ends before it starts"),
        ({"by": Role.MONITORING_OFFICER, "reason_code": "work_short_notice"}, "Your role may not"),
        ({"reason_code": "other", "from_utc": dt.datetime(2090, 1, 1, tzinfo=UTC),
          "until_utc": dt.datetime(2090, 1, 2, tzinfo=UTC)}, "what the reason is"),
    ],
)  # fmt: skip
def test_the_table_of_reasons_is_kept(world, changes, said):
    changes = {k: world.users[v] if k == "by" else v for k, v in changes.items()}
    with pytest.raises(Refused, match=said):
        add(world, **changes)
    assert not Absence.objects.exists()


def test_an_overlap_is_told_before_it_is_kept(world, signed_in):
    day = (timezone.now() + dt.timedelta(3)).date()
    data = {"condition_id": "", "kind": "authorised_absence", "reason_code": "court", "evidence": "Summons",
            "from_date": f"{day:%d/%m/%Y}", "until_date": f"{day:%d/%m/%Y}",
            "from_time": "19:00", "until_time": "23:00"}  # fmt: skip
    client, address = signed_in(world.nora), reverse("orders:absence-add", args=["O000001"])
    assert client.post(address, data).status_code == 302
    again = client.post(address, data)
    assert "It overlaps" in again.content.decode()
    assert Absence.objects.count() == 1
    assert client.post(address, {**data, "overlap_seen": "true"}).status_code == 302
    assert Absence.objects.count() == 2


def test_every_reason_names_roles_that_may_authorise_at_all():
    for reason in read_reasons().values():
        assert reason.authorised_by, reason.code
        assert all("authorise_absences" in role.facts.permissions for role in reason.authorised_by), (
            reason.code
        )
