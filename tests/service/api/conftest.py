from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.api.actions.tokens import make_token
from milepost.service.api.scopes import scopes_of
from milepost.service.monitoring.models import Finding, Incident
from milepost.service.people.models import Person
from milepost.service.signals.models import Fix, Sender

HOUR_US = 3_600_000_000


class Caller:
    """Asks the API with a token."""

    def __init__(self, user: User, scopes: list[str] | None = None) -> None:
        wanted = [str(s) for s in scopes_of(user)] if scopes is None else scopes
        self.token, self.whole = make_token(by=user, name="test", scopes=wanted, days=7)
        self.client = Client()

    def ask(self, method: str, path: str, body: Any = None, **headers: str):
        more = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method.upper(),
            f"/api/v1{path}",
            headers={"Authorization": f"Bearer {self.whole}", **headers},
            **more,
        )

    def get(self, path: str, **headers: str):
        return self.ask("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str):
        return self.ask("post", path, body, **headers)


@pytest.fixture
def api():
    """A function: a caller with a token of a user, with all scopes that are of use to them or with these."""
    return Caller


def make_incident(person: Person, *, order: str = "O000001", minutes: int = 40) -> Incident:
    """An alert about a late return an hour ago."""
    now = clock.now_us()
    start = now - 2 * HOUR_US
    end = start + minutes * 60_000_000
    found = person.incidents.filter(state="open").first()
    if found is not None:
        return found
    incident = Incident.objects.create(
        person=person, level="review", kind="late_return", group_key=f"{order}|curfew|{start}", began_us=start,
        opened_us=now, due_us=now + HOUR_US, changed_us=now, still_going=False, revision=3,
    )  # fmt: skip
    row = {
        "finding_id": f"F{incident.pk}", "person_id": person.reference, "activation_id": "A000001", "order_id": order,
        "order_version": 1, "condition_id": "curfew", "kind": "late_return", "status": "closed",
        "obligation_start_utc": start, "obligation_end_utc": start + 12 * HOUR_US, "start_utc": start, "end_utc": end,
        "seconds": minutes * 60.0, "start_earliest_utc": start, "end_latest_utc": end, "coverage": 0.9,
        "obligation_coverage": 0.9, "certainty": 0.95, "witness": "fixes", "evidence_count": 12,
        "first_evidence": "", "last_evidence": "", "level": "review", "action": "Look at it",
        "act_within_minutes": 60, "rule": "late", "rule_table": "illustrative@1", "revision": 1, "supersedes": "",
    }  # fmt: skip
    Finding.objects.create(
        finding_id=row["finding_id"], person=person, incident=incident, kind="late_return", status="closed",
        order_reference=order, condition_id="curfew", start_us=start, end_us=end, reach_us=end,
        seconds=row["seconds"], level="review", action=row["action"], act_within_minutes=60, revision=1, told_us=now,
        row=row,
    )  # fmt: skip
    return incident


def make_fixes(device_id: str, start: dt.datetime, count: int, *, every_s: int = 60) -> None:
    sender, _ = Sender.objects.get_or_create(device_id=device_id)
    at = round(start.timestamp() * 1e6)
    Fix.objects.bulk_create(
        Fix(
            sender=sender, recorded_us=at + i * every_s * 1_000_000, received_us=at + i * every_s * 1_000_000, sequence=i,
            source=1, lon_e7=17_000_000 + i, lat_e7=537_000_000, precision_m=10, quality=0, cell=0, delivery=0,
        )
        for i in range(count)
    )  # fmt: skip


def iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def yesterday() -> dt.datetime:
    return (timezone.now() - dt.timedelta(days=1)).replace(microsecond=0)
