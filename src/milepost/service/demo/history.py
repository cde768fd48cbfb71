"""The days before the visitor came, lived through: signals judged as they came, alerts opened and decided.

Nothing here makes up a finding: the same engine that runs live judges the town's signals, the same code writes
what it found, and decisions go through the same actions, with the clock standing at each moment in turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

from django.conf import settings
from django.db import connection

from milepost.compliance.live_people import LivePeople
from milepost.compliance.rule_tables import ILLUSTRATIVE, read_rules
from milepost.service import clock
from milepost.service.accounts.actors import Machine
from milepost.service.demo.officers import Officers
from milepost.service.demo.population import Staff
from milepost.service.demo.settings_of_demo import numbers
from milepost.service.demo.town import MINUTE_US, Times, TownSignals
from milepost.service.monitoring.reconcile import reconcile
from milepost.service.orders.engine_file import order_file_of
from milepost.service.orders.models import ToJudge
from milepost.service.people.models import Person
from milepost.service.signals.inbox import take_in
from milepost.tracks.record import Signals

GATEWAY = Machine("ingest", "demo")
HOURS_A_DELIVERY = 6


def live_through(
    people: dict[str, Person], signals: TownSignals, times: Times, staff: Staff, progress: Callable[[float], None]
) -> None:
    """Judges everything received until the visit, in steps, and has officers decide as they would have.

    ``progress`` is told the share that is done, 0 to 1.
    """
    rules = read_rules(Path(settings.RULES) if settings.RULES else ILLUSTRATIVE)
    now = times.begin_us

    def history(device_ids: Collection[str], from_us: int) -> Signals:
        return signals.history(device_ids, from_us, now)

    live = LivePeople(rules, history=history)
    judged = live.put(order_file_of(people.values()), begin_us=times.begin_us, now_us=now)
    officers = Officers(staff, times.visit_us)
    step = numbers().play.step_minutes * MINUTE_US
    while now < times.visit_us:
        before, now = now, min(now + step, times.visit_us)
        judged |= live.ingest(signals.received_in(before, now), now_us=now)
        judged |= live.advance(now)
        with clock.pinned(now):
            _write(live, people, judged)
            officers.work(now)
            judged = _anew(live, people, now)
        progress((now - times.begin_us) / (times.visit_us - times.begin_us))
    with clock.pinned(now):
        _write(live, people, judged)


def _write(live: LivePeople, people: dict[str, Person], judged: set[str]) -> None:
    some = [people[reference] for reference in sorted(judged)]
    if some:
        reconcile(
            some, says=live.findings_of, begins_us={p.reference: live.begin_us(p.reference) for p in some},
            worker="demo-past", check=lambda people: None,
        )  # fmt: skip


def _anew(live: LivePeople, people: dict[str, Person], now_us: int) -> set[str]:
    """Whose orders changed by a decision: an authorised absence is honoured from the next step."""
    asked = [row.person for row in ToJudge.objects.select_related("person")]
    if not asked:
        return set()
    begins = {p.reference: live.begin_us(p.reference) for p in asked}
    judged = live.put(order_file_of(asked), begin_us=begins, now_us=now_us)
    ToJudge.objects.all().delete()
    return judged


def keep_recent(signals: TownSignals, times: Times, progress: Callable[[float], None]) -> None:
    """The last days' signals into the tables of recent signals, as deliveries of a gateway."""
    from_us = times.visit_us - numbers().town.recent_days * 24 * 60 * MINUTE_US
    step = HOURS_A_DELIVERY * 60 * MINUTE_US
    at = from_us
    while at < times.visit_us:
        upto = min(at + step, times.visit_us)
        part = signals.received_in(at, upto)
        if part.n_rows:
            digest = hashlib.sha256(f"demo {at} {upto} {part.n_rows}".encode()).hexdigest()
            take_in(
                part, received_us=upto, digest=digest, messages=1, batch_key=f"demo:{at}:{upto}", by=GATEWAY,
                details={"door": "demo"},
            )  # fmt: skip
        at = upto
        progress((at - from_us) / (times.visit_us - from_us))


def write_quickly() -> None:
    """What is made can be made again: no need to wait for the disk at each commit."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


def write_safely() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # from here on everything is on the disk
