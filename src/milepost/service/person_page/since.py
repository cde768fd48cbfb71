"""What has changed about a person since this user last opened their first page.

When that was stands in the audit log already: nothing else is kept. A visit goes on for a while, so that what was new when
it began is still called new when the page is opened again a minute later.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.assessments.models import Assessment
from milepost.service.audit.models import Entry
from milepost.service.monitoring import words
from milepost.service.monitoring.models import Decision, Finding
from milepost.service.orders.models import Activation, OrderVersion, VersionState
from milepost.service.people.models import Note, Person
from milepost.service.person_page.policy_data import picture_policy
from milepost.times import MINUTE_US, from_us, to_us

FIRST_PAGE = "person.overview"


@dataclass(frozen=True, slots=True)
class Change:
    """``page``: the page of the person that shows it."""

    at_us: int
    text: str
    page: str


@dataclass(frozen=True, slots=True)
class Since:
    """``since_us``: when the user's last visit began to end; None: they have not been here before."""

    since_us: int | None
    changes: tuple[Change, ...]
    """The newest first, as many as fit."""
    more: bool


def since_last_look(user: User, person: Person, now_us: int) -> Since:
    """At most seven queries, however much there is."""
    since_us = last_look_us(user, person, now_us)
    if since_us is None:
        return Since(None, (), False)
    at_most = picture_policy().changes_at_most.value
    found = sorted(_changes(user, person, since_us, at_most + 1), key=lambda one: -one.at_us)
    return Since(since_us, tuple(found[:at_most]), len(found) > at_most)


def last_look_us(user: User, person: Person, now_us: int) -> int | None:
    """When this user last opened the first page, before the visit that goes on now. Microseconds UTC by the service's
    clock: the log has a clock of its own, so what is asked of it is how long ago."""
    log_now_us = time.time_ns() // 1000
    before = log_now_us - picture_policy().visit_minutes.value * MINUTE_US
    looked = Entry.objects.filter(
        subject=person.reference, actor=user.audit_name, what=FIRST_PAGE, at_us__lt=before
    )
    at_us: int | None = looked.order_by("-number").values_list("at_us", flat=True).first()
    return None if at_us is None else now_us - (log_now_us - at_us)


def _changes(user: User, person: Person, since_us: int, at_most: int) -> list[Change]:
    since = from_us(since_us)
    found: list[Change] = []
    told = Finding.objects.filter(person=person, current=True, told_us__gt=since_us)
    for kind, revision, at_us in told.order_by("-told_us").values_list("kind", "revision", "told_us")[
        :at_most
    ]:
        what = words.of_code(words.KINDS, kind)
        said = _("Found: %(what)s") if revision <= 1 else _("Later signals changed: %(what)s")
        found.append(Change(at_us, said % {"what": what}, "history"))
    gone = Finding.objects.filter(person=person, withdrawn=True, ended_us__gt=since_us)
    for kind, ended_us in gone.order_by("-ended_us").values_list("kind", "ended_us")[:at_most]:
        said = _("Withdrawn: %(what)s") % {"what": words.of_code(words.KINDS, kind)}
        found.append(Change(ended_us or since_us, said, "history"))
    decided = Decision.objects.filter(incident__person=person, at_utc__gt=since).exclude(by=user)
    for kind, name, at in decided.order_by("-at_utc").values_list("kind", "by__name", "at_utc")[:at_most]:
        said = _("Decided by %(name)s: %(what)s")
        found.append(
            Change(to_us(at), said % {"name": name, "what": words.of_code(words.DECISIONS, kind)}, "history")
        )
    notes = Note.objects.filter(person=person, at_utc__gt=since).exclude(by=user)
    for name, at in notes.order_by("-at_utc").values_list("by__name", "at_utc")[:at_most]:
        found.append(Change(to_us(at), _("Note by %(name)s") % {"name": name}, "notes"))
    if user.may(Permission.VIEW_ORDERS):
        approved = OrderVersion.objects.filter(
            order__person=person, state=VersionState.APPROVED, decided_utc__gt=since
        )
        for reference, number, approved_utc in approved.order_by("-decided_utc").values_list(
            "order__reference", "version", "decided_utc"
        )[:at_most]:
            said = _("Approved: order %(order)s, version %(n)s") % {"order": reference, "n": number}
            found.append(Change(to_us(approved_utc or since), said, "orders"))
    worn = Activation.objects.filter(person=person).filter(Q(from_utc__gt=since) | Q(until_utc__gt=since))
    for device, start, end in worn.values_list("device__device_id", "from_utc", "until_utc")[:at_most]:
        if start > since:
            found.append(Change(to_us(start), _("Device fitted: %(device)s") % {"device": device}, "devices"))
        if end is not None and end > since:
            found.append(Change(to_us(end), _("Device removed: %(device)s") % {"device": device}, "devices"))
    if user.may(Permission.VIEW_ASSESSMENTS):
        signed = Assessment.objects.filter(person=person, signed_utc__gt=since)
        for number, signed_utc in signed.order_by("-signed_utc").values_list("number", "signed_utc")[
            :at_most
        ]:
            said = _("Assessment signed: version %(n)s")
            found.append(Change(to_us(signed_utc or since), said % {"n": number}, "assessments"))
    return found


def words_of(since: Since) -> str:
    """How much is new, in a sentence."""
    if since.since_us is None:
        return _("You have not opened this record before.")
    if not since.changes:
        return _("Nothing has changed.")
    n = len(since.changes)
    if since.more:
        return ngettext("The newest %(n)s change:", "The newest %(n)s changes:", n) % {"n": n}
    return ngettext("%(n)s change:", "%(n)s changes:", n) % {"n": n}
