"""The parts of the backup drill that run in processes of their own: ``python -m tests.service.upkeep.drill STEP``.

``fill``: a small service with people, signals, a lake. ``load``: goes on writing until stopped, and says so.
``look``: what is there, as JSON: counts, the audit chain's verdict, whether somebody can sign in.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.service.settings")
PASSWORD = "a-long-and-plain-passphrase"


def fill() -> None:
    from django.conf import settings
    from django.core.management import call_command

    from milepost.service.accounts.actors import Machine
    from milepost.service.signals.inbox import take_in
    from milepost.tracks.lake import PositionLake
    from tests.service.signals.made import T0_US, fix, signals
    from tests.service.world import make_world

    call_command("migrate", verbosity=0)
    world = make_world()
    world.nora.set_password(PASSWORD)
    world.nora.save()
    recent = signals([fix(m) for m in range(500)])
    take_in(recent, received_us=T0_US, digest="0" * 64, messages=1, by=Machine("device", "drill"))
    PositionLake.create(settings.LAKE, n_buckets=2).append(recent, batch_id="one")


def load() -> None:
    from milepost.service.accounts.actors import Machine
    from milepost.service.signals.inbox import take_in
    from tests.service.signals.made import T0_US, fix, signals

    minute = 1000
    while True:
        take_in(
            signals([fix(minute)]),
            received_us=T0_US,
            digest="0" * 64,
            messages=1,
            by=Machine("device", "drill"),
        )
        minute += 1
        sys.stdout.write(f"{minute}\n")
        sys.stdout.flush()


def look() -> None:
    from django.conf import settings
    from django.test import Client

    from milepost.service.audit.models import Entry
    from milepost.service.audit.store import check
    from milepost.service.people.models import Person
    from milepost.service.signals.models import Delivery, Fix
    from milepost.tracks.lake import PositionLake

    outcome = check()
    answer = Client().post("/sign-in", {"email": "practitioner@example.org", "password": PASSWORD})
    told = {
        "people": sorted(Person.objects.values_list("name", flat=True)),
        "fixes": Fix.objects.count(),
        "deliveries": Delivery.objects.count(),
        "batch_entries": Entry.objects.filter(what="signals.batch").count(),
        "entries": outcome.checked,
        "broken": str(outcome.broken.wrong) if outcome.broken else "",
        "lake_rows": PositionLake(Path(settings.LAKE)).info()["fixes"].n_rows,
        "signs_in": answer.status_code == 302,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    import django

    django.setup()
    {"fill": fill, "load": load, "look": look}[sys.argv[1]]()
