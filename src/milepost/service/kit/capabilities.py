"""The declarations of all apps, collected. Who reads them knows no app."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from milepost.service.kit.declaration import (
    Capability,
    Command,
    DailyJob,
    DemoStep,
    Entry,
    Event,
    PersonTab,
    Queue,
    Records,
    Retention,
    Today,
    Words,
)

HOUSE = "milepost.service"


def named(path: str) -> Any:
    """What a declaration names: "package.module:name"."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


@cache
def capabilities() -> dict[str, Capability]:
    """The declaration of each app that is installed, by its label, in the order of ``INSTALLED_APPS``.

    Raises:
        ImproperlyConfigured: an app of the service declares nothing, or two declare the same.
    """
    from django.conf import settings

    apps = [app for app in settings.INSTALLED_APPS if app.startswith(HOUSE)]
    found = {app.rpartition(".")[2]: _declared(app) for app in apps}
    _check(found)
    return found


def _declared(app: str) -> Capability:
    try:
        declared = importlib.import_module(f"{app}.capability").CAPABILITY
    except ModuleNotFoundError as error:
        raise ImproperlyConfigured(f"{app} has no module capability: {error}") from error
    if not isinstance(declared, Capability):
        raise ImproperlyConfigured(f"{app}.capability.CAPABILITY is not a Capability.")
    return declared


def _check(found: dict[str, Capability]) -> None:
    all_of_them = found.values()
    kinds: dict[str, Iterable[str]] = {
        "audit code": (code for one in all_of_them for code in one.audit),
        "event": (event.name for one in all_of_them for event in one.events),
        "navigation entry": (entry.view for one in all_of_them for entry in one.navigation),
        "view or app under a navigation entry": (
            under for one in all_of_them for entry in one.navigation for under in entry.covers
        ),
        "tab of the person's page": (tab.name for one in all_of_them for tab in one.person_tabs),
        "model with records": (records.model for one in all_of_them for records in one.records),
        "name of records": (records.name for one in all_of_them for records in one.records),
        "retention rule": (rule.what for one in all_of_them for rule in one.retention),
        "queue": (queue.name for one in all_of_them for queue in one.queues),
    }
    for kind, names in kinds.items():
        if twice := sorted(name for name, n in Counter(names).items() if n > 1):
            raise ImproperlyConfigured(f"Declared twice as {kind}: {', '.join(twice)}")


@cache
def navigation() -> tuple[Entry, ...]:
    return tuple(sorted(_all("navigation"), key=lambda entry: entry.place))


@cache
def lies_under() -> dict[str, str]:
    """A view, or an app all of whose other views, to the entry of the navigation that it lies under."""
    return {name: entry.view for entry in navigation() for name in entry.covers}


def first_pages(role: str) -> list[str]:
    """Views on which a role may land, the first choice first."""
    pages = [page for page in _all("first_pages") if role in page.roles]
    return [page.view for page in sorted(pages, key=lambda page: page.place)]


@cache
def audit_words() -> dict[str, Words]:
    """Every code that may be written to the log, with its words."""
    return {code: words for one in capabilities().values() for code, words in one.audit.items()}


def purposes_of(what: str) -> dict[str, str]:
    """Why somebody may say that they look, of the app that declares this code of the log: code to words, in the language
    of the page."""
    for one in capabilities().values():
        if what in one.audit:
            return dict(named(one.purposes)()) if one.purposes else {}
    return {}


@cache
def events() -> dict[str, Event]:
    return {event.name: event for event in _all("events")}


@cache
def person_tabs() -> tuple[PersonTab, ...]:
    return tuple(sorted(_all("person_tabs"), key=lambda tab: tab.place))


@cache
def next_appointments() -> tuple[Callable[..., Any], ...]:
    return tuple(named(path) for path in _all("next_appointments"))


@cache
def records() -> tuple[Records, ...]:
    """In the order of erasure."""
    return tuple(sorted(_all("records"), key=lambda records: records.place))


def demo_steps() -> list[DemoStep]:
    return sorted(_all("demo"), key=lambda step: step.place)


def retention_rules() -> tuple[Retention, ...]:
    return tuple(_all("retention"))


@cache
def today_sources() -> tuple[Callable[..., Any], ...]:
    return tuple(named(path) for today in _all_today() for path in today.sources)


@cache
def today_signatures() -> tuple[Callable[..., Any], ...]:
    return tuple(named(path) for today in _all_today() for path in today.signatures)


@cache
def today_done() -> tuple[Callable[..., Any], ...]:
    return tuple(named(today.done) for today in _all_today() if today.done)


@cache
def today_sentences() -> dict[str, Callable[..., str]]:
    """By the code of a reason's text."""
    return {
        code: one for today in _all_today() if today.sentences for code, one in named(today.sentences).items()
    }


@cache
def today_next_steps() -> dict[str, Words]:
    """The one next thing, by the code of a reason's text."""
    return {
        code: one
        for today in _all_today()
        if today.next_steps
        for code, one in named(today.next_steps).items()
    }


@cache
def zone_plans() -> tuple[Callable[..., Any], ...]:
    return tuple(named(path) for path in _all("zone_plans"))


def _all_today() -> list[Today]:
    return [one.today for one in capabilities().values()]


def queues() -> tuple[Queue, ...]:
    return tuple(_all("queues"))


def daily_jobs() -> tuple[DailyJob, ...]:
    return tuple(_all("daily_jobs"))


def routers() -> list[Any]:
    """Of the API, in the order of the apps."""
    return [named(path) for one in capabilities().values() for path in one.api]


def make_algorithms_known() -> None:
    """Once the apps are ready: every app's records of algorithms."""
    for one in capabilities().values():
        for path in one.algorithms:
            named(path)()


def every_command() -> dict[str, Command]:
    """Commands of every app in the house, installed or not: the command line knows no settings yet."""
    import milepost.service

    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(milepost.service.__path__):
        if module.ispkg and importlib.util.find_spec(f"{HOUSE}.{module.name}.capability"):
            found |= {one.name: one for one in _declared(f"{HOUSE}.{module.name}").commands}
    return found


def _all(part: str) -> Iterator[Any]:
    for one in capabilities().values():
        yield from getattr(one, part)
