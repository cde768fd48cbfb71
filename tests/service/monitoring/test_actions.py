"""What people do with an incident: claim, call, decide, confirm, and what each leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest

from milepost.service import events
from milepost.service.accounts.models import User
from milepost.service.accounts.roles import Role
from milepost.service.audit.models import Entry
from milepost.service.kit.refusals import Refused
from milepost.service.monitoring import actions, pulse
from milepost.service.monitoring.actions import AbsenceTime
from milepost.service.monitoring.models import Decision, IncidentEvent, IncidentState
from milepost.service.monitoring.policies import Changed
from milepost.service.orders.models import Absence, ToJudge
from tests.service.monitoring.factory import at, judge, late_incident, plain_incident, worked

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    heard: list[tuple[str, dict]] = []
    monkeypatch.setattr(events, "_listeners", [lambda name, body: heard.append((name, body))])
    return heard


@pytest.fixture
def officer(world):
    return world.users[Role.MONITORING_OFFICER]


@pytest.fixture
def supervisor(world):
    return world.users[Role.MONITORING_SUPERVISOR]


def moment(us: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(us / 1e6, dt.UTC)


def excuse(incident, by, **more):
    values = {
        "kind": "excused", "reason_code": "medical_emergency", "explanation": "In hospital.", "evidence": "Letter seen",
    }  # fmt: skip
    return actions.decide(incident=incident, revision=incident.revision, by=by, **(values | more))


def breach(incident, by, **more):
    values = {"kind": "breach", "reason_code": "no_excuse", "explanation": "Out at the pub."}
    return actions.decide(incident=incident, revision=incident.revision, by=by, **(values | more))


def fresh(incident):
    incident.refresh_from_db()
    return incident


def test_the_engine_s_finding_is_one_incident_of_23_minutes(world):
    incident = late_incident(world)
    finding = incident.findings.get(current=True)
    assert (incident.kind, incident.level) == ("late_return", "review")
    assert 22 * 60 <= finding.seconds <= 24 * 60


def test_a_claim_is_kept_told_and_logged(world, officer):
    incident = plain_incident(world.ada)
    before = pulse.current()
    actions.claim(incident=incident, by=officer)
    incident = fresh(incident)
    assert (incident.state, incident.claimed_by, incident.revision) == (IncidentState.CLAIMED, officer, 1)
    assert incident.events.get().kind == IncidentEvent.Kind.CLAIMED
    entry = Entry.objects.get(what="incident.claim")
    assert (entry.subject, entry.details["incident"]) == (world.ada.reference, incident.pk)
    assert pulse.current() == before + 1


def test_of_two_who_claim_the_second_is_told(world, officer, supervisor):
    incident = plain_incident(world.ada)
    actions.claim(incident=incident, by=officer)
    with pytest.raises(Refused, match="Somebody else has claimed"):
        actions.claim(incident=incident, by=supervisor)
    assert fresh(incident).claimed_by == officer


def test_only_the_holder_releases_but_anybody_who_decides_may_take_over(world, officer, supervisor):
    incident = plain_incident(world.ada)
    actions.claim(incident=incident, by=officer)
    with pytest.raises(Refused, match="Only whoever claimed"):
        actions.release(incident=incident, by=supervisor)
    with pytest.raises(Refused, match="You have this alert already"):
        actions.take_over(incident=incident, by=officer)
    actions.take_over(incident=incident, by=supervisor)
    assert fresh(incident).claimed_by == supervisor
    actions.release(incident=incident, by=supervisor)
    assert fresh(incident).state == IncidentState.OPEN


def test_nothing_is_handed_to_somebody_who_may_not_see_the_person(world, officer):
    incident = plain_incident(world.ada)
    for other in (world.sam, world.users[Role.AUDITOR]):
        with pytest.raises(Refused, match="may not decide this alert"):
            actions.hand_over(incident=incident, to=other, by=officer)


def test_a_contact_attempt_keeps_words_out_of_the_log(world, officer):
    incident = plain_incident(world.ada)
    actions.record_contact(
        incident=incident, by=officer, channel="mobile", outcome="spoke", text="Says the bus was late"
    )
    line = incident.events.get()
    assert (line.channel, line.outcome, line.text) == ("mobile", "spoke", "Says the bus was late")
    assert "bus" not in str(Entry.objects.get(what="incident.contact").details)
    with pytest.raises(ValueError, match="contact_codes"):
        actions.record_contact(incident=incident, by=officer, channel="pigeon", outcome="spoke")


def test_an_excuse_stands_at_once_and_names_what_it_rests_on(world, officer, told):
    incident = late_incident(world)
    told.clear()
    decision = excuse(incident, officer)
    finding = incident.findings.get(current=True)
    assert decision.state == Decision.State.STANDS
    assert not decision.counts_toward_total
    assert decision.finding_ids == [finding.finding_id]
    assert decision.rule_tables == ["illustrative-community-order@1"]
    assert decision.incident_revision == incident.revision
    assert fresh(incident).state == IncidentState.DECIDED
    assert [name for name, _ in told] == ["incident.decided"]
    assert finding.current, "an excuse deletes nothing"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"evidence": " "}, "proof"),
        ({"explanation": ""}, "Explain"),
        ({"reason_code": "no_excuse"}, "belongs to this decision"),
        ({"reason_code": "nonsense"}, "belongs to this decision"),
        ({"reason_code": "family_event"}, "asked for before"),
        ({"reason_code": "family_event", "asked_in_advance": False}, "only where leave was asked for before"),
    ],
)
def test_a_decision_without_what_the_data_files_ask_is_refused(world, officer, more, said):
    incident = plain_incident(world.ada)
    with pytest.raises(Refused, match=said):
        excuse(incident, officer, **more)
    assert not Decision.objects.exists()
    assert fresh(incident).state == IncidentState.OPEN


def test_of_two_who_decide_at_once_one_is_told(world, officer, supervisor):
    incident = plain_incident(world.ada)
    excuse(incident, officer)
    with pytest.raises(Changed):
        excuse(incident, supervisor)
    assert Decision.objects.get().by == officer


def test_a_role_that_may_not_decide_is_refused(world):
    with pytest.raises(Refused, match="role"):
        excuse(plain_incident(world.ada), world.users[Role.AUDITOR])


def test_a_breach_waits_for_a_second_person_who_is_never_the_first(world, officer, supervisor, told):
    incident = plain_incident(world.ada)
    decision = breach(incident, supervisor)
    assert (decision.state, fresh(incident).state) == (
        Decision.State.WAITING,
        IncidentState.WAITING_FOR_SECOND,
    )
    with pytest.raises(Refused, match="You made this decision"):
        actions.confirm(decision=decision, by=supervisor)
    with pytest.raises(Refused, match="role"):
        actions.confirm(decision=decision, by=officer)
    with pytest.raises(Refused, match="waits for a second person"):
        excuse(fresh(incident), officer)
    told.clear()
    actions.confirm(decision=decision, by=world.users[Role.SENIOR_PRACTITIONER])
    decision.refresh_from_db()
    assert (decision.state, fresh(incident).state) == (Decision.State.STANDS, IncidentState.DECIDED)
    assert [name for name, _ in told] == ["incident.decided"]
    with pytest.raises(Refused, match="answered already"):
        actions.refuse(decision=decision, by=world.users[Role.SENIOR_PRACTITIONER], note="late")


def test_a_refused_decision_goes_back_to_whoever_made_it(world, officer, supervisor):
    incident = plain_incident(world.ada)
    decision = breach(incident, officer)
    actions.refuse(decision=decision, by=supervisor, note="Ask about the hospital first.")
    decision.refresh_from_db()
    assert (decision.state, decision.second_note) == ("refused", "Ask about the hospital first.")
    assert (fresh(incident).state, incident.claimed_by) == (IncidentState.CLAIMED, officer)


def test_a_long_excuse_needs_two_people(world, officer):
    incident = late_incident(world, back="21:30")
    assert excuse(incident, officer).state == Decision.State.WAITING


def test_a_new_decision_replaces_the_old_one_which_is_kept(world, officer):
    incident = plain_incident(world.ada)
    first = excuse(incident, officer)
    second = actions.decide(
        incident=incident, revision=fresh(incident).revision, by=officer, kind="warning",
        reason_code="excuse_not_accepted", explanation="The letter was of another day.",
    )  # fmt: skip
    first.refresh_from_db()
    assert (first.state, second.replaces, second.state) == (
        Decision.State.REPLACED,
        first,
        Decision.State.STANDS,
    )


def test_the_old_decision_stands_until_the_second_person_confirms_the_new_one(world, officer, supervisor):
    incident = plain_incident(world.ada)
    first = excuse(incident, officer)
    second = breach(fresh(incident), officer)
    first.refresh_from_db()
    assert (first.state, fresh(incident).state) == (Decision.State.STANDS, IncidentState.DECIDED)
    actions.confirm(decision=second, by=supervisor)
    first.refresh_from_db()
    assert first.state == Decision.State.REPLACED


def test_later_signals_put_a_decided_incident_up_for_another_look(world, officer):
    incident = late_incident(world)
    first = excuse(incident, officer)
    worked(world, back="19:07")
    incident = fresh(incident)
    assert incident.superseded_since_decision
    assert set(first.finding_ids) != {f.finding_id for f in incident.findings.filter(current=True)}
    actions.keep_decision(incident=incident, revision=incident.revision, by=officer, text="Still excused")
    assert not fresh(incident).superseded_since_decision
    assert incident.events.filter(kind=IncidentEvent.Kind.STILL_STANDS).count() == 1
    with pytest.raises(Refused, match="no decision here"):
        actions.keep_decision(incident=incident, revision=incident.revision, by=officer)


def test_a_second_person_does_not_confirm_what_the_first_never_saw(world, officer, supervisor):
    decision = breach(late_incident(world), officer)
    worked(world, back="19:07")
    with pytest.raises(Changed, match="Later signals changed"):
        actions.confirm(decision=decision, by=supervisor)


def test_an_authorised_absence_is_honoured_by_the_engine_and_lifted_when_replaced(world, officer, told):
    incident = late_incident(world)
    ToJudge.objects.all().delete()
    time = AbsenceTime(moment(at(dt.date(2026, 11, 16), "19:00")), moment(at(dt.date(2026, 11, 16), "20:00")))
    decision = excuse(incident, officer, kind="authorised_absence", absence=time)
    absence = Absence.objects.get()
    assert decision.absence == absence
    assert (absence.condition_id, absence.reason_code) == ("curfew", "medical_emergency")
    assert ToJudge.objects.filter(person=world.ada).exists()
    assert {"absence.authorised", "incident.decided"} <= {name for name, _ in told}
    judge(world.ada)
    assert not incident.findings.filter(current=True).exists(), "the engine honours the absence"
    actions.decide(
        incident=fresh(incident), revision=incident.revision, by=officer, kind="warning",
        reason_code="excuse_not_accepted", explanation="No appointment was booked.",
    )  # fmt: skip
    judge(world.ada)
    absence.refresh_from_db()
    assert absence.withdrawn_utc is not None
    assert [f.kind for f in world.ada.findings.filter(current=True)] == ["late_return"]


@pytest.mark.parametrize(
    ("from_clock", "until_clock", "said"),
    [("20:00", "19:00", "ends after"), ("19:00", "19:00+2", "24 hours")],
)
def test_an_absence_has_a_sensible_time(world, officer, from_clock, until_clock, said):
    day = dt.date(2026, 11, 16)
    time = AbsenceTime(moment(at(day, from_clock)), moment(at(day, until_clock)))
    with pytest.raises(Refused, match=said):
        excuse(plain_incident(world.ada), officer, kind="authorised_absence", absence=time)


def test_a_waiting_absence_is_not_honoured_until_confirmed(world, officer, supervisor):
    incident = late_incident(world, back="21:30")
    ToJudge.objects.all().delete()
    day = dt.date(2026, 11, 16)
    time = AbsenceTime(moment(at(day, "19:00")), moment(at(day, "22:00")))
    decision = excuse(incident, officer, kind="authorised_absence", absence=time)
    assert Absence.objects.get().waits_for_second
    assert not ToJudge.objects.exists()
    actions.confirm(decision=decision, by=supervisor)
    assert not Absence.objects.get().waits_for_second
    assert ToJudge.objects.filter(person=world.ada).exists()


def test_a_tamper_cannot_be_an_authorised_absence(world, officer):
    incident = plain_incident(world.ada, kind="strap_tamper", level="urgent")
    with pytest.raises(Refused, match="does not fit"):
        excuse(incident, officer, kind="authorised_absence")


def test_an_audit_entry_or_nothing(world, officer, monkeypatch):
    """What cannot be logged does not happen."""
    incident = plain_incident(world.ada)

    def broken(**_):
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("milepost.service.monitoring.actions.base.write", broken)
    with pytest.raises(RuntimeError):
        actions.claim(incident=incident, by=officer)
    assert fresh(incident).state == IncidentState.OPEN
    assert User.objects.get(pk=officer.pk).claimed.count() == 0
