"""Reasons for today's list: alerts, decisions that wait for a second person, devices that are heard less, and news."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.monitoring.board import to_look_at_again
from milepost.service.monitoring.filters import Filters
from milepost.service.monitoring.models import (
    CallBack,
    Decision,
    Finding,
    Incident,
    IncidentEvent,
    IncidentState,
)
from milepost.service.monitoring.policy_data import device_trouble_kinds, second_decision_within
from milepost.service.monitoring.words import DECISIONS, KINDS, of_code
from milepost.service.people.reasons import PersonReason, TodayQuery, address, change, lower_first, not_own
from milepost.supervision.today import Reason
from milepost.times import from_us

DECIDABLE = (IncidentState.OPEN, IncidentState.CLAIMED)
"""Not what waits for a second person: its first has done their part."""


def to_decide(query: TodayQuery) -> Iterator[PersonReason]:
    # Not as objects: a team may have thousands.
    rows = Incident.objects.filter(person_id__in=query.ids, state__in=DECIDABLE).values_list(
        "pk", "person_id", "level", "kind", "still_going", "revision", "due_us", "opened_us", "began_us",
        "claimed_by_id", "claimed_by__name",
    )  # fmt: skip
    for pk, person_id, level, finding, going, revision, due_us, opened_us, began_us, holder, name in rows:
        person = query.people[person_id]
        held = holder not in (None, query.viewer.pk, person.practitioner_id)
        yield PersonReason(
            person,
            Reason(
                kind="alert_held" if held else "alert_urgent" if level == "urgent" else "alert_review",
                key=f"incident-{pk}",
                text="alert_held" if held else "alert_going" if going else "alert",
                link=address("monitoring:incident", person, pk=pk),
                source=f"incident {pk}, revision {revision}",
                due_utc=None if due_us is None else from_us(due_us),
                since_utc=from_us(opened_us),
                facts={
                    "finding": finding,
                    "level": level,
                    "began_utc": from_us(began_us),
                    "holder": name if held else "",
                },
                state=f"{level} {finding} {due_us} {holder if held else ''}",
            ),
        )


def look_again(query: TodayQuery) -> Iterator[PersonReason]:
    """Decided, and later signals changed what was decided on."""
    rows = to_look_at_again(query.viewer, Filters()).filter(person_id__in=query.ids)
    for incident in rows:
        yield PersonReason(
            query.people[incident.person_id],
            Reason(
                kind="look_again",
                key=f"incident-{incident.pk}",
                text="look_again",
                link=address("monitoring:incident", query.people[incident.person_id], pk=incident.pk),
                source=f"incident {incident.pk}, revision {incident.revision}",
                since_utc=from_us(incident.changed_us),
                facts={"finding": incident.kind, "began_utc": from_us(incident.began_us)},
                state=str(incident.revision),
            ),
        )


def call_backs(query: TodayQuery) -> Iterator[PersonReason]:
    """Times to call again about an alert, whoever set them: the rank rule leaves out what is too early."""
    rows: Any = CallBack.objects.filter(incident__person_id__in=query.ids, state=CallBack.State.WAITING)
    rows = rows.values_list(
        "pk",
        "incident_id",
        "incident__person_id",
        "incident__kind",
        "due_us",
        "at_utc",
        "by_id",
        "by__name",
        "why",
    )
    for pk, incident_id, person_id, finding, due_us, at_utc, by, name, why in rows:
        person = query.people[person_id]
        yield PersonReason(
            person,
            Reason(
                kind="call_back",
                key=f"call-back-{pk}",
                text="call_back" if by == query.viewer.pk else "call_back_of_colleague",
                link=address("monitoring:incident", person, pk=incident_id),
                source=f"call-back {pk}",
                due_utc=from_us(due_us),
                since_utc=at_utc,
                facts={"finding": finding, "by": name, "why": why},
                state=str(due_us),
            ),
        )


def second_decisions(query: TodayQuery) -> Iterator[PersonReason]:
    user = query.waits_for
    if user is None or not user.may(Permission.SECOND_DECISIONS):
        return
    rows = Decision.objects.visible_to(user).filter(state=Decision.State.WAITING).exclude(by=user)
    for decision in rows.select_related("incident__person__practitioner", "incident__person__team", "by"):
        person = decision.incident.person
        facts = {"decision": decision.kind, "by": decision.by.name, "finding": decision.incident.kind}
        yield PersonReason(
            person,
            Reason(
                kind="second_decision",
                key=f"decision-{decision.pk}",
                text="second_decision",
                link=address("monitoring:second-decision", person, pk=decision.pk),
                source=f"decision {decision.pk}",
                due_utc=decision.at_utc + second_decision_within(),
                since_utc=decision.at_utc,
                facts=facts,
                state=str(decision.pk),
            ),
        )


def device_trouble(query: TodayQuery) -> Iterator[PersonReason]:
    """Devices that are heard less: flat, without power, silent. Only where no alert says so already."""
    rows = Finding.objects.filter(
        person_id__in=query.ids, current=True, withdrawn=False, status="open", kind__in=device_trouble_kinds(),
    ).values_list("person_id", "incident_id", "finding_id", "kind", "start_us")  # fmt: skip
    for person_id, incident_id, finding_id, kind, start_us in rows:
        # Not asked of the database: it would go through all findings of the country that have no alert, which are
        # many, and not through what is open about these people, which is little.
        if incident_id is not None:
            continue
        person, began_utc = query.people[person_id], from_us(start_us)
        yield PersonReason(
            person,
            Reason(
                kind="device_trouble",
                # Not the finding's id: each revision has another, and the trouble is the same.
                key=f"{kind}-{start_us}",
                text="device_trouble",
                link=address("person_page:overview", person, reference=person.reference),
                source=f"finding {finding_id}",
                since_utc=began_utc,
                facts={"finding": kind, "began_utc": began_utc},
                state=kind,
            ),
        )


def decided(query: TodayQuery) -> Iterator[PersonReason]:
    rows = Decision.objects.filter(
        incident__person_id__in=query.ids, state=Decision.State.STANDS, at_utc__gte=query.since_utc
    )
    rows = not_own(rows, "by", query).values_list(
        "pk", "incident_id", "incident__person_id", "at_utc", "by__name", "kind", "incident__kind"
    )
    for pk, incident_id, person_id, at_utc, by, kind, finding in rows:
        person = query.people[person_id]
        link = address("monitoring:incident", person, pk=incident_id)
        yield change(
            person, f"decision-{pk}", "change_decided", link, at_utc, by, decision=kind, finding=finding
        )


def closed(query: TodayQuery) -> Iterator[PersonReason]:
    rows = Incident.objects.filter(
        person_id__in=query.ids, state=IncidentState.CLOSED_BY_ITSELF, changed_us__gte=query.since_us
    )
    for incident in rows:
        person = query.people[incident.person_id]
        link = address("monitoring:incident", person, pk=incident.pk)
        at = from_us(incident.changed_us)
        yield change(person, f"incident-{incident.pk}", "change_closed", link, at, "", finding=incident.kind)


def done(user: User, since_utc: dt.datetime) -> list[tuple[int, str]]:
    """What somebody did since then: number and words."""
    decisions = Decision.objects.filter(
        Q(by=user, at_utc__gte=since_utc) | Q(second_by=user, second_utc__gte=since_utc)
    ).count()
    contacts = IncidentEvent.objects.filter(kind=IncidentEvent.Kind.CONTACT, by=user, at_utc__gte=since_utc)
    calls = contacts.count()
    return [
        (decisions, ngettext("%(n)d decision", "%(n)d decisions", decisions)),
        (calls, ngettext("%(n)d contact about an alert", "%(n)d contacts about alerts", calls)),
    ]


def _what(facts: dict[str, Any]) -> str:
    return str(of_code(KINDS, facts["finding"]))


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "alert": lambda f: _("%(what)s, %(when)s") % {"what": _what(f), "when": f["began"]},
    "alert_going": lambda f: (
        _("%(what)s since %(when)s, still going") % {"what": _what(f), "when": f["began"]}
    ),
    "alert_held": lambda f: (
        _("%(what)s, %(when)s: %(name)s has it") % {"what": _what(f), "when": f["began"], "name": f["holder"]}
    ),
    "call_back": lambda f: (
        _("Call again about “%(what)s”. %(why)s") % {"what": _what(f), "why": f["why"]}
    ).rstrip(),
    "call_back_of_colleague": lambda f: (
        _("Call again about “%(what)s”; %(name)s set the time. %(why)s")
        % {"what": _what(f), "name": f["by"], "why": f["why"]}
    ).rstrip(),
    "look_again": lambda f: (
        _("Later signals changed what was decided on: %(what)s, %(when)s")
        % {"what": lower_first(_what(f)), "when": f["began"]}
    ),
    "second_decision": lambda f: (
        _("%(name)s decided “%(decision)s” about “%(what)s”. It needs a second person")
        % {"name": f["by"], "decision": of_code(DECISIONS, f["decision"]), "what": _what(f)}
    ),
    "device_trouble": lambda f: (
        _("%(what)s since %(when)s; no alert is open about it") % {"what": _what(f), "when": f["began"]}
    ),
    "change_decided": lambda f: (
        _("%(name)s decided “%(decision)s” about “%(what)s”, %(when)s")
        % {
            "name": f["by"],
            "decision": of_code(DECISIONS, f["decision"]),
            "what": _what(f),
            "when": f["at"],
        }
    ),
    "change_closed": lambda f: (
        _("An alert closed by itself: later signals show nothing (%(what)s, %(when)s)")
        % {"what": lower_first(_what(f)), "when": f["at"]}
    ),
}
NEXT_STEPS = {
    "alert": lazy("Open the alert"),
    "alert_going": lazy("Open the alert"),
    "alert_held": lazy("See the alert"),
    "call_back": lazy("Call"),
    "call_back_of_colleague": lazy("Call"),
    "look_again": lazy("Look again"),
    "second_decision": lazy("Confirm it or send it back"),
    "device_trouble": lazy("Call: see how to reach them"),
    "change_decided": lazy("See the decision"),
    "change_closed": lazy("See the alert"),
}
