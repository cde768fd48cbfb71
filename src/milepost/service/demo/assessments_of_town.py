"""What is recorded of the town's people, and their assessments: most signed, a few drafts, one override that waits,
one contest without an answer.

Facts, answers and characteristics are drawn by chance. What is worked out from them is not: scores and tiers come
from the library, and what waits for a visitor went through the same actions as anyone's. The many signed ones are
written at once, as `actions.deciding.sign` would write each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from django.db import transaction

from milepost.risk import needs
from milepost.service import clock
from milepost.service.accounts.models import User
from milepost.service.assessments import policy_data
from milepost.service.assessments.actions import contests, drafts, overrides
from milepost.service.assessments.actions.deciding import frozen, reasons_to_countersign
from milepost.service.assessments.harm import overall
from milepost.service.assessments.models import (
    Answer,
    Assessment,
    AssessmentState,
    Judgement,
    RecordedFact,
    Score,
    TierRecord,
)
from milepost.service.assessments.targets import TIER, tiers
from milepost.service.assessments.vocabulary import is_used, questions, relevant_questions
from milepost.service.assessments.work_out import of_answers
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import write
from milepost.service.demo.policy_data import shares
from milepost.service.demo.population import DEMO, Staff
from milepost.service.people.models import Characteristics, Person

OFFENCES = ("00801", "00802", "03700", "04600", "09201", "12515", "04910", "10401", "19401", "80301")
"""Home Office codes that the instruments know."""
RECORD = "Synthetic record of sanctions"
RECORDED = (
    "setting", "offence_code", "conviction_date", "community_date", "sanctions", "violent_sanctions",
    "age_at_first_sanction", "last_offence_date", "past_convictions", "ever_sexual_offence",
    "domestic_abuse_registered", "stalking_registered", "child_protection_registered", "lifer",
)  # fmt: skip
"""What a record of sanctions and registers says; the rest is asked."""
WORDS = {
    "who": "Synthetic: people he argues with", "nature": "Synthetic: a fight with fists",
    "imminence": "Synthetic: after drinking, on weekend nights",
    "reasoning": "Synthetic: what happened before, and that he now lives with his sister and drinks less.",
}  # fmt: skip
CONTESTED = "Synthetic: the second conviction is not mine. It is my cousin's, who has the same name."
OVERRIDDEN = "Synthetic: eighteen months in the same work, and the employer speaks well of them."


def assess_town(people: dict[str, Person], staff: Staff, seed: int) -> None:
    """Characteristics and facts for everybody, assessments for most."""
    rng = np.random.default_rng([seed, 77])
    known = sorted(people.values(), key=lambda person: person.reference)
    with transaction.atomic():
        _characterise(known, rng)
        answers = {person.pk: _answers(person, rng) for person in known}
        _record(known, answers)
        rest = _sign_most(known, answers, staff, rng)
        write(
            by=DEMO, operation=Operation.COLLECTION, what="demo.assessments", details={"people": len(known)}
        )
    _leave_for_the_visitor(known, rest, staff)


def _characterise(people: list[Person], rng: np.random.Generator) -> None:
    def draw(what: str) -> list[str]:
        table: dict[str, float] = getattr(shares(), what)
        drawn = rng.choice(
            list(table), size=len(people), p=np.array(list(table.values())) / sum(table.values())
        )
        return ["" if one == "unknown" else str(one) for one in drawn]

    columns = {name: draw(name) for name in ("sex", "ethnicity", "religion", "sexual_orientation")}
    disabled = [{"yes": True, "no": False}.get(one) for one in draw("disability")]
    made = [
        Characteristics(
            person=person, disability=disabled[n], source="Synthetic: drawn by chance",
            recorded_utc=clock.now_utc(), **{name: column[n] for name, column in columns.items()},
        )
        for n, person in enumerate(people)
    ]  # fmt: skip
    for row in Characteristics.objects.bulk_create(made):
        row.person.characteristics = row


def _answers(person: Person, rng: np.random.Generator) -> dict[str, object]:
    """Answers that fit together: counts and dates in order, options by chance, some not known."""
    today = clock.now_utc().date()
    born = person.date_of_birth or dt.date(1990, 1, 1)
    convicted = today - dt.timedelta(days=int(rng.integers(20, 400)))
    age = convicted.year - born.year - ((convicted.month, convicted.day) < (born.month, born.day))
    # Nobody has more than two sanctions a year since they were twelve: a child has few.
    sanctions = 1 + min(int(rng.geometric(0.09)), 60, max(2 * (age - 12), 0))
    found: dict[str, object] = {
        "setting": "community", "offence_code": str(rng.choice(OFFENCES)), "conviction_date": convicted.isoformat(),
        "community_date": convicted.isoformat(), "last_offence_date": convicted.isoformat(), "sanctions": sanctions,
        "violent_sanctions": int(rng.binomial(sanctions, 0.35)),
        "age_at_first_sanction": int(rng.integers(12, age)) if sanctions > 1 else age,
        "past_convictions": ["none"] if rng.random() < 0.65 else ["robbery", "wounding"], "ever_sexual_offence": "no",
        "lifer": "no", "stalking_registered": "no",
        "domestic_abuse_registered": "yes" if rng.random() < 0.15 else "no",
        "child_protection_registered": "yes" if rng.random() < 0.05 else "no",
        "mappa_eligible": "yes" if rng.random() < 0.1 else "no",
    }  # fmt: skip
    for key, question in questions().items():
        if key in found or not (is_used(question) or key.endswith("_strengths")):
            continue
        found[key] = _option(question, rng)
    room = relevant_questions(found)
    return {key: value for key, value in found.items() if key in room}


def _option(question: needs.Question, rng: np.random.Generator) -> object:
    """An option by chance; three times in a hundred it is not known."""
    if rng.random() < 0.03 or not question.options:
        return needs.UNKNOWN
    options = [o.key for o in question.options if o.key not in ("sexual", "not_asked")]
    one = options[int(rng.integers(len(options)))]
    return [one] if question.kind == "choices" else one


def _record(people: list[Person], answers: dict[int, dict[str, object]]) -> None:
    now = clock.now_utc()
    RecordedFact.objects.bulk_create(
        RecordedFact(
            person=person, question=key, value=answers[person.pk][key], source=RECORD,
            as_of=dt.date.fromisoformat(str(answers[person.pk]["conviction_date"])), at_utc=now,
        )
        for person in people
        for key in RECORDED
        if answers[person.pk].get(key, needs.UNKNOWN) != needs.UNKNOWN
    )  # fmt: skip


def _kept(answers: dict[str, object], make: Callable[..., Answer], by: User) -> list[Answer]:
    recorded = dt.date.fromisoformat(str(answers["conviction_date"]))
    today = clock.now_utc().date()
    return [
        make(
            question=key, value=None if value == needs.UNKNOWN else value, unknown=value == needs.UNKNOWN, by=by,
            source="record" if key in RECORDED else "person", source_name=RECORD if key in RECORDED else "",
            as_of=recorded if key in RECORDED else today, at_utc=clock.now_utc(),
        )
        for key, value in answers.items()
    ]  # fmt: skip


def _levels(rng: np.random.Generator) -> dict[str, str]:
    """Mostly low and medium; for one in ten the highest is high, or for a few very high."""
    groups = ("children", "public", "known_adult", "staff")
    found = {group: str(rng.choice(["low", "medium"], p=[0.7, 0.3])) for group in groups}
    if rng.random() < 0.1:
        found["known_adult"] = "very_high" if rng.random() < 0.15 else "high"
    return found | {"prisoners": "not_applicable"}


def _sign_most(
    people: list[Any], answers: dict[int, dict[str, object]], staff: Staff, rng: np.random.Generator
) -> list[Person]:
    """Signed assessments, written at once. Returns who has none."""
    chosen: list[Any] = []
    rest: list[Person] = []
    for person in people:
        (chosen if person.practitioner and rng.random() < shares().assessments.signed else rest).append(
            person
        )
    kept: list[Answer] = []
    judgements: list[Judgement] = []
    scores: list[Score] = []
    records: list[TierRecord] = []
    made: list[Assessment] = []
    senior_of = {senior.team_id: senior for senior in staff.seniors}
    for person in chosen:
        at = clock.now_utc() - dt.timedelta(days=float(rng.uniform(1, 40)))
        by = person.practitioner
        one = Assessment(
            person=person, number=1, state=AssessmentState.SIGNED, reason="first", assessed_on=at.date(),
            made_by=by, made_utc=at, signed_by=by, signed_utc=at, hands=[by.pk],
        )  # fmt: skip
        judgement = Judgement(assessment=one, by=by, at_utc=at, **_levels(rng), **WORDS)
        if because := reasons_to_countersign([judgement]):
            one.state, one.countersign_because = AssessmentState.COUNTERSIGNED, because
            one.countersigned_by, one.countersigned_utc = (
                senior_of[person.team_id],
                at + dt.timedelta(hours=20),
            )
        worked = of_answers(answers[person.pk], person, one.assessed_on, overall(judgement))
        tier = worked.tier
        one.tier_result, one.due_because = tier.as_dict(), "tier"
        one.next_due = policy_data.next_due(tier.tier, one.assessed_on)
        one.needs_result = [asdict(level) for level in worked.levels.values()]
        made.append(one)
        kept += _kept(answers[person.pk], lambda one=one, **more: Answer(assessment=one, **more), by)
        judgements.append(judgement)
        scores += frozen(one, worked, at)
        records.append(TierRecord(
            person=person, tier=tier.tier, step=("; ".join(tier.set_by) or tier.words)[:300],
            provisional=tier.provisional, assessment=one, at_utc=at,
        ))  # fmt: skip
    Assessment.objects.bulk_create(made)
    Answer.objects.bulk_create(kept, batch_size=2000)
    Judgement.objects.bulk_create(judgements)
    Score.objects.bulk_create(scores)
    TierRecord.objects.bulk_create(records)
    return rest


def _leave_for_the_visitor(people: list[Person], rest: list[Any], staff: Staff) -> None:
    """Drafts, an override that waits for a second person, a contest without an answer: through the actions."""
    today = clock.now_utc().date()
    for person in [p for p in rest if p.practitioner][: shares().assessments.drafts]:
        drafts.start(by=person.practitioner, person=person, assessed_on=today)
    signed: list[Any] = list(
        Assessment.objects.filter(state=AssessmentState.SIGNED, person__in=people, person__restricted=False)
        .select_related("person__practitioner").order_by("pk")
    )  # fmt: skip
    team = [a for a in signed if a.person.team_id == staff.teams[0].pk]
    lowest = tiers()[0]
    for assessment in [a for a in team if a.tier_result["tier"] in tiers()[1:]][:1]:
        order = tiers()
        overrides.override(
            by=assessment.signed_by, assessment=assessment, target=TIER,
            to_value=order[max(order.index(assessment.tier_result["tier"]) - 1, order.index(lowest))],
            reason_code="protective_change", explanation=OVERRIDDEN,
        )  # fmt: skip
    for assessment in team[-1:]:
        contests.raise_contest(
            by=assessment.signed_by, assessment=assessment, raised_by="person", disputed=CONTESTED,
            evidence="Synthetic: a letter from the court", raised_on=today,
        )  # fmt: skip
