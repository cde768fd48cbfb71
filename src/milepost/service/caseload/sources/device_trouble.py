"""Devices that are heard less: flat, without power, silent. Only where no alert says so already."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.caseload.asked import Asked, Found, address, utc_of_us
from milepost.service.caseload.policy_data import device_trouble_kinds
from milepost.service.monitoring.models import Finding
from milepost.supervision.today import Reason


def unheard(asked: Asked) -> Iterator[Found]:
    rows = Finding.objects.filter(
        person_id__in=asked.ids, current=True, withdrawn=False, status="open", incident=None,
        kind__in=device_trouble_kinds(),
    ).only("person_id", "finding_id", "kind", "start_us", "condition_id")  # fmt: skip
    for finding in rows:
        person = asked.people[finding.person_id]
        yield Found(
            person,
            Reason(
                kind="device_trouble",
                # Not the finding's id: each revision has another, and the trouble is the same.
                key=f"{finding.kind}-{finding.start_us}",
                text="device_trouble",
                link=address("person_page:overview", person, reference=person.reference),
                source=f"finding {finding.finding_id}",
                since_utc=utc_of_us(finding.start_us),
                facts={"finding": finding.kind, "began_utc": utc_of_us(finding.start_us)},
                state=finding.kind,
            ),
        )
