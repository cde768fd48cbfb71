"""What officers did with the alerts of the past days: called, decided, confirmed. Through the same actions as real ones.

Chance comes from the number of the incident, so that the same town has the same past.
"""

from __future__ import annotations

import random
from heapq import heappop, heappush

from milepost.compliance.finding_kinds import DESCRIPTIONS
from milepost.service.accounts.models import User
from milepost.service.demo.policy_data import numbers
from milepost.service.demo.population import Staff
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import policies
from milepost.service.monitoring.actions.contacts import record_contact
from milepost.service.monitoring.actions.decisions import decide
from milepost.service.monitoring.actions.holding import claim
from milepost.service.monitoring.actions.second import confirm
from milepost.service.monitoring.models import Decision, DecisionKind, Incident, IncidentState
from milepost.service.monitoring.policy_data import decision_policy, reasons
from milepost.service.people.models import Person
from milepost.times import HOUR_US, MINUTE_US

K = DecisionKind
EQUIPMENT_KINDS = {str(each.kind) for each in DESCRIPTIONS if each.about_equipment}
CHOICES = {
    True: ((K.NO_ACTION, 5), (K.EQUIPMENT_FAULT, 4), (K.WARNING, 3)),
    False: ((K.NO_ACTION, 3), (K.EXCUSED, 4), (K.WARNING, 6), (K.BREACH, 1)),
}
"""Whether it is about a device: what was decided, and how often beside the others."""
WORDS = {
    K.NO_ACTION: "Synthetic: nothing more is needed; the signals came back and fit what was said.",
    K.EXCUSED: "Synthetic: told us the same evening; what was shown fits the times.",
    K.EQUIPMENT_FAULT: "Synthetic: the equipment was at fault; an engineer was asked to look.",
    K.WARNING: "Synthetic: reached by telephone, no good reason; warned, and the order explained again.",
    K.BREACH: "Synthetic: no reason was given and it was not the first time.",
}
EVIDENCE = "Synthetic: a letter was seen"


class Officers:
    """The shift that worked while the past days were lived."""

    def __init__(self, staff: Staff, visit_us: int) -> None:
        self.staff = staff
        self.leave_from_us = visit_us - int(numbers().officers.leave_hours * HOUR_US)
        self.decide_at: list[tuple[int, int]] = []
        """A heap of (microseconds, incident)."""
        self.confirm_at: list[tuple[int, int]] = []
        """A heap of (microseconds, decision)."""
        self.last_seen = 0
        self.seen = {
            user.pk: set(Person.objects.visible_to(user).values_list("pk", flat=True))
            for user in [*staff.officers, *staff.supervisors]
        }

    def work(self, now_us: int) -> None:
        """Whatever is due by now."""
        self._look(now_us)
        while self.confirm_at and self.confirm_at[0][0] <= now_us:
            self._confirm(Decision.objects.get(pk=heappop(self.confirm_at)[1]))
        while self.decide_at and self.decide_at[0][0] <= now_us < self.leave_from_us:
            pk = heappop(self.decide_at)[1]
            incident = Incident.objects.select_related("person", "claimed_by").get(pk=pk)
            if incident.state in (IncidentState.OPEN, IncidentState.CLAIMED):
                self._take_up(incident, random.Random(pk), now_us)

    def _look(self, now_us: int) -> None:
        """Notes when each new alert will be taken up."""
        new = (
            Incident.objects.filter(pk__gt=self.last_seen)
            .order_by("pk")
            .values_list("pk", "level", "opened_us")
        )
        for pk, level, opened_us in new:
            low, high = getattr(numbers().officers, level, numbers().officers.review)
            heappush(self.decide_at, (opened_us + int(random.Random(pk).uniform(low, high) * MINUTE_US), pk))
            self.last_seen = pk

    def _take_up(self, incident: Incident, chance: random.Random, now_us: int) -> None:
        officer = chance.choice(self.staff.officers)
        if incident.person_id not in self.seen[officer.pk]:
            officer = self.staff.supervisors[0]
        recent = incident.opened_us > self.leave_from_us - int(numbers().officers.left_since_hours * HOUR_US)
        left = recent and chance.randrange(numbers().officers.leave_one_in) == 0
        if incident.state == IncidentState.OPEN and (left or chance.random() < 0.5):
            if left and chance.random() < 0.5:
                return  # nobody has looked yet
            claim(incident=incident, by=officer)
            self._call(incident, officer, chance)
        if left:
            return
        incident.refresh_from_db()
        self._decide(incident, incident.claimed_by or officer, chance, now_us)

    def leave_for_second(self, now_us: int) -> None:
        """One decision that waits, if none does, so that the visitor can be the second person."""
        if Decision.objects.filter(state=Decision.State.WAITING).exists():
            return
        waiting = Incident.objects.filter(state__in=(IncidentState.OPEN, IncidentState.CLAIMED))
        officer = self.staff.officers[0]
        seen = waiting.filter(person__in=self.seen[officer.pk]).exclude(kind__in=EQUIPMENT_KINDS)
        for incident in seen.select_related("person", "claimed_by").order_by("opened_us", "pk"):
            self._decide(
                incident, incident.claimed_by or officer, random.Random(incident.pk), now_us, K.BREACH
            )
            incident.refresh_from_db()
            if incident.state == IncidentState.WAITING_FOR_SECOND:
                return

    def _call(self, incident: Incident, officer: User, chance: random.Random) -> None:
        outcome = chance.choice(["spoke", "spoke", "no_answer", "message_left"])
        record_contact(incident=incident, by=officer, channel="mobile", outcome=outcome)

    def _decide(
        self,
        incident: Incident,
        officer: User,
        chance: random.Random,
        now_us: int,
        kind: DecisionKind | None = None,
    ) -> None:
        """``kind``: None leaves it to chance."""
        kinds = set(incident.findings.filter(current=True).values_list("kind", flat=True))
        choices = CHOICES[kinds <= EQUIPMENT_KINDS]
        kind = kind or chance.choices([k for k, _ in choices], [w for _, w in choices])[0]
        reason = chance.choice(reasons().of(kind))
        in_advance = {"in_advance": True, "after": False}.get(reason.when)
        missing = policies.complaints(
            decision_policy().of(kind), reason, kinds=kinds, explanation=WORDS[kind], evidence=EVIDENCE,
            asked_in_advance=in_advance,
        )  # fmt: skip
        if missing:
            return
        decision = decide(
            incident=incident, revision=incident.revision, by=officer, kind=kind, reason_code=reason.code,
            explanation=WORDS[kind], evidence=EVIDENCE if reason.evidence != "none" else "",
            asked_in_advance=in_advance,
        )  # fmt: skip
        if decision.state == Decision.State.WAITING:
            heappush(self.confirm_at, (now_us + int(chance.uniform(20, 400) * MINUTE_US), decision.pk))

    def _confirm(self, decision: Decision) -> None:
        try:
            confirm(decision=decision, by=self.staff.supervisors[0], note="Synthetic: agreed")
        except Refused:  # later signals changed it: a real one would decide again
            return
