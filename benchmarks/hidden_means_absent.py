"""Does the time of an answer tell a hidden record from one that is not there?

    python benchmarks/hidden_means_absent.py [TRIES]

Asks each way in TRIES times (1,000) for a restricted person and for a reference that nobody has, turn by turn, in one
process on a database in memory. Prints the medians, and how often an answer for the hidden one is slower than one for
the other: 0.5 is a coin. The last column is what chance alone would give for so many tries (two standard errors).
Leaves with 1 if a way is further from 0.5 than that and the medians differ by more than 2 %.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.service.settings")
HIDDEN, NOBODY = "P000003", "P000099"


def ways(world: Any) -> dict[str, Callable[[str], Any]]:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import reverse
    from tests.service.world import DOCUMENT

    from milepost.service.accounts.roles import Role

    client = Client()
    client.force_login(world.users[Role.SENIOR_PRACTITIONER])

    def order_file(person: str) -> bytes:
        version = {"version": 1, "effective_from_utc": "2026-03-01T12:00:00Z", **DOCUMENT}
        order = {"id": "NO1", "person_id": person, "regime": "community_order", "versions": [version]}
        return json.dumps({"milepost": 1, "people": [{"id": person}], "orders": [order]}).encode()

    def dry_run(person: str) -> Any:
        file = SimpleUploadedFile("orders.json", order_file(person))
        return client.post(reverse("orders:import"), {"file": file}, follow=True)

    return {
        "import, dry run": dry_run,
        "POST /api/v1/orders": lambda person: client.post(
            "/api/v1/orders", order_file(person), content_type="application/json"
        ),
        "ask for access": lambda person: client.get(reverse("people:ask", args=[person])),
        "person's page": lambda person: client.get(reverse("person_page:overview", args=[person])),
        "GET /api/v1/people": lambda person: client.get(f"/api/v1/people/{person}"),
    }


def measure(ask: Callable[[str], Any], tries: int) -> dict[str, np.ndarray]:
    took: dict[str, list[float]] = {HIDDEN: [], NOBODY: []}
    for number in range(tries + 5):
        for person in (HIDDEN, NOBODY) if number % 2 else (NOBODY, HIDDEN):
            start = time.perf_counter()
            ask(person)
            if number >= 5:
                took[person].append(time.perf_counter() - start)
    return {person: np.array(times) for person, times in took.items()}


def main() -> int:
    import logging

    import django

    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    django.setup()
    logging.disable(logging.CRITICAL)
    from django.test.runner import DiscoverRunner
    from django.test.utils import setup_test_environment
    from tests.service.world import make_world

    setup_test_environment()
    DiscoverRunner(verbosity=0, interactive=False).setup_databases()
    told = 0
    sys.stdout.write(f"{'way in':<22}{'hidden ms':>11}{'nobody ms':>11}{'slower':>9}{'chance':>9}\n")
    for name, ask in ways(make_world()).items():
        took = measure(ask, tries)
        hidden, nobody = took[HIDDEN], took[NOBODY]
        slower = float(np.mean(hidden[:, None] > nobody[None, :]))
        chance = 2 * (1 / 6 / tries) ** 0.5  # of the share of pairs, for two samples of this size
        medians = statistics.median(hidden) * 1e3, statistics.median(nobody) * 1e3
        sys.stdout.write(f"{name:<22}{medians[0]:>11.2f}{medians[1]:>11.2f}{slower:>9.3f}{chance:>9.3f}\n")
        sys.stdout.flush()
        told += abs(slower - 0.5) > chance and abs(medians[0] / medians[1] - 1) > 0.02
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
