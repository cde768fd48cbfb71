"""What is in a service's database, held against what ought to be: ``python -m tests.faults.service.proof NAME JSON``.

Runs in a process of its own, because a lab has its own settings. Prints one line of JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

TOLD = ("person_id", "kind", "status", "condition_id", "start_utc", "level", "rule")
"""What must be the same, beside the end. Coverage is brought up to the clock later and is compared elsewhere."""


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    # What is open ends where the clock was when it was last judged.
    return (*(row[name] for name in TOLD), row["end_utc"] if row["status"] != "open" else None)


def load(people: int, end: str) -> dict[str, Any]:
    from tests.faults.service.stories import order_file

    from milepost.service.accounts.actors import Machine
    from milepost.service.accounts.models import Team
    from milepost.service.monitoring import lease
    from milepost.service.orders.load import Attested, load_order_file
    from milepost.service.signals.actions import make_token

    team = Team.objects.create(name="North")
    made = order_file(people, dt.datetime.fromisoformat(end))
    done = load_order_file(
        made, by=None, attested=Attested("Synthetic", "Made up for a measurement"), team=team
    )
    lease.make_buckets()
    _, token = make_token(
        name="gateway", why_any_device="The only sender here", by=Machine("command", "proof")
    )
    return {"problems": [str(p) for p in done.problems], "token": token}


def wait_until_judged(seconds: float) -> bool:
    """Until the engine has read all signals, in every bucket, and has had time to write what it found."""
    from milepost.service.monitoring.models import Lease
    from milepost.service.orders.models import ToJudge
    from milepost.service.signals.read import highest_ids

    until, good_since = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        newest = highest_ids()
        leases = list(Lease.objects.all())
        now_us = time.time_ns() // 1000
        good = all(
            lease.owner and lease.until_us > now_us and lease.judged_us > now_us - 5_000_000
            and (lease.fix_id, lease.device_event_id) == (newest.fix, newest.event)
            for lease in leases
        ) and not ToJudge.objects.exists()  # fmt: skip
        good_since = (good_since or time.monotonic()) if good else 0.0
        if good_since and time.monotonic() - good_since > 3:
            return True
        time.sleep(0.25)
    return False


def wait_for_owners(owners: list[str], seconds: float) -> bool:
    """Until the buckets are held by just these workers."""
    from milepost.service.monitoring.models import Lease

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if set(Lease.objects.values_list("owner", flat=True)) == set(owners):
            return True
        time.sleep(0.25)
    return False


def check(end: str, people: int, acknowledged: str) -> dict[str, Any]:
    """Everything that is wrong, in words; and how much there was to be wrong."""
    from milepost.service.monitoring.grouping import needs_a_look
    from milepost.service.monitoring.models import Finding, Incident

    promised = {tuple(one) for one in json.loads(Path(acknowledged).read_text())}
    wrong = _lost_or_doubled(promised)

    expected = _expected(end, people)
    current = [row for (row,) in Finding.objects.filter(current=True).values_list("row")]
    said = Counter(_told(row) for row in current)
    ought = Counter(_told(row) for row in expected)
    wrong += [f"missing or different from batch: {one}" for one in (ought - said).elements()]
    wrong += [f"not in batch: {one}" for one in (said - ought).elements()]

    for finding in Finding.objects.filter(current=True):
        if needs_a_look(finding.level) and finding.incident_id is None:
            wrong.append(f"finding {finding.finding_id} ({finding.kind}) has no incident")
    groups = Counter(Incident.objects.values_list("person_id", "group_key"))
    wrong += [f"{n} incidents for {group}" for group, n in groups.items() if n > 1]
    bare = Incident.objects.exclude(state="closed_by_itself").exclude(
        pk__in=Finding.objects.filter(current=True, incident__isnull=False).values("incident")
    )
    wrong += [f"incident {incident.pk} stands without a finding" for incident in bare]
    wrong += _broken_lineages()
    return {
        "wrong": wrong, "signals": len(promised), "findings": len(current), "incidents": Incident.objects.count(),
        "revisions": Finding.objects.count(), "kinds": sorted({row["kind"] for row in current}),
    }  # fmt: skip


def posted(acknowledged: str) -> dict[str, Any]:
    """What is wrong with the posts that were acknowledged: (device, milliseconds) each."""
    from milepost.service.signals.models import Delivery

    promised = {(device, at_ms * 1000) for device, at_ms in json.loads(Path(acknowledged).read_text())}
    return {
        "wrong": _lost_or_doubled(promised),
        "promised": len(promised),
        "groups": Delivery.objects.count(),
    }


def _lost_or_doubled(promised: set[tuple[str, int]]) -> list[str]:
    """``promised``: (device, microseconds) of what was acknowledged."""
    from milepost.service.signals.models import Fix
    from milepost.service.signals.senders import known_numbers

    wrong: list[str] = []
    names = {number: device for device, number in known_numbers({device for device, _ in promised}).items()}
    there = Counter((names.get(s, s), us) for s, us in Fix.objects.values_list("sender_id", "recorded_us"))
    if lost := [one for one in promised if one not in there]:
        wrong.append(f"{len(lost)} acknowledged signals are not stored, such as {lost[0]}")
    if twice := [one for one, n in there.items() if n > 1]:
        wrong.append(f"{len(twice)} signals are stored more than once, such as {twice[0]}")
    return wrong


def _expected(end: str, people: int) -> list[dict[str, Any]]:
    from tests.faults.service.stories import order_file

    from milepost.compliance.batch import evaluate
    from milepost.compliance.rule_tables import read_rules
    from milepost.orders.schedules import expand
    from milepost.service.monitoring.worker import LOOK_BACK_US
    from milepost.service.signals.models import Sender
    from milepost.service.signals.read import signals_of

    devices = list(Sender.objects.values_list("device_id", flat=True))
    now_us = time.time_ns() // 1000
    found = evaluate(
        order_file(people, dt.datetime.fromisoformat(end)), expand, signals_of(devices, 0, 1 << 62), read_rules(),
        begin_us=now_us - LOOK_BACK_US, until_us=now_us,
    ).findings  # fmt: skip
    import pyarrow as pa

    for i, field in enumerate(found.schema):
        if pa.types.is_timestamp(field.type):
            found = found.set_column(i, field.name, found.column(i).cast(pa.int64()))
    return found.to_pylist()


def _broken_lineages() -> list[str]:
    """Revisions that do not follow one another: said twice, or by two workers at once."""
    from milepost.service.monitoring.models import Finding

    wrong = []
    replaced = Counter(f for f in Finding.objects.values_list("supersedes", flat=True) if f)
    wrong += [f"{n} findings replace {one}" for one, n in replaced.items() if n > 1]
    known = set(Finding.objects.values_list("finding_id", flat=True))
    wrong += [f"{one} was replaced and is not there" for one in replaced if one not in known]
    return wrong


def main() -> None:
    import django

    django.setup()
    name, values = sys.argv[1], json.loads(sys.argv[2])
    steps: dict[str, Callable[..., Any]] = {
        step.__name__: step for step in (load, wait_until_judged, wait_for_owners, check, posted)
    }
    done = steps[name](**values)
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main()
