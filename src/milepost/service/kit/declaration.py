"""What an app adds to the service, said by the app itself, in one frozen declaration.

Each app has a module ``capability`` with ``CAPABILITY = Capability(...)``. Whoever collects (the navigation, the log's
words, Today, erasure, the demo, ...) reads ``kit.capabilities`` and knows no app. A declaration costs nothing to
import: models and functions stand in it as words, "orders.Order" and "milepost.service.orders.today:ending", and are
looked up when they are needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

Words = str | Promise
"""What people read; a lazy translation."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the navigation, for whoever has ``permission``. ``place``: smaller comes first."""

    text: Words
    view: str
    permission: str
    place: int
    covers: tuple[str, ...] = ()
    """Views that lie under it ("orders:device"), and apps all of whose other views do ("orders")."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """Where these roles land after signing in. ``place``: of several pages the one with the smallest."""

    view: str
    roles: tuple[str, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Addresses:
    """``urlconf`` is included under ``prefix``, such as "orders/"."""

    prefix: str
    urlconf: str


@dataclass(frozen=True, slots=True)
class PersonTab:
    """A tab of the person's page; ``view`` takes the person's ``reference``."""

    name: str
    text: Words
    view: str
    permission: str
    place: int


@dataclass(frozen=True, slots=True)
class NextAppointment:
    """What a source of ``Capability.next_appointments`` gives: the next time that somebody expects the person.

    ``at_utc`` is aware. ``what`` and ``where`` are words for staff; ``href`` the page of it, or "".
    """

    at_utc: dt.datetime
    what: Words
    where: Words = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """Rows about a person, which go when the person is erased.

    ``model`` as "orders.Order"; ``path`` the way from a row to its person as a filter says it ("order__person");
    ``place`` the order of erasure, the smallest first: what points to a row goes before it. ``loosen`` names keys among
    rows of the model that are emptied first, because they point at one another.
    """

    name: str
    model: str
    path: str
    place: int
    loosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """A rule that lets go of what was kept long enough.

    ``what`` as in the retention schedule; ``words`` for the page; ``rule`` a function of the moment before which it goes
    and whether it is a dry run, which gives the number of rows. No rule: the schedule says that it is kept.
    """

    what: str
    words: Words
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that other systems may be told of. ``body`` is the shape of what is told, a pydantic model."""

    name: str
    words: Words
    body: str


@dataclass(frozen=True, slots=True)
class Today:
    """Reasons for the list of today's work: functions of a ``TodayQuery``, and words by the code of a reason's text.

    ``sources``: about the people asked about. ``signatures``: what waits for the user as a second person, about anybody
    they may see. ``sentences``: why, of the facts; ``next_steps``: what to do. ``done``: of a user and the moment from which
    it counts, numbers of what they did, with words.
    """

    sources: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    sentences: str = ""
    next_steps: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class DemoStep:
    """What the demonstration makes. ``make`` takes the town as ``demo.town_so_far`` describes it."""

    words: str
    make: str
    place: int
    share: float = 0.0
    """How much of the whole is done when it begins, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Command:
    """A group or command of ``milepost``. No ``help_text``: it is not listed."""

    name: str
    command: str
    help_text: str = ""


@dataclass(frozen=True, slots=True)
class DailyJob:
    """What the timer of upkeep does once a day: a function of ``by``, the actor for the log."""

    name: str
    job: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A number on the status page: of what waits. ``count`` is a function without arguments, one query."""

    name: str
    words: Words
    count: str


@dataclass(frozen=True, slots=True)
class Capability:
    """All that one app adds. What it does not add it leaves out."""

    addresses: tuple[Addresses, ...] = ()
    navigation: tuple[Entry, ...] = ()
    first_pages: tuple[FirstPage, ...] = ()
    person_tabs: tuple[PersonTab, ...] = ()
    next_appointments: tuple[str, ...] = ()
    """Functions of a user, a person and a moment (aware, UTC): the person's next ``NextAppointment`` of this app from
    then on that the user may see, or None. The earliest of all stands on the person's first page."""
    audit: Mapping[str, Words] = field(default_factory=dict)
    """Code of the log to its words. A code that no app declares cannot be written."""
    purposes: str = ""
    """A function that gives the purposes for which the app lets people look, code to words: the log's pages say them."""
    records: tuple[Records, ...] = ()
    gone_with_person: tuple[str, ...] = ()
    """Models whose rows go by cascade, with the person or with another record."""
    retention: tuple[Retention, ...] = ()
    kept_with_person: bool = False
    """The app has rows and no period of its own: they are kept as long as the person's record."""
    kept_for_good: str = ""
    """Why the app's rows are kept without end, where they are about no person."""
    events: tuple[Event, ...] = ()
    today: Today = Today()
    demo: tuple[DemoStep, ...] = ()
    commands: tuple[Command, ...] = ()
    api: tuple[str, ...] = ()
    """Routers of the API."""
    daily_jobs: tuple[DailyJob, ...] = ()
    queues: tuple[Queue, ...] = ()
    zone_plans: tuple[str, ...] = ()
    """Functions that say what is planned for the people whom a zone protects: of a ``ZoneQuestion`` they give a
    ``ZonePlan`` or None (``monitoring.zone_plan``). An alert about the zone shows it."""
    algorithms: tuple[str, ...] = ()
    """Functions that make records of algorithms known (``risk.records``), called once the service is ready."""
