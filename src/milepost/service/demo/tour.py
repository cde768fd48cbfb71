"""The short tour: seven steps, each with a role, a page and what to look for there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from milepost.service.accounts.roles import Role
from milepost.service.people.models import Person

STEP, HIDDEN = "demo_step", "demo_hidden"
"""What the session keeps."""


@dataclass(frozen=True, slots=True)
class TourStep:
    number: int
    role: Role
    title: str | Promise
    text: str | Promise
    view: str
    query: str = ""


STEPS = (
    TourStep(
        1, Role.MONITORING_OFFICER, _("Wait for an alert"),
        _("Sign in as a monitoring officer and watch the alerts. The town's clock runs fast: within minutes "
          "somebody is late for their curfew, and a new alert comes by itself."),
        "monitoring:board",
    ),
    TourStep(
        2, Role.MONITORING_OFFICER, _("Decide it"),
        _("Open the newest alert. See the evidence, what cannot be known, and by when it needs action. Say "
          "what happened and why. Only people decide here."),
        "monitoring:board",
    ),
    TourStep(
        3, Role.PRACTITIONER, _("Begin the day"),
        _("Sign in as a probation practitioner. One list says who needs you today, why, and by when; each row says what "
          "put it there. No score puts anybody on it."),
        "caseload:today",
    ),
    TourStep(
        4, Role.PRACTITIONER, _("See the full week"),
        _("Open one person: their order, their week and the running total, "
          "which an excuse makes smaller without erasing anything."),
        "people:search",
    ),
    TourStep(
        5, Role.MONITORING_SUPERVISOR, _("Confirm as a second person"),
        _("Some decisions need two people. Sign in as a supervisor and confirm one, or send it back."),
        "monitoring:second",
    ),
    TourStep(
        6, Role.AUDITOR, _("Ask who looked"),
        _("Sign in as an auditor. Everything you just opened and decided is in the log, which can prove that "
          "nobody rewrote it."),
        "audit:search", query="by=people",
    ),
    TourStep(
        7, Role.ANALYST, _("Ask whether it is fair"),
        _("Sign in as an analyst and look at groups side by side: who gets alerts, whose are upheld, whose tier is "
          "high. No person is shown, and where there are too few people, nothing is."),
        "algorithms:fairness",
    ),
)  # fmt: skip


def address_of(step: TourStep) -> str:
    """Where the step takes place; the first page where the service has no such page."""
    try:
        return reverse(step.view) + (f"?{step.query}" if step.query else "")
    except NoReverseMatch:
        return reverse("accounts:home")


def step_of(request: HttpRequest) -> TourStep:
    try:
        number = int(request.session.get(STEP, 1))
    except (TypeError, ValueError):
        number = 1
    return STEPS[min(max(number, 1), len(STEPS)) - 1]


@cache
def _late_reference() -> str:
    """Of the person who comes home late, as the folder of the demo says."""
    try:
        told = json.loads((Path(settings.DATA) / "ready.json").read_text())
    except (OSError, ValueError):
        return ""
    return str(told.get("late_person", ""))


def late_person() -> Person | None:
    reference = _late_reference()
    found: Person | None = Person.objects.filter(reference=reference).first() if reference else None
    return found


def panel(request: HttpRequest) -> dict[str, Any]:
    """For every page of the demo: the next step of the tour, until it is hidden."""
    match = request.resolver_match
    if not hasattr(request, "session") or match is None or match.app_name == "demo":
        return {}
    if STEP not in request.session or request.session.get(HIDDEN):
        return {}
    step = step_of(request)
    return {
        "demo_panel": {
            "step": step,
            "of": len(STEPS),
            "next": STEPS[step.number] if step.number < len(STEPS) else None,
            "role": Role(step.role).facts.title,
        }
    }
