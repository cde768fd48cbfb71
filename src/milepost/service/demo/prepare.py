"""The data folder of the demo: town, database, past, the feeder's token. What is done is not done again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from milepost.service import clock
from milepost.service.demo import history, storing
from milepost.service.demo.addresses_of_town import make_addresses
from milepost.service.demo.population import DEMO, Staff, load_people, make_staff
from milepost.service.demo.town import Times, TownSignals, prepare, times_of
from milepost.service.demo.town_so_far import TownSoFar
from milepost.service.kit.capabilities import demo_steps, named
from milepost.service.kit.files import write_whole
from milepost.service.orders.models import ToJudge

Step = Callable[[str, float], None]
"""Told what is being done and what share of the whole is."""
TOKEN = "gateway-token"


def make_ready(folder: Path, *, people: int, seed: int, step: Step) -> Times:
    """Everything up to the moment at which the visitor comes. Half-made folders are made from the beginning."""
    town = folder / "town"
    step("Making a synthetic town", 0.0)
    prepare(
        town, people=people, seed=seed, progress=lambda n: step("Making a synthetic town", 0.25 * n / people)
    )
    times = times_of(town)
    for leftover in folder.glob("milepost.sqlite3*"):
        leftover.unlink()
    step("Making the database", 0.26)
    call_command("migrate", verbosity=0, interactive=False)
    history.write_quickly()
    with clock.pinned(times.begin_us):  # they were known before their past began
        staff = make_staff()
        known = load_people(town, staff, seed)
    step("Reading its signals", 0.30)
    signals = TownSignals(town)
    storing.keep(signals, times, lambda done: step("Storing its signals", 0.32 + 0.28 * done))
    history.live_through(
        known, signals, times, staff, lambda done: step("Living through the past week", 0.60 + 0.35 * done)
    )  # fmt: skip
    town_so_far = TownSoFar(known, staff, seed, times.visit_us)
    for part in demo_steps():
        step(part.words, part.share)
        named(part.make)(town_so_far)
    ToJudge.objects.all().delete()  # they are judged: a worker need not begin by doing it twice
    make_token(folder, staff)
    make_addresses(town, Path(settings.GAZETTEER))
    history.write_safely()
    made = {"people": people, "seed": seed, "late_person": times.late_person, "visit_us": times.visit_us}
    write_whole(folder / "ready.json", json.dumps(made))
    step("Ready", 1.0)
    return times


def make_token(folder: Path, staff: Staff) -> None:
    """A gateway's token, known to the feeder alone."""
    from django.db import transaction

    from milepost.service.audit.operations import Operation
    from milepost.service.audit.record import write
    from milepost.service.signals.models import IngestToken
    from milepost.service.signals.tokens import new_secret

    why = "The feeder sends for the whole made-up town"
    prefix, whole, sha256 = new_secret()
    with transaction.atomic():
        token = IngestToken.objects.create(
            name="The town's gateway (synthetic)",
            prefix=prefix,
            secret_sha256=sha256,
            by=staff.supervisors[0],
            why_any_device=why,
        )
        write(
            by=DEMO,
            operation=Operation.ALTERATION,
            what="token.make",
            reason=why,
            details={"token": token.pk},
        )
    write_whole(folder / TOKEN, whole)
