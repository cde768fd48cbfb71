"""Devices that are heard less: flat, without power, silent. Only where no alert says so already."""

from __future__ import annotations

from collections.abc import Iterator

from milepost.service.caseload.asked import Asked, Found, address
from milepost.service.caseload.policy_data import device_trouble_kinds
from milepost.service.monitoring.models import Finding
from milepost.supervision.today import Reason
from milepost.times import from_us


def unheard(asked: Asked) -> Iterator[Found]:
    rows = Finding.objects.filter(
        person_id__in=asked.ids, current=True, withdrawn=False, status="open", kind__in=device_trouble_kinds(),
    ).values_list("person_id", "incident_id", "finding_id", "kind", "start_us")  # fmt: skip
    for person_id, incident_id, finding_id, kind, start_us in rows:
        # Not asked of the database: it would go through all findings of the country that have no alert, which are
        # many, and not through what is open about these people, which is little.
        if incident_id is not None:
            continue
        person, began_utc = asked.people[person_id], from_us(start_us)
        yield Found(
            person,
            Reason(
                kind="device_trouble",
                # Not the finding's id: each revision has another, and the trouble is the same.
                key=f"{kind}-{start_us}",
                text="device_trouble",
                link=address("person_page:overview", person, reference=person.reference),
                source=f"finding {finding_id}",
                since_utc=began_utc,
                facts={"finding": kind, "began_utc": began_utc},
                state=kind,
            ),
        )
