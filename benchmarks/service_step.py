"""One step of a service benchmark in a process with Django: ``python -m benchmarks.service_step NAME JSON``.

Prints one line of JSON. ``service_lab.Lab.step`` calls it.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable
from typing import Any


def people(first: int, n: int, worn_since: str) -> dict[str, Any]:
    """Loads people on tag, in bulk."""
    from benchmarks.service_town import order_file
    from milepost.service.accounts.models import Team
    from milepost.service.orders.load import Attested, load_order_file
    from milepost.service.orders.models import ToJudge

    start = time.perf_counter()
    made = order_file(range(first, first + n), worn_since=dt.datetime.fromisoformat(worn_since))
    team, _ = Team.objects.get_or_create(name="North")
    done = load_order_file(
        made,
        by=None,
        attested=Attested("Synthetic", "Made up for a measurement"),
        team=team,
        audit_each=False,
    )
    ToJudge.objects.all().delete()  # workers that start afterwards place everyone anyway
    return {"seconds": time.perf_counter() - start, "made": done.n_made, "problems": len(done.problems)}


def doors() -> dict[str, Any]:
    """A gateway's token, and the cookie of a monitoring officer who is signed in."""
    from django.test import Client

    from milepost.service.accounts.actors import Machine
    from milepost.service.accounts.models import User
    from milepost.service.accounts.roles import Role
    from milepost.service.monitoring import lease
    from milepost.service.signals.actions import make_token

    _, token = make_token(
        name="gateway", why_any_device="The only sender here", by=Machine("command", "benchmark")
    )
    user = User.objects.create_user("officer@example.org", name="Officer", role=Role.MONITORING_OFFICER)
    client = Client()
    client.force_login(user)
    lease.make_buckets()
    return {"token": token, "cookie": client.cookies["milepost_session"].value}


def tokens(tags: int, file: str) -> dict[str, Any]:
    """A token for each tag, in a file, one a line."""
    from pathlib import Path

    from benchmarks.service_town import device_of
    from milepost.service.signals.models import IngestToken
    from milepost.service.signals.tokens import new_secret

    made = [(device_of(i), *new_secret()) for i in range(tags)]
    IngestToken.objects.bulk_create(
        [IngestToken(name=one, device_id=one, prefix=prefix, secret_sha256=kept) for one, prefix, _, kept in made],
        batch_size=2_000,
    )  # fmt: skip
    Path(file).write_text("\n".join(whole for _, _, whole, _ in made), encoding="utf-8")
    return {"made": len(made)}


def counts() -> dict[str, Any]:
    """What is in the database."""
    from milepost.service.monitoring.models import Finding, Incident, Lease
    from milepost.service.signals import models

    leases = list(Lease.objects.order_by("bucket").values("owner", "fix_id", "judged_us"))
    return {
        "fixes": models.Fix.objects.count(),
        "events": models.DeviceEvent.objects.count(),
        "findings": Finding.objects.filter(current=True).count(),
        "revisions": Finding.objects.count(),
        "incidents": Incident.objects.count(),
        "leases": leases,
    }


def history(tags: int, minutes: int) -> dict[str, Any]:
    """A position a minute of each tag up to now, in bulk, as the service would have stored them."""
    import numpy as np

    from benchmarks.service_bulk import in_bulk, insert
    from benchmarks.service_nation import insert_fixes, walk
    from benchmarks.service_town import device_of
    from milepost.service.signals.models import Sender

    start, now_us, stored = time.perf_counter(), time.time_ns() // 1000, 0
    with in_bulk():
        insert(
            Sender,
            ["id", "device_id", "last_received_us"],
            ((n + 1, device_of(n), now_us) for n in range(tags)),
        )
        for some in np.array_split(np.arange(tags), max(1, tags * minutes // 200_000)):
            stored += insert_fixes(walk(some, minutes, now_us), stored)
    return {"seconds": time.perf_counter() - start, "fixes": stored}


def incidents() -> list[dict[str, Any]]:
    """Each incident with its person, kind and when it was opened."""
    from milepost.service.monitoring.models import Incident

    return list(Incident.objects.values("pk", "kind", "opened_us", "person__reference"))


def wait_until_judged(since_us: int, seconds: float) -> float:
    """Until every bucket is held and was judged after ``since_us``; how long that took, seconds from ``since_us``."""
    from milepost.service.monitoring.models import Lease

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        leases = list(Lease.objects.values_list("owner", "judged_us"))
        if leases and all(owner and judged_us > since_us for owner, judged_us in leases):
            return max(judged_us for _, judged_us in leases) / 1e6 - since_us / 1e6
        time.sleep(0.2)
    raise RuntimeError("the workers did not come to judge everyone in time")


def wait_until_read(seconds: float) -> bool:
    """Until the engine has judged every stored fix, in every bucket."""
    from milepost.service.monitoring.models import Lease
    from milepost.service.signals.read import highest_ids

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        newest = highest_ids().fix
        if all(read >= newest for read in Lease.objects.values_list("fix_id", flat=True)):
            return True
        time.sleep(0.2)
    return False


def optimise() -> dict[str, Any]:
    """What a database does for itself after a bulk load."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {}


STEPS: dict[str, Callable[..., Any]] = {
    step.__name__: step
    for step in (
        people,
        doors,
        tokens,
        counts,
        history,
        incidents,
        wait_until_judged,
        wait_until_read,
        optimise,
    )
}


def main() -> None:
    import django

    django.setup()
    name, values = sys.argv[1], json.loads(sys.argv[2])
    sys.stdout.write(json.dumps(STEPS[name](**values)) + "\n")


if __name__ == "__main__":
    main()
