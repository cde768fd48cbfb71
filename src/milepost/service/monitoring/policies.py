"""In which state an incident may be claimed, decided, confirmed. Pure: rows in hand, no query, no change.

Who may do such things at all is a permission (``accounts.roles``); whose incidents one sees is ``visible_to``.
Each rule comes twice: ``check_can_x`` raises ``Refused`` with the reason, ``can_x`` answers for a template.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Permission
from milepost.service.kit.refusals import Refused, answers
from milepost.service.monitoring.grouping import LEVELS
from milepost.service.monitoring.models import CallBack, Decision, Incident, IncidentState
from milepost.service.monitoring.policy_data import DecisionRule, Reason, decision_policy
from milepost.service.monitoring.states import CALL_BACK_LIFE, DECISION_LIFE, Step, after


class Changed(Refused):
    """The incident is no longer what the form showed (its revision differs)."""


def check_unchanged(incident: Incident, revision: int) -> None:
    if incident.revision != revision:
        raise Changed(_("This alert changed while you had it open. Look at what is new, then decide."))


def check_can_work(user: User) -> None:
    if not user.may(Permission.DECIDE_INCIDENTS):
        raise Refused(_("Your role does not include deciding alerts."))


can_work = answers(check_can_work)


def check_can_claim(incident: Incident, user: User) -> None:
    check_can_work(user)
    if incident.state == IncidentState.CLAIMED and incident.claimed_by_id == user.pk:
        raise Refused(_("You have claimed this alert already."))
    if incident.state == IncidentState.CLAIMED:
        raise Refused(_("Somebody else has claimed this alert. Take it over if they have left it."))
    if after(incident.state, Step.CLAIM) is None:
        raise Refused(_("Only an alert that nobody has can be claimed."))


can_claim = answers(check_can_claim)


def check_can_release(incident: Incident, user: User) -> None:
    check_can_work(user)
    if after(incident.state, Step.RELEASE) is None or incident.claimed_by_id != user.pk:
        raise Refused(_("Only whoever claimed an alert can release it."))


can_release = answers(check_can_release)


def check_can_hand_over(incident: Incident, user: User, to: User | None = None, sees: bool = True) -> None:
    """``sees``: whether ``to`` may see the person. Never oneself, and nobody who has it already."""
    check_can_work(user)
    if after(incident.state, Step.HAND_OVER) is None:
        raise Refused(_("Only an alert that is not decided can be handed over."))
    if to is not None and to.pk == user.pk:
        raise Refused(_("You cannot hand an alert over to yourself. Choose somebody else, or claim it."))
    if to is not None and to.pk == incident.claimed_by_id:
        raise Refused(_("%(name)s has this alert already. Choose somebody else.") % {"name": to.name})
    if to is not None and not (to.may(Permission.DECIDE_INCIDENTS) and sees):
        raise Refused(_("%(name)s may not decide this alert. Choose somebody else.") % {"name": to.name})


can_hand_over = answers(check_can_hand_over)


def check_can_take_over(incident: Incident, user: User) -> None:
    """From somebody else who has it in hand."""
    check_can_work(user)
    if after(incident.state, Step.TAKE_OVER) is None:
        raise Refused(_("Nobody has this alert in hand. Claim it instead."))
    if incident.claimed_by_id == user.pk:
        raise Refused(_("You have this alert already."))


can_take_over = answers(check_can_take_over)


def check_can_decide(incident: Incident, user: User, waiting: bool) -> None:
    """``waiting``: a decision about it waits for a second person."""
    check_can_work(user)
    if waiting or incident.state == IncidentState.WAITING_FOR_SECOND:
        raise Refused(
            _("A decision about this alert waits for a second person. It has to be answered first.")
        )
    if incident.state == IncidentState.CLOSED_BY_ITSELF:
        raise Refused(_("This alert closed by itself: there is nothing left to decide."))
    if incident.state == IncidentState.CLAIMED and incident.claimed_by_id not in (None, user.pk):
        raise Refused(_("Somebody else has claimed this alert. Take it over first."))


can_decide = answers(check_can_decide)


def complaints(
    rule: DecisionRule,
    reason: Reason | None,
    *,
    kinds: set[str],
    explanation: str,
    evidence: str,
    asked_in_advance: bool | None,
) -> dict[str, str]:
    """What is missing or does not fit in a decision, by field: the data files say what is asked."""
    found: dict[str, str] = {}
    if not rule.fits(kinds):
        found["kind"] = _("This decision does not fit what was found. Choose another.")
    if reason is None or rule.kind not in reason.decisions:
        found["reason_code"] = _("Select a reason that belongs to this decision.")
    elif reason.evidence == "required" and not evidence.strip():
        found["evidence"] = _("Say what was seen as proof: a letter, a call, a booking.")
    if reason is not None and reason.when != "either":
        early = reason.when == "in_advance"
        if asked_in_advance is None:
            found["asked_in_advance"] = _("Say whether leave was asked for before.")
        elif asked_in_advance is not early:
            found["asked_in_advance"] = (
                _("This reason counts only where leave was asked for before.")
                if early
                else _("This reason counts only where it was told afterwards.")
            )
    if rule.explanation_required and not explanation.strip():
        found["explanation"] = _("Explain the decision in a sentence or two.")
    return found


def check_may_be_many(count: int, kind: str) -> None:
    """Whether so many alerts may be decided at once by such a decision."""
    together = decision_policy().together
    if kind not in together.decisions:
        raise Refused(_("This decision is made for one alert at a time."))
    if count > together.at_most:
        raise Refused(_("At most %(n)d alerts are decided at once. Choose fewer.") % {"n": together.at_most})
    if not count:
        raise Refused(_("Choose at least one alert."))


def check_can_decide_together(
    incident: Incident, user: User, waiting: bool, rule: DecisionRule, finding_kinds: set[str], minutes: float
) -> None:
    """Whether it may be one of many that are decided at once. ``minutes``: what its findings add up to."""
    check_can_decide(incident, user, waiting)
    together = decision_policy().together
    if incident.state not in (IncidentState.OPEN, IncidentState.CLAIMED):
        raise Refused(_("This alert is decided already."))
    if incident.still_going:
        raise Refused(_("This alert is still going. Decide it on its own page."))
    if incident.level == LEVELS[-1]:
        raise Refused(_("This alert is urgent. Decide it on its own page."))
    if not finding_kinds or not finding_kinds <= set(together.findings):
        raise Refused(_("Alerts of this kind are decided one by one."))
    if rule.kind not in together.decisions or rule.makes_absence:
        raise Refused(_("This decision is made for one alert at a time."))
    if rule.needs_second(minutes):
        raise Refused(_("This decision needs a second person. Make it on the alert's own page."))


def check_can_second(decision: Decision, user: User) -> None:
    if not user.may(Permission.SECOND_DECISIONS):
        raise Refused(_("Your role does not include confirming decisions."))
    if DECISION_LIFE.after(decision.state, Step.CONFIRM) is None:
        raise Refused(_("This decision has been answered already."))
    if decision.by_id == user.pk:
        raise Refused(_("You made this decision. Somebody else has to confirm it."))


can_second = answers(check_can_second)


def check_same_findings(decision: Decision, current_ids: set[str]) -> None:
    """A second person confirms what the first one saw, not what signals have made of it since."""
    if set(decision.finding_ids) != current_ids:
        raise Changed(
            _("Later signals changed the findings after the decision. Send it back to be decided again.")
        )


def check_can_keep(incident: Incident, user: User, standing: Decision | None) -> None:
    check_can_work(user)
    if standing is None or incident.state != IncidentState.DECIDED or not incident.superseded_since_decision:
        raise Refused(_("There is no decision here that later signals have changed."))


can_keep = answers(check_can_keep)


def check_can_call_back(incident: Incident, user: User, due_us: int, now_us: int) -> None:
    """A time to call again may be set on any alert but one that closed by itself: after a decision too."""
    check_can_work(user)
    if incident.state == IncidentState.CLOSED_BY_ITSELF:
        raise Refused(_("This alert closed by itself: there is nobody to call about it."))
    if due_us <= now_us:
        raise Refused(_("The time to call again has passed already. Enter a later time."))


def check_can_drop(call_back: CallBack, user: User) -> None:
    check_can_work(user)
    if CALL_BACK_LIFE.after(call_back.state, Step.DROP) is None:
        raise Refused(_("This call-back is over already."))
