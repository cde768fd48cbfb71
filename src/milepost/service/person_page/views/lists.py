"""Zones, orders, findings and decisions, devices, notes, details: each a page of its own."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from milepost.orders.model import ConditionKind
from milepost.orders.places import TargetCache, find_target
from milepost.service.accounts.about import about
from milepost.service.accounts.access import user_of
from milepost.service.accounts.roles import Permission
from milepost.service.maps.features import build_map
from milepost.service.maps.rows import KIND_OF_CONDITION, ZoneKind, ZoneRow
from milepost.service.monitoring import words
from milepost.service.monitoring.models import Decision, Finding, Incident
from milepost.service.orders.models import Absence, Activation, Order, OrderVersion, VersionState
from milepost.service.orders.place_names import place_names
from milepost.service.orders.summary import REGIME_WORDS, describe_condition, name_of_place, summarise
from milepost.service.orders.terms import draft_version
from milepost.service.people import policies
from milepost.service.people.forms import CONTACT_WORDS
from milepost.service.people.models import (
    ContactDetail,
    ExceptionalAccess,
    NamedAccess,
    Note,
    Person,
    StaffRisk,
)
from milepost.service.people.views.base import find_person
from milepost.service.person_page.lately import lately
from milepost.service.person_page.subject import Subject
from milepost.service.person_page.trail import zone_row
from milepost.service.person_page.views.base import open_page
from milepost.times import from_us

PER_PAGE = 25
ZONES = (ConditionKind.EXCLUSION_ZONE, ConditionKind.INCLUSION_ZONE, ConditionKind.RESTRICTION_ZONE)


@about(find_person, "person.zones", Permission.VIEW_ORDERS)
@require_GET
def zones(request: HttpRequest, person: Person) -> HttpResponse:
    """Places and zones of the versions in force now."""
    subject, context = open_page(request, person, "zones")
    rows = zones_in_force(subject)
    shown = build_map(zones=rows, timezone=settings.LOCAL_TIME_ZONE)
    return render(request, "person_page/zones.html", context | {"shown": shown, "zones": rows})


def zones_in_force(subject: Subject) -> list[ZoneRow]:
    rows: list[ZoneRow] = []
    cache = TargetCache()
    for version in subject.versions_in_force(subject.now_us):
        places = {place.id: place for place in version.places}
        for condition in version.conditions:
            kind = KIND_OF_CONDITION.get(condition.kind.value)
            if kind is None:
                continue
            described = describe_condition(condition, version)
            when = " ".join(s for s in described.sentences[1:3])
            target, reason = find_target(condition, version, None, cache)
            ids = [condition.place] if isinstance(condition.place, str) else condition.place or []
            names = [name_of_place(places[i]) if i in places else i for i in ids]
            name = " / ".join(names) or condition.purpose or condition.description or condition.id
            if target is None:
                rows.append(ZoneRow(name, kind or ZoneKind.HOME, when=when, why_not=reason or ""))
                continue
            rows += [zone_row(name, kind, shape, when) for shape in target.shapes]
    return rows


@about(find_person, "person.orders", Permission.VIEW_ORDERS)
@require_GET
def orders(request: HttpRequest, person: Person) -> HttpResponse:
    subject, context = open_page(request, person, "orders")
    versions = OrderVersion.objects.order_by("-version").select_related(
        "made_by", "decided_by", "attestation"
    )
    found = list(
        Order.objects.filter(person=subject.person)
        .prefetch_related(Prefetch("versions", versions))
        .order_by("-pk")
    )
    standing = {id(version) for version in subject.versions_in_force(subject.now_us)}
    in_force = {(o.id, v.version) for o in subject.order_file.orders for v in o.versions if id(v) in standing}
    context |= {
        "orders": [
            (
                order,
                REGIME_WORDS.get(order.regime, order.regime),
                [(v, (order.reference, v.version) in in_force, _conditions(v)) for v in order.versions.all()],
            )
            for order in found
        ],
        "absences": Absence.objects.filter(person=subject.person).select_related("order", "by").order_by("-from_utc")[
            :PER_PAGE],
        "now": from_us(subject.now_us),
    }  # fmt: skip
    return render(request, "person_page/orders.html", context)


def _conditions(version: OrderVersion):  # type: ignore[no-untyped-def]
    """In words; a draft that is not whole yet has none."""
    if version.state not in (VersionState.APPROVED, VersionState.WAITING):
        return []
    try:
        return summarise(draft_version(version))
    except ValueError:
        return []


@about(find_person, "person.history", Permission.VIEW_PEOPLE)
@require_GET
def history(request: HttpRequest, person: Person) -> HttpResponse:
    """Every finding that was ever told, newest first; what was superseded or withdrawn is shown as that."""
    subject, context = open_page(request, person, "history")
    found = Finding.objects.filter(person=subject.person)
    kinds = sorted(
        found.values_list("kind", flat=True).distinct(),
        key=lambda kind: str(words.of_code(words.KINDS, kind)),
    )
    kind = request.GET.get("kind", "")
    everything = request.GET.get("superseded") == "yes"
    if kind:
        found = found.filter(kind=kind)
    if not everything:
        found = found.filter(current=True)
    page = Paginator(found.order_by("-start_us", "-revision", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    incidents = {f.incident_id for f in page if f.incident_id}
    decisions: dict[int, list[Decision]] = {}
    for decision in (
        Decision.objects.filter(incident__in=incidents)
        .select_related("by", "second_by")
        .order_by("at_utc", "pk")
    ):
        decisions.setdefault(decision.incident_id, []).append(decision)
    states = dict(Incident.objects.filter(pk__in=incidents).values_list("pk", "state"))
    query = "".join(
        f"{name}={value}&"
        for name, value in (("kind", kind), ("superseded", "yes" if everything else ""))
        if value and value.replace("_", "").isalnum()
    )
    context |= {
        "page": page, "kinds": kinds, "kind": kind, "everything": everything, "decisions": decisions, "states": states,
        "words": words, "query": query,
    }  # fmt: skip
    return render(request, "person_page/history.html", context)


@about(find_person, "person.devices", Permission.VIEW_PEOPLE)
@require_GET
def devices(request: HttpRequest, person: Person) -> HttpResponse:
    subject, context = open_page(request, person, "devices")
    rows = Activation.objects.filter(person=subject.person).select_related(
        "device", "fitted_by", "removed_by"
    )
    open_findings = list(Finding.objects.filter(person=subject.person, current=True, status="open"))
    now = lately(subject, open_findings)
    context |= {
        "activations": rows.order_by("-from_utc", "-pk"),
        "health": {health.worn.activation: health for health in now.devices},
        "lately": now,
        "places": place_names([subject.person]),
        "now": from_us(subject.now_us),
        "words": words,
    }
    return render(request, "person_page/devices.html", context)


@about(find_person, "person.notes", Permission.VIEW_PEOPLE)
@require_GET
def notes(request: HttpRequest, person: Person) -> HttpResponse:
    subject, context = open_page(request, person, "notes")
    rows = Note.objects.filter(person=subject.person).select_related("by", "corrects__by")
    page = Paginator(rows.prefetch_related("corrected_by").order_by("-at_utc", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    may_write = policies.can_write_note(subject.person, user_of(request))
    return render(request, "person_page/notes.html", context | {"page": page, "may_write": may_write})


@about(find_person, "person.details", Permission.VIEW_PEOPLE)
@require_GET
def details(request: HttpRequest, person: Person) -> HttpResponse:
    """Identity, contact details, risks to staff, who may see the record."""
    subject, context = open_page(request, person, "details")
    user = user_of(request)
    context |= {
        "contacts": ContactDetail.objects.filter(person=person).order_by("ended_utc", "-preferred", "pk"),
        "contact_words": CONTACT_WORDS,
        "risks": StaffRisk.objects.filter(person=person).select_related("by").order_by("-since", "-pk"),
        "named": NamedAccess.objects.filter(person=person).select_related("user", "by").order_by("user__name"),
        "accesses": ExceptionalAccess.objects.filter(person=person).select_related("user").order_by("-at_utc")[:PER_PAGE],
        "can_edit": policies.can_edit(person, user),
        "can_allocate": policies.can_allocate(person, user),
        "now": from_us(subject.now_us),
    }  # fmt: skip
    return render(request, "person_page/details.html", context)
