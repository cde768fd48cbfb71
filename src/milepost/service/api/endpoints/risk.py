"""Scores, tiers and the records of algorithms. Nothing that is sent here is kept, but that it was asked for."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Path, Query, Router

from milepost.problems import Problem
from milepost.risk.fields import Assessment
from milepost.risk.instruments import chosen
from milepost.risk.plain import plain
from milepost.risk.records import UnknownSubject, record_for, subject_keys
from milepost.risk.records.subjects import facts_of
from milepost.risk.result import Result
from milepost.risk.score import score
from milepost.risk.tier import TierInputs, tier
from milepost.service import clock
from milepost.service.accounts.roles import Permission
from milepost.service.api.doors import needs
from milepost.service.api.logged import consulted
from milepost.service.api.problems import of_reader
from milepost.service.api.risk_shapes import (
    AlgorithmRow,
    Algorithms,
    InputRow,
    PersonScores,
    RecordBody,
    RecordKind,
    Score,
    Scored,
    StepRow,
    TierAnswers,
    TierRow,
    Tiers,
    ToScore,
    ToTier,
)
from milepost.service.api.scopes import Scope
from milepost.service.api.shapes import Name
from milepost.service.web.language import LANGUAGE

router = Router(tags=["Risk"])
SCORES = needs(Scope.RISK_SCORE, Permission.VIEW_ASSESSMENTS)
READS = needs(Scope.RISK_READ, Permission.VIEW_ALGORITHMS)


@router.post("/risk/score", response=Scored, auth=SCORES)
def score_people(request: HttpRequest, sent: ToScore) -> Scored:
    """Scores of people from their answers, each explained. A person decides; a score decides nothing."""
    keys = chosen(tuple(sent.instruments))
    found = []
    for row, answers in enumerate(sent.people, start=1):
        person = Assessment(**answers.model_dump())
        scores = [_score(one, row) for one in score(person, keys).values()]
        found.append(PersonScores(row=row, person_id=person.person_id, scores=scores))
    consulted(request, "api.risk_score", people=len(found), instruments=list(keys))
    return Scored(items=found)


def _score(result: Result, row: int) -> Score:
    told: dict[str, Any] = result.as_dict()
    told.pop("extra")
    told["problems"] = [e.model_copy(update={"row": row}) for e in of_reader(result.problems)]
    return Score(**told, plain=plain(result, LANGUAGE))


@router.post("/risk/tier", response=Tiers, auth=SCORES)
def tier_people(request: HttpRequest, sent: ToTier) -> Tiers:
    """The tier of people, with the step that set it. It orders work; it decides nothing about a person."""
    day = sent.as_of or clock.now_utc().date()
    found = []
    for row, answers in enumerate(sent.people, start=1):
        values = answers.model_dump(exclude={"person_id"})
        try:
            made = tier(TierInputs(**values), day).as_dict()
        except ValueError as error:
            found.append(_no_tier(row, answers, str(error)))
            continue
        told: dict[str, Any] = {name: made[name] for name in TierRow.model_fields if name in made}
        told["steps"] = [
            StepRow(**{name: step[name] for name in StepRow.model_fields}) for step in told["steps"]
        ]
        found.append(TierRow(row=row, person_id=answers.person_id, problems=[], **told))
    consulted(request, "api.risk_tier", people=len(found))
    return Tiers(items=found)


def _no_tier(row: int, answers: TierAnswers, message: str) -> TierRow:
    problem = Problem("tier", row, "dc_srp_percentage", message.rstrip("."), "Score the person again.")
    return TierRow(
        row=row, person_id=answers.person_id, tier=None, provisional=False, set_by=[], why_provisional=[], words="",
        steps=[], version="", source="", data_hash="", problems=of_reader([problem]),
    )  # fmt: skip


@router.get("/risk/instruments", response=Algorithms, auth=READS)
def list_algorithms(request: HttpRequest) -> Algorithms:
    """Every algorithm in use: instruments, the tier, rule tables, predictors; what each reads."""
    rows = []
    for key in subject_keys():
        facts = facts_of(key)
        rows.append(
            AlgorithmRow(
                key=key, kind=facts.kind, name=facts.name, version=facts.version, task=facts.task, source=facts.source,
                data_hash=facts.data_hash, illustrative=facts.illustrative, synthetic=facts.synthetic,
                inputs=[InputRow(name=i.name, label=i.label, kind=i.kind, missing=i.missing) for i in facts.inputs],
            )
        )  # fmt: skip
    return Algorithms(items=rows)


@router.get("/risk/instruments/{key}/record", response=RecordBody, auth=READS)
def get_record(
    request: HttpRequest,
    key: Annotated[Name, Path(description="Key of the algorithm")],
    kind: Annotated[
        RecordKind, Query(description="Transparency record, model card, DPIA or equality appendix")
    ] = "atrs",
) -> RecordBody:
    """The record of an algorithm, made now from what runs. What nobody filled in is a gap with a name."""
    try:
        return RecordBody(**record_for(key, kind).as_dict())
    except UnknownSubject:
        raise Http404 from None
