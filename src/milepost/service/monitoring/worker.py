"""The engine worker: reads signals as they are stored, judges people, writes what changed.

Several can run; each judges the people of the buckets it holds (``lease``). It keeps no truth of its own: what
it knows is made from stored signals and orders, what it says is compared with what is written (``reconcile``).
Kill it at any time.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterable, Mapping, Sequence

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q

from milepost import times
from milepost.compliance.live_begin import safe_begin_us
from milepost.compliance.live_people import LivePeople
from milepost.compliance.warm_up import warm_up_live
from milepost.garbage import collection_paused
from milepost.service import clock
from milepost.service.kit.rules_in_force import rules_in_force
from milepost.service.monitoring import lease
from milepost.service.monitoring.call_backs import announce_call_backs
from milepost.service.monitoring.models import Lease
from milepost.service.monitoring.overdue import announce_overdue
from milepost.service.monitoring.reconcile import Row, Written, reconcile, standing_rows
from milepost.service.orders.engine_file import order_file_of
from milepost.service.orders.models import Activation, ToJudge
from milepost.service.people.models import Person
from milepost.service.signals import read
from milepost.service.signals.worn import LakeMissing, earliest, signals_to_judge
from milepost.times import DAY_US, HOUR_US
from milepost.tracks.record import Signals

log = logging.getLogger("milepost.worker")
LOOK_BACK_US = 18 * HOUR_US
"""A person's evaluation begins at least this long ago, and earlier where a finding or a night needs it. Signals
that come later than that place the person anew, further back."""
ROLL_AFTER_US = 42 * HOUR_US
"""A beginning older than this is moved up."""
REPEATS_WITHIN_US = 35 * DAY_US
"""Settled findings that may count as repeats."""
POLL_S = 0.1
ROWS_A_STEP = 20_000
PEOPLE_A_PUT = 2_000
PERSON_DAYS_A_PUT = 4_000
LONGEST_STEP_S = 600.0
"""A round of the loop that takes longer is taken for hanging: its leases run out."""


def worker_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


class Worker:
    """One worker process. ``step`` does one round; ``run`` goes on until ``stop`` is set."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or worker_name()
        self.rules = rules_in_force()
        self.stop = threading.Event()
        self.epochs: dict[int, int] = {}
        self.people: dict[str, Person] = {}
        self.live = LivePeople(self.rules, history=self._history)
        self.read_up_to = read.highest_ids()
        self._leases_until = 0.0
        self._every_minute = 0.0
        self._every_second = 0.0
        self._turned_s = time.monotonic()

    # --- the loop -----------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until ``stop``: a database that does not answer is waited for, not died of."""
        log.info("worker started", extra={"worker": self.name})
        warm_up_live()
        keeper = threading.Thread(target=self._keep_leases_while_busy, name="lease keeper", daemon=True)
        keeper.start()
        while not self.stop.is_set():
            self._turned_s = time.monotonic()
            try:
                busy = self.step()
            except lease.LeaseLost:
                self._forget_everything()
                continue
            except (DatabaseError, LakeMissing):
                # Without the lake an old finding would look as if it had no evidence: better to wait, and to say so.
                log.exception("what is stored cannot be read; trying again", extra={"worker": self.name})
                close_old_connections()
                self._forget_everything()
                self.stop.wait(1.0)
                continue
            if not busy:
                self.stop.wait(POLL_S)
        keeper.join(timeout=lease.LEASE_S)
        lease.release(self.name)
        log.info("worker stopped", extra={"worker": self.name})

    def _keep_leases_while_busy(self) -> None:
        """Placing thousands of people takes longer than a lease lasts. A loop that hangs is not kept alive."""
        while not self.stop.wait(lease.LEASE_S / 4):
            if time.monotonic() - self._turned_s > LONGEST_STEP_S:
                continue
            try:
                lease.renew(self.name, dict(self.epochs))
            except DatabaseError:
                connection.close()
        connection.close()

    def step(self) -> bool:
        """One round. True: there was so much to read that there is more."""
        self._mind_leases()
        self._judge_anew()
        signals, up_to = read.signals_since(*self.read_up_to, limit=ROWS_A_STEP)
        judged = self.live.ingest(signals, now_us=clock.now_us()) if signals.n_rows else set()
        judged |= self.live.advance(clock.now_us())
        self._write(judged)
        self.read_up_to = up_to
        self._mark_progress(bool(signals.n_rows))
        self._now_and_then()
        return signals.n_rows >= ROWS_A_STEP

    def _forget_everything(self) -> None:
        """Starts over from what is stored. Slow, and always right."""
        self.epochs, self.people = {}, {}
        self._leases_until = 0.0
        self.live = LivePeople(self.rules, history=self._history)
        self.read_up_to = read.highest_ids()

    # --- who is judged here -------------------------------------------------------------------------------

    def _mind_leases(self) -> None:
        if time.monotonic() < self._leases_until:
            return
        held = lease.hold(self.name, self.epochs)
        self._leases_until = time.monotonic() + lease.LEASE_S / 3
        lost = [bucket for bucket, epoch in self.epochs.items() if held.get(bucket) != epoch]
        if lost:
            gone = [r for r, p in self.people.items() if lease.bucket_of(p.pk) in lost]
            self._remove(gone)
        gained = {bucket for bucket, epoch in held.items() if self.epochs.get(bucket) != epoch}
        self.epochs = held
        if gained:
            log.info("buckets taken", extra={"worker": self.name, "count": len(gained)})
            self._place(self._people_of(gained))

    def _people_of(self, buckets: set[int]) -> list[Person]:
        """Those who wear, or lately wore, a device."""
        ended = Q(until_utc=None) | Q(until_utc__gte=times.from_us(clock.now_us() - LOOK_BACK_US))
        pks = Activation.objects.filter(ended).values_list("person_id", flat=True).distinct()
        mine = [pk for pk in pks if lease.bucket_of(pk) in buckets]
        people: list[Person] = []
        for i in range(0, len(mine), PEOPLE_A_PUT):
            people.extend(
                Person.objects.filter(pk__in=mine[i : i + PEOPLE_A_PUT], erased_utc=None).order_by("pk")
            )
        return people

    def _place(self, people: Sequence[Person], *, reach_us: int | None = None) -> None:
        """Puts people before the engine (again) and writes what it then says of them.

        ``reach_us``: from when on signals have to be judged, where that is longer ago than usual.
        """
        for i in range(0, len(people), PEOPLE_A_PUT):
            some = people[i : i + PEOPLE_A_PUT]
            now_us = clock.now_us()
            wanted = min(now_us - LOOK_BACK_US, reach_us or now_us)
            stands = standing_rows(some, from_us=wanted - REPEATS_WITHIN_US)
            begins = {
                p.reference: safe_begin_us(stands.get(p.reference, []), wanted, rules=self.rules)
                for p in some
            }
            settled = [
                row
                for rows in stands.values()
                for row in rows
                if _ended_before(row, begins[row["person_id"]])
            ]
            self.people |= {p.reference: p for p in some}
            with (
                collection_paused()
            ):  # orders and obligations are objects by the hundred thousand, and all stay
                judged = self.live.put(order_file_of(some), begin_us=begins, now_us=now_us, settled=settled)
            self._keep_leases()
            self._write(judged | set(begins))

    def _keep_leases(self) -> None:
        """Placing many people takes longer than a lease lasts."""
        held = lease.hold(self.name, self.epochs)
        if any(held.get(bucket) != epoch for bucket, epoch in self.epochs.items()):
            raise lease.LeaseLost("lost a bucket while its people were placed")
        self._leases_until = time.monotonic() + lease.LEASE_S / 3

    def _remove(self, references: Iterable[str]) -> None:
        for reference in references:
            self.people.pop(reference, None)
        self.live.remove(list(references))

    def _judge_anew(self) -> None:
        """People whose orders, devices or absences changed, and people of whom very late signals came."""
        asked = [
            row for row in ToJudge.objects.select_related("person").order_by("asked_us")[:PEOPLE_A_PUT]
            if lease.bucket_of(row.person_id) in self.epochs
        ]  # fmt: skip
        if asked:
            reach = self._reach(asked)
            self._place([row.person for row in asked if row.person not in reach])
            self._place_far(reach)
            with transaction.atomic():
                for row in asked:  # not if it was asked again meanwhile
                    ToJudge.objects.filter(pk=row.pk, asked_us=row.asked_us).delete()
        early = self.live.too_early()
        self._place_far({self.people[r]: when for r, when in early.items() if r in self.people})

    def _reach(self, asked: Iterable[ToJudge]) -> dict[Person, int]:
        """Of whom more has to be judged again than is usual, and from when on: from the change, or from the first signal
        since. Where there are none, nothing was judged: orders of a country may begin years before their tags speak.
        """
        usual_us = clock.now_us() - LOOK_BACK_US
        far = {row.person: row.from_us for row in asked if row.from_us is not None and row.from_us < usual_us}
        if not far:
            return {}
        devices: dict[int, list[str]] = {}
        for person_id, device in Activation.objects.filter(person__in=list(far)).values_list(
            "person_id", "device__device_id"
        ):
            devices.setdefault(person_id, []).append(device)
        first = earliest({device for some in devices.values() for device in some}, min(far.values()))
        found = {}
        for person, from_us in far.items():
            times = [first[device] for device in devices.get(person.pk, ()) if device in first]
            if times and max(from_us, min(times)) < usual_us:
                found[person] = max(from_us, min(times))
        return found

    def _place_far(self, reach: Mapping[Person, int]) -> None:
        """Puts people whose past is judged again, few at once: a long time has many signals. What is settled is let go
        of before the next come."""
        by_day: dict[int, list[Person]] = {}
        for person, when in sorted(reach.items(), key=lambda item: item[1]):
            by_day.setdefault(when // DAY_US, []).append(person)
        for day, people in by_day.items():
            at_once = max(1, PERSON_DAYS_A_PUT // max(1, clock.now_us() // DAY_US - day))
            for i in range(0, len(people), at_once):
                some = people[i : i + at_once]
                self._place(some, reach_us=min(reach[person] for person in some))
                self._let_go([person.reference for person in some])

    # --- writing ------------------------------------------------------------------------------------------

    def _write(self, judged: Iterable[str]) -> Written:
        people = [self.people[reference] for reference in sorted(judged) if reference in self.people]
        if not people:
            return Written()
        return reconcile(
            people,
            says=self.live.findings_of,
            begins_us={p.reference: self.live.begin_us(p.reference) for p in people},
            worker=self.name,
            check=self._check,
            settles_us=self.live.settles_us,
        )

    def _check(self, people: Sequence[Person]) -> None:
        lease.check_held(self.name, self.epochs, {lease.bucket_of(p.pk) for p in people})

    def _mark_progress(self, read_something: bool) -> None:
        """Tells how far the engine has come; health and the lag shown to people rest on it."""
        if not read_something and time.monotonic() < self._every_second:
            return
        self._every_second = time.monotonic() + 1.0
        fix, presence, event = self.read_up_to
        Lease.objects.filter(bucket__in=list(self.epochs), owner=self.name).update(
            fix_id=fix, presence_id=presence, device_event_id=event, judged_us=lease.real_us()
        )
        if 0 in self.epochs:
            announce_overdue()
            announce_call_backs()

    def _now_and_then(self) -> None:
        """Moves up old beginnings, so that signals from before them can be let go."""
        if time.monotonic() < self._every_minute:
            return
        self._every_minute = time.monotonic() + 60.0
        now_us = clock.now_us()
        old = [r for r in self.people if self.live.begin_us(r) < now_us - ROLL_AFTER_US]
        self._let_go(old[:PEOPLE_A_PUT])

    def _let_go(self, references: Iterable[str]) -> None:
        wanted_us = clock.now_us() - LOOK_BACK_US
        self.live.roll({r: self.live.safe_begin_us(r, wanted_us) for r in references})

    def _history(self, device_ids: Sequence[str], from_us: int) -> Signals:
        return signals_to_judge(device_ids, from_us, 1 << 62)


def _ended_before(row: Row, begin_us: int) -> bool:
    return row["status"] != "open" and max(row["end_utc"], row["end_latest_utc"]) < begin_us
