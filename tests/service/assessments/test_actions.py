"""From draft to force and back: who may, what is kept, what the log says."""

from __future__ import annotations

import datetime as dt

import pytest

from milepost.risk.fields import Assessment as Fields
from milepost.risk.score import score
from milepost.service.accounts.roles import Role
from milepost.service.assessments import policy_data, read
from milepost.service.assessments.actions import contests, deciding, drafts, overrides
from milepost.service.assessments.actions.drafts import Given
from milepost.service.assessments.for_person import result_of, tier_of
from milepost.service.assessments.harm import overall
from milepost.service.assessments.models import Assessment, Judgement, Override, RecordedFact, TierRecord
from milepost.service.assessments.states import LIFE
from milepost.service.assessments.work_out import work_out
from milepost.service.audit.models import Entry
from milepost.service.kit.local_days import today
from milepost.service.kit.refusals import Refused
from tests.service.assessments import made
from tests.service.world import World

pytestmark = pytest.mark.django_db


def give(assessment: Assessment, by, section: str = "record", **values) -> int:
    given = {key: value if isinstance(value, Given) else Given(value) for key, value in values.items()}
    return drafts.answer(
        by=by, assessment=assessment, revision=assessment.revision, section_key=section, given=given, source="court",
        as_of=dt.date(2026, 3, 1), source_name="Court list",
    )  # fmt: skip


def judge(assessment: Assessment, by, **levels) -> Judgement:
    return deciding.judge(
        by=by, assessment=assessment, revision=assessment.revision, **(made.LOW | levels), **made.WORDS
    )


def test_what_records_say_is_filled_in_and_counts_only_once_confirmed(world: World):
    made.facts(world.ada)
    draft = made.draft(world)
    answers = {a.question: a for a in draft.answers.all()}
    assert (answers["sanctions"].value, answers["sanctions"].source_name) == (12, "Police National Computer")
    assert not answers["sanctions"].confirmed
    assert work_out(draft).fields.sanctions is None, "not confirmed, so not read"
    judge(draft, world.nora)
    with pytest.raises(Refused, match="not confirmed"):
        deciding.sign(by=world.nora, assessment=draft, revision=draft.revision)
    give(draft, world.nora, sanctions=12)
    kept = draft.answers.get(question="sanctions")
    assert (kept.confirmed, kept.source, kept.by) == (True, "record", world.nora), (
        "the source stays the record's"
    )
    assert work_out(draft).fields.sanctions == 12
    give(draft, world.nora, sanctions=13)
    assert draft.answers.get(question="sanctions").source == "court", "another value has another source"


def test_the_newest_fact_wins_and_a_review_takes_over_answers_to_be_confirmed_again(world: World):
    made.in_force(world)
    for value, day in ((15, 10), (14, 5)):
        RecordedFact.objects.create(
            person=world.ada, question="sanctions", value=value, source="PNC",
            as_of=today() + dt.timedelta(days=day - 10),
        )  # fmt: skip
    review = made.draft(world)
    answers = {a.question: a for a in review.answers.all()}
    assert answers["sanctions"].value == 15
    assert (answers["temper"].value, answers["temper"].source) == ("sometimes", "previous")
    assert not any(a.confirmed for a in answers.values())
    unknown = [a for a in answers.values() if a.unknown]
    assert unknown, "what was not known is asked again, and waits as the others do"


def test_a_score_is_the_librarys_and_is_frozen_with_its_version(world: World):
    signed = made.signed(world)
    direct = score(Fields(
        assessment_date=today(), sex="male", date_of_birth=world.ada.date_of_birth, offence_code="00801",
        conviction_date=dt.date(2025, 2, 10), community_date=dt.date(2025, 2, 20), age_at_first_sanction=16,
        sanctions=12, violent_sanctions=3, accommodation_suitability=1, unemployed=True, partner_relationship=1,
        domestic_abuse=False, partner_status="none", activities_encourage_offending=1, drug_motivation=1,
        alcohol_current=signed_field(signed, "alcohol_current"), alcohol_binge=1, impulsivity=2, temper_control=1,
        pro_criminal_attitudes=1, drug_cannabis=True,
    ), ("arp", "vrp"))  # fmt: skip
    for key, expected in direct.items():
        kept = signed.scores.get(instrument=key, current=True)
        assert (kept.percentage, kept.band) == (expected.percentage, expected.band)
        assert kept.data_hash == expected.data_hash != ""
        assert result_of(kept.result) == work_out(signed).results[key], "it comes back as it was"
    assert tier_of(signed.tier_result) == work_out(signed).tier
    assert signed.next_due == policy_data.next_due(signed.tier_result["tier"], today())
    assert read.latest_tiers([world.ada.pk])[world.ada.pk].tier == signed.tier_result["tier"]


def signed_field(assessment: Assessment, name: str) -> object:
    return getattr(work_out(assessment).fields, name)


def test_not_known_is_an_answer_and_never_a_no(world: World):
    judged = made.judged(world, employment_status="unknown", drug_use="unknown")
    worked = work_out(judged)
    assert worked.fields.unemployed is None
    assert worked.fields.drug_cannabis is None
    assert worked.results["arp"].basis == "static", "a missing answer makes it static, not better"
    deciding.sign(by=world.nora, assessment=judged, revision=judged.revision)
    assert judged.state == "signed", "what is not known does not stop a signature"


def test_an_open_question_and_an_answer_that_cannot_be_stop_the_signature(world: World):
    judged = made.judged(world)
    judged.answers.filter(question="temper").delete()
    with pytest.raises(Refused, match="open"):
        deciding.sign(by=world.nora, assessment=judged, revision=judged.revision)
    made.fill(judged, world.nora, sanctions=2, violent_sanctions=5)
    with pytest.raises(Refused, match="cannot be right"):
        deciding.sign(by=world.nora, assessment=judged, revision=judged.revision)


def test_an_answer_that_no_question_takes_is_refused(world: World):
    draft = made.draft(world)
    with pytest.raises(ValueError, match="not questions of record"):
        give(draft, world.nora, temper="yes")


def test_a_change_over_somebody_elses_is_refused(world: World):
    draft = made.draft(world)
    stale = Assessment.objects.select_related("person").get(pk=draft.pk)
    give(draft, world.nora, sanctions=3)
    with pytest.raises(Refused, match="since you opened it"):
        give(stale, made.senior(world), sanctions=4)
    assert draft.answers.get(question="sanctions").value == 3


def test_high_risk_waits_for_somebody_who_did_not_write_in_it(world: World):
    made.in_force(world)
    before = Assessment.objects.get(state="signed")
    waits = made.signed(world, levels={"known_adult": "very_high"})
    assert (waits.state, waits.countersign_because) == ("awaiting", ["serious_harm"])
    before.refresh_from_db()
    assert before.state == "signed", "until then the version before counts"
    with pytest.raises(Refused):
        deciding.countersign(by=world.nora, assessment=waits)
    senior = made.senior(world)
    assert [w.assessment for w in read.awaiting_countersign(senior)] == [waits]
    waits.hands.append(senior.pk)
    with pytest.raises(Refused, match="You wrote"):
        deciding.countersign(by=senior, assessment=waits)
    waits.refresh_from_db()
    deciding.countersign(by=senior, assessment=waits, note="Agreed")
    before.refresh_from_db()
    assert (waits.state, before.state) == ("countersigned", "superseded")
    now = read.latest_tiers([world.ada.pk])[world.ada.pk]
    assert (now.tier, now.step) == ("C", "MAPPA and risk of serious harm")
    assert TierRecord.objects.filter(person=world.ada).count() == 2, "the tier before stays to be read"


def test_sent_back_it_is_a_draft_again_and_what_was_scored_stays_on_record(world: World):
    waits = made.awaiting(world)
    senior = made.senior(world)
    with pytest.raises(Refused):
        deciding.send_back(by=senior, assessment=waits, note=" ")
    deciding.send_back(by=senior, assessment=waits, note="Speak to police first")
    assert (waits.state, waits.decision_note) == ("draft", "Speak to police first")
    assert waits.scores.filter(current=True).count() == 0
    assert waits.scores.count() == 6
    judge(waits, world.nora, public="low")
    deciding.sign(by=world.nora, assessment=waits, revision=waits.revision)
    assert waits.state == "signed"
    assert waits.judgements.count() == 2


def test_a_judgement_changed_after_the_scores_says_so_and_needs_a_second_person(world: World):
    judged = made.judged(world)
    later = judge(judged, world.nora, public="medium")
    assert later.after_scores
    deciding.sign(by=world.nora, assessment=judged, revision=judged.revision)
    assert (judged.state, judged.countersign_because) == ("awaiting", ["judged_after_scores"])


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, "low"),
        ({"children": "medium"}, "medium"),
        ({"children": "unknown"}, None),
        ({"children": "unknown", "staff": "medium"}, None),
        ({"children": "unknown", "staff": "high"}, "high"),
        (dict.fromkeys(made.LOW, "unknown"), None),
    ],
)
def test_the_harm_over_all_is_not_known_while_a_group_is_not(levels, expected):
    assert overall(Judgement(**(made.LOW | levels))) == expected


def test_one_open_version_at_a_time_and_what_is_signed_never_changes(world: World):
    draft = made.draft(world)
    with pytest.raises(Refused, match="already"):
        drafts.start(by=world.nora, person=world.ada, assessed_on=today())
    deciding.discard(by=world.nora, assessment=draft)
    signed = made.signed(world)
    assert signed.number == 2
    for act in (lambda: give(signed, world.nora, sanctions=1), lambda: judge(signed, world.nora)):
        with pytest.raises(Refused, match="cannot be changed"):
            act()


def test_who_may_not_write_is_refused_by_every_action(world: World):
    officer = world.users[Role.MONITORING_OFFICER]
    made.know_sex(world.ada)
    draft = made.draft(world)
    acts = [
        lambda: drafts.start(by=officer, person=world.ben, assessed_on=today()),
        lambda: give(draft, officer, sanctions=1),
        lambda: judge(draft, officer),
        lambda: deciding.discard(by=officer, assessment=draft),
        lambda: contests.raise_contest(
            by=officer, assessment=draft, raised_by="person", disputed="x", raised_on=today()
        ),
        lambda: overrides.override(
            by=officer, assessment=draft, target="tier", to_value="A", reason_code="record_wrong", explanation="x" * 30
        ),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Refused, match="role"):
            act()


def override(world: World, **more) -> Override:
    fields = {
        "target": "tier",
        "to_value": "G",
        "reason_code": "protective_change",
        "explanation": "Two years in work now",
    }
    return overrides.override(by=world.nora, assessment=made.in_force(world), **(fields | more))


def test_an_override_down_waits_and_one_up_stands_at_once(world: World):
    assert made.in_force(world).tier_result["tier"] == "E"
    down = override(world)
    assert (down.state, down.direction) == ("waiting", "down")
    assert read.latest_tiers([world.ada.pk])[world.ada.pk].tier == "E"
    overrides.refuse(by=made.senior(world), made=down, note="Too early")
    up = override(world, to_value="B", reason_code="new_information")
    assert (up.state, up.direction) == ("stands", "up")
    now = read.latest_tiers([world.ada.pk])[world.ada.pk]
    assert (now.tier, now.overridden) == ("B", True)
    assert made.in_force(world).next_due == policy_data.next_due("B", today())
    assert made.in_force(world).tier_result["tier"] == "E", "what was worked out is not touched"
    overrides.withdraw(by=world.nora, made=up)
    now = read.latest_tiers([world.ada.pk])[world.ada.pk]
    assert (now.tier, now.overridden) == ("E", False)


def test_an_override_needs_a_fitting_reason_words_and_a_change(world: World):
    for wrong, field in (
        ({"to_value": "E"}, "to_value"), ({"to_value": "high"}, "to_value"), ({"target": "dc_srp"}, "target"),
        ({"reason_code": "harm_not_in_score"}, "reason_code"), ({"explanation": "because"}, "explanation"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            override(world, **wrong)
        assert list(refused.value.error_dict) == [field]
    override(world)
    with pytest.raises(Refused, match="overridden already"):
        override(world, to_value="F")


def test_nobody_seconds_their_own_override(world: World):
    senior = made.senior(world)
    own = overrides.override(
        by=senior, assessment=made.in_force(world), target="arp", to_value="high", reason_code="record_wrong",
        explanation="The record lacks two convictions",
    )  # fmt: skip
    assert own.state == "stands", "up"
    down = overrides.override(
        by=senior, assessment=made.in_force(world), target="tier", to_value="F", reason_code="record_wrong",
        explanation="The record has somebody else's conviction",
    )  # fmt: skip
    with pytest.raises(Refused, match="somebody else"):
        overrides.agree(by=senior, made=down)
    assert read.awaiting_countersign(senior) == []


def test_a_new_version_ends_what_was_overridden(world: World):
    override(world)
    made.signed(world)
    assert Override.objects.get().state == "withdrawn"
    assert read.awaiting_countersign(made.senior(world)) == []


def test_a_contest_is_answered_by_somebody_else_and_corrected_by_a_new_version(world: World):
    contest = made.contest(world)
    assert contest.due == today() + dt.timedelta(days=21)
    senior = made.senior(world)
    with pytest.raises(Refused, match="You signed"):
        contests.answer_contest(by=world.nora, contest=contest, state="upheld", answer="No")
    with pytest.raises(Refused, match="sign the correction first"):
        contests.answer_contest(by=senior, contest=contest, state="corrected", answer="It is corrected")
    fixed = contests.correct(by=senior, contest=contest, assessed_on=today())
    assert fixed.reason == "correction"
    assert all(a.confirmed for a in fixed.answers.all()), "every other answer stays as it was"
    assert fixed.answers.get(question="temper").by == world.nora
    give(fixed, senior, sanctions=11)
    judge(fixed, senior)
    deciding.sign(by=senior, assessment=fixed, revision=fixed.revision)
    contests.answer_contest(by=senior, contest=contest, state="corrected", answer="One entry was not yours.")
    contest.refresh_from_db()
    assert (contest.state, contest.correction_id, contest.answered_by) == ("corrected", fixed.pk, senior)
    contest.assessment.refresh_from_db()
    assert contest.assessment.state == "superseded"
    assert contest.assessment.answers.get(question="sanctions").value == 12, "the old version stays as it was"
    assert read.open_contests(senior) == []


def test_something_that_happened_brings_the_next_one_forward_never_back(world: World):
    signed = made.in_force(world)
    deciding.bring_forward(by=world.nora, assessment=signed, event="harm_escalates", happened_on=today())
    assert signed.next_due == today() + dt.timedelta(days=2)
    with pytest.raises(Refused, match="already"):
        deciding.bring_forward(
            by=world.nora, assessment=signed, event="home_or_relationship", happened_on=today()
        )
    soon = read.due(world.nora, today())
    assert [(d.person.reference, d.kind, d.days_left) for d in soon if d.kind == "next"] == [
        ("P000001", "next", 2)
    ]


def test_who_has_an_order_and_no_assessment_is_due_for_a_first_one(world: World):
    found = read.due(world.nora, today() + dt.timedelta(days=40))
    assert [(d.person.reference, d.kind, d.overdue) for d in found] == [("P000001", "first", True)]
    assert read.due(world.sam, today()) == [], "another team's"
    assert read.due(world.users[Role.MONITORING_OFFICER], today()) == []


def test_the_log_names_codes_and_never_the_words(world: World):
    made.contest(world)
    override(world)
    told = " ".join(str(e.details) + e.reason for e in Entry.objects.filter(what__startswith="assessment."))
    for word in ("A fight", "Two fights", "never convicted", "Two years", "gym"):
        assert word not in told
    written = {e.what for e in Entry.objects.filter(subject="P000001", operation="alteration")}
    assert {"assessment.start", "assessment.judge", "assessment.sign", "assessment.override"} <= written


def test_the_steps_are_those_the_actions_take():
    assert {step.name for step in LIFE.changes} == {
        "judge", "sign", "send_for_countersign", "take_back", "countersign", "send_back", "discard", "supersede"
    }  # fmt: skip
