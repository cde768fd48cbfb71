"""From the answers of a version to its scores, its tier and the levels of need. The arithmetic is the library's."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from milepost.risk import needs
from milepost.risk.fields import Assessment as Fields
from milepost.risk.instruments import CURRENT
from milepost.risk.result import Result
from milepost.risk.score import score
from milepost.risk.tier import Tier, TierInputs, tier
from milepost.service.assessments import registers
from milepost.service.assessments.harm import overall
from milepost.service.assessments.models import Answer, Assessment
from milepost.service.assessments.vocabulary import given_by
from milepost.service.people.models import Characteristics, Person


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """``answers`` as the library reads them; ``fields`` what the instruments read of them."""

    results: Mapping[str, Result]
    tier: Tier
    levels: Mapping[str, Any]
    answers: Mapping[str, object]
    fields: Fields


def answers_of(answers: Iterable[Answer]) -> dict[str, object]:
    """Confirmed answers by question, as the library reads them."""
    return given_by(answer for answer in answers if answer.confirmed)


def sex_of(person: Person) -> str | None:
    """Published instruments read it; None where it is not recorded."""
    try:
        return person.characteristics.sex or None
    except Characteristics.DoesNotExist:
        return None


def work_out(assessment: Assessment, answers: Iterable[Answer] | None = None) -> WorkedOut:
    """Scores of all current instruments, explained, and the tier. Reads confirmed answers and the judgement."""
    given = answers_of(assessment.answers.all() if answers is None else answers)
    judgements = list(assessment.judgements.all())
    harm = overall(judgements[-1]) if judgements else None
    return of_answers(given, assessment.person, assessment.assessed_on, harm)


def of_answers(given: dict[str, object], person: Person, on: dt.date, harm: str | None) -> WorkedOut:
    """As `work_out`, of answers that need not be of a version. ``harm``: the level over all, None if not known."""
    vocabulary = {key: value for key, value in given.items() if key not in registers.KEYS}
    fields = needs.to_assessment(
        vocabulary, date_of_birth=person.date_of_birth, sex=sex_of(person), assessed_on=on
    )
    results = score(fields, CURRENT)
    found = tier(tier_inputs(results, fields, given, harm), on)
    return WorkedOut(results, found, needs.need_levels(vocabulary), given, fields)


def tier_inputs(
    results: Mapping[str, Result], fields: Fields, given: Mapping[str, object], harm: str | None
) -> TierInputs:
    """A register that is not known counts as not registered, as in the published rule; the page says which."""
    arp, csrp, dc_srp = results["arp"], results["csrp"], results["dc_srp"]
    return TierInputs(
        arp_percentage=arp.percentage, arp_basis=arp.basis, csrp_percentage=csrp.percentage,
        csrp_basis=csrp.basis, dc_srp_percentage=dc_srp.percentage, dc_srp_band=dc_srp.band, serious_harm=harm,
        ever_sexual_offence=fields.ever_sexual_offence is True, **registers.of(given),
    )  # fmt: skip


def as_json(result: Result) -> dict[str, Any]:
    """As it is kept: lists for tuples, and nothing that JSON cannot hold."""
    kept: dict[str, Any] = json.loads(json.dumps(asdict(result), allow_nan=False))
    return kept
