"""Opens the service's pages in this process, over many people, and says how long each took and what it asked.

A step of ``benchmarks.service_pages``: ``python -m benchmarks.service_visits JSON``. Times are those of the whole
request without the network: middleware, view, database, template. Wall time is what a person waits for; processor
time is that of this process alone (with SQLite the database is in it, with PostgreSQL it is not) and tells the same on
a busy machine.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

from benchmarks.service_nation import DAY_US, Nation
from benchmarks.service_town import device_of, person_of

WARM_VISITS = 3
COUNTED_VISITS = 5
"""Queries are counted on these, the most of them taken: a name that nobody has asks less."""
Address = Callable[["Country"], Iterator[str]]


@dataclass(frozen=True)
class Page:
    """``target_ms`` at the 95th percentile. ``fresh``: nothing is in the cache. ``twice``: the second look counts."""

    name: str
    role: str
    addresses: Address
    target_ms: float = 200
    fresh: bool = False
    twice: bool = False


@dataclass(frozen=True)
class Country:
    """The database as the visits need it."""

    nation: Nation
    users: dict[str, Any]

    def watched(self) -> list[str]:
        """People with days of positions, whom the practitioner may see."""
        tags = self.nation.watched
        return [person_of(int(i)) for i in self.nation.tagged[tags] if i % 500 != 499]

    def anyone(self) -> Iterator[str]:
        """People on tag, from everywhere."""
        for n in range(self.nation.tags):
            person = int(self.nation.tagged[n * 7_919 % self.nation.tags])
            if person % 500 != 499:
                yield person_of(person)


def _of(view: str, people: str = "watched", **more: Any) -> Address:
    """A page of each person in turn."""
    from django.urls import reverse
    from django.utils.http import urlencode

    def addresses(country: Country) -> Iterator[str]:
        for reference in getattr(country, people)():
            query = f"?{urlencode(more)}" if more else ""
            yield reverse(view, kwargs={"reference": reference}) + query

    return addresses


def _same(view: str, query: str = "") -> Address:
    from django.urls import reverse

    def addresses(country: Country) -> Iterator[str]:
        while True:
            yield reverse(view) + query

    return addresses


def _each(view: str, queries: Callable[[Country], Iterator[str]]) -> Address:
    from django.urls import reverse

    return lambda country: (f"{reverse(view)}?{query}" for query in queries(country))


def _of_rows(view: str, key: str, rows: Callable[[Country], Any]) -> Address:
    """A page of each row; ``rows`` gives their keys."""
    from django.urls import reverse

    return lambda country: (reverse(view, kwargs={key: row}) for row in rows(country))


def _incidents(country: Country) -> list[int]:
    from milepost.service.monitoring.models import Incident

    people = country.watched()
    return list(
        Incident.objects.filter(person__reference__in=people, person__restricted=False, state="open")
        .order_by("-began_us").values_list("pk", flat=True)[:400]
    )  # fmt: skip


def _trails(hours: int) -> Address:
    """A purpose was given for each; the last hours before now."""
    from django.urls import reverse

    def addresses(country: Country) -> Iterator[str]:
        from milepost.service.people.models import Person
        from milepost.service.person_page.models import TrailRequest

        for person in Person.objects.filter(reference__in=country.watched()):
            asked = TrailRequest.objects.create(
                person=person, user=country.users["practitioner"], purpose="alert",
                from_us=country.nation.now_us - hours * DAY_US // 24, until_us=country.nation.now_us,
            )  # fmt: skip
            yield reverse("person_page:trail-shown", kwargs={"reference": person.reference, "pk": asked.pk})

    return addresses


def _days(country: Country) -> Iterator[str]:
    from django.urls import reverse

    for n, reference in enumerate(country.watched()):
        on = dt.datetime.fromtimestamp(country.nation.now_us / 1e6, dt.UTC).date() - dt.timedelta(
            days=1 + n % 5
        )
        order = f"O{int(country.nation.watched[n]) if n < len(country.nation.watched) else 0:06d}"
        address = reverse("person_page:day", kwargs={"reference": reference})
        yield f"{address}?order={order}&condition=curfew&on={on}"


def _names() -> list[str]:
    from milepost.service.demo.names import FAMILY, GIVEN

    return [f"{given.lower()} {family.lower()[:4]}" for given in GIVEN for family in FAMILY]


def _slips() -> list[str]:
    """Names as a hurried hand types them: two neighbours exchanged in one, a letter left out of the other."""
    from milepost.service.demo.names import FAMILY, GIVEN

    def swapped(word: str) -> str:
        at = len(word) // 2
        return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]

    return [
        f"{swapped(given.lower())} {family.lower()[:2]}{family.lower()[3:]}"
        for given in GIVEN
        for family in FAMILY
    ]


def _ends_of_numbers(country: Country) -> Iterator[str]:
    """The last digits of somebody's telephone, as they are read out."""
    from milepost.service.people.models import ContactDetail

    for value in ContactDetail.objects.order_by("pk").values_list("value", flat=True)[::997]:
        yield f"q={value[-6:]}"


def pages() -> list[Page]:
    """What officers, practitioners, supervisors and auditors open all day."""
    officer, practitioner, senior = "monitoring_officer", "practitioner", "senior_practitioner"
    supervisor, auditor, administrator = "monitoring_supervisor", "auditor", "administrator"
    own = "person_page:"
    return [
        Page("board", officer, _same("monitoring:board"), 100),
        Page("board, second page", officer, _same("monitoring:board", "?section=over&page=2"), 100),
        Page("board, a shift", officer, _same("monitoring:shift"), 200),
        Page("board, a name", officer,
             _each("monitoring:board", lambda c: (f"text={name.split()[0]}" for name in _names())), 100),
        Page("board, rows alone", officer, _same("monitoring:rows"), 100),
        Page("board, a team's", practitioner, _same("monitoring:board"), 100),
        Page("board, decided lately", officer, _same("monitoring:board", "?show=decided"), 100),
        Page("waiting for a second", supervisor, _same("monitoring:second")),
        Page("alert", officer, _of_rows("monitoring:incident", "pk", _incidents)),
        Page("overview", practitioner, _of(own + "overview")),
        Page("overview, anyone on tag", officer, _of(own + "overview", "anyone")),
        Page("week, worked out anew", practitioner, _of(own + "week"), fresh=True),
        Page("week, kept", practitioner, _of(own + "week"), twice=True),
        Page("day, worked out anew", practitioner, _days, fresh=True),
        Page("trail, 24 hours", practitioner, _trails(24), 100),
        Page("trail, 48 hours", practitioner, _trails(48)),
        *(Page(f"person, {tab}", practitioner, _of(own + tab))
          for tab in ("zones", "orders", "history", "devices", "notes", "details")),
        Page("search, a team's list", practitioner, _same("people:search")),
        Page("search, a reference", officer,
             _each("people:search", lambda c: (f"q={reference}" for reference in c.anyone()))),
        Page("search, a name", officer, _each("people:search", lambda c: (f"q={n}" for n in _names()))),
        Page("search, a common name", officer,
             _each("people:search", lambda c: (f"q={n.split()[0]}" for n in _names()))),
        Page("search, a device", officer,
             _each("people:search", lambda c: (f"q={device_of(n)}" for n in range(c.nation.tags)))),
        *(Page(f"pick, {what}, {who}", role, _each("people:pick", queries), 100)
          for who, role in (("on tag", officer), ("a team", practitioner))
          for what, queries in (
              ("a name", lambda c: (f"q={n}" for n in _names())),
              ("a common name", lambda c: (f"q={n.split()[0]}" for n in _names())),
              ("two letters", lambda c: (f"q={n[:2]}" for n in _names()[::7])),
              ("nearly a name", lambda c: (f"q={n}" for n in _slips())),
              ("nearly a common name", lambda c: (f"q={n.split()[0]}" for n in _slips())),
              ("nobody", lambda c: (f"q=qx{n[::-1]}" for n in _names())),
              ("a number", _ends_of_numbers),
              ("a reference", lambda c: (f"q={reference}" for reference in c.anyone())),
          )),
        Page("orders", practitioner, _same("orders:list")),
        Page("orders, everyone on tag", officer, _same("orders:list")),
        Page("orders, a name", officer,
             _each("orders:list", lambda c: (f"q={n.split()[0]}" for n in _names()))),
        Page("orders, drafts", senior, _same("orders:list", "?state=draft")),
        Page("order", practitioner, _of_rows("orders:order", "reference", lambda c: (
            f"O{int(tag):06d}" for tag in c.nation.watched if c.nation.tagged[tag] % 500 != 499))),
        Page("devices", officer, _same("orders:devices")),
        Page("device", officer, _of_rows("orders:device", "pk", lambda c: range(1, c.nation.tags + 1))),
        Page("signals not understood", officer, _same("signals:quarantine")),
        Page("audit, the newest", auditor, _same("audit:search")),
        Page("audit, a person", auditor,
             _each("audit:search", lambda c: (f"subject={reference}" for reference in c.anyone()))),
        Page("audit, a user", auditor,
             _each("audit:search", lambda c: (f"user=user:{n}" for n in range(1, c.nation.teams * 10)))),
        Page("audit, a person's trails", auditor, _each("audit:search", lambda c: (
            f"subject={reference}&what=person.trail_shown" for reference in c.anyone()))),
        Page("audit, refused", auditor, _same("audit:denied")),
        Page("audit, exceptional", auditor, _same("audit:exceptional")),
        Page("users", administrator, _same("accounts:users")),
        Page("today", practitioner, _same("caseload:today")),
        Page("team", senior, _same("caseload:team")),
        Page("assessments", practitioner, _same("assessments:list")),
        Page("assessments of a person", practitioner, _of("assessments:of-person")),
        Page("assessments contested", senior, _same("assessments:contests")),
        # Of days that the record has: of today the log holds what this benchmark did, and real time goes on.
        Page("audit, worth a look", auditor, _same("audit:patterns", "?until=2026-11-21")),
    ]  # fmt: skip


def visit(people: int, now_us: int, visits: int, only: list[str]) -> list[dict[str, Any]]:
    """Each page over ``visits`` records. Times in milliseconds."""
    from django.test import Client

    from milepost.service import clock
    from milepost.service.accounts.models import User
    from milepost.service.warm import warm_up

    warm_up()  # as every web process does
    country = Country(Nation(people, now_us), {})
    clients: dict[str, Client] = {}
    for role in ("monitoring_officer", "practitioner", "senior_practitioner", "monitoring_supervisor", "auditor",
                 "administrator"):  # fmt: skip
        email = f"{'practitioner-1' if role == 'practitioner' else role}@example.org"
        country.users[role] = User.objects.get(email=email)
        clients[role] = Client()
        clients[role].force_login(country.users[role])
    found = []
    with clock.pinned(now_us):
        for page in pages():
            if not only or any(part in page.name for part in only):
                found.append(_visit_page(page, country, clients[page.role], visits))
                most = max(found[-1]["wall_ms"], default=0)
                sys.stderr.write(f"{page.name}: {found[-1]['queries']} queries, at most {most:.0f} ms\n")
    return found


def _visit_page(page: Page, country: Country, client: Any, visits: int) -> dict[str, Any]:
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    wall, cpu, size, queries, statuses = [], [], 0, 0, []
    addresses = list(islice(page.addresses(country), visits + WARM_VISITS + COUNTED_VISITS))
    for number, address in enumerate(addresses):
        if page.fresh:
            cache.clear()
        if page.twice:
            client.get(address)
        counted = WARM_VISITS <= number < WARM_VISITS + COUNTED_VISITS
        with CaptureQueriesContext(connection) if counted else nullcontext() as asked:
            start, used = time.perf_counter(), time.thread_time()
            answer = client.get(address)
            took = (time.perf_counter() - start) * 1000, (time.thread_time() - used) * 1000
        size = max(size, len(answer.content))
        if answer.status_code != 200:
            statuses.append(f"{answer.status_code} {address}")
        if counted:
            queries = max(queries, len(asked))
        elif number >= WARM_VISITS:
            wall.append(took[0])
            cpu.append(took[1])
    return {
        "page": page.name, "target_ms": page.target_ms, "queries": queries, "bytes": size, "wall_ms": wall,
        "cpu_ms": cpu, "not_200": statuses,
    }  # fmt: skip


def main() -> None:
    import django

    django.setup()
    sys.stdout.write(json.dumps(visit(**json.loads(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
