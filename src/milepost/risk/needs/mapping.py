"""Answers to fields of ``risk.fields.Assessment``: what each answer means for the instruments.

Most rules are data (``fills`` and ``items`` in ``data/needs/*.toml``). Those that need more than one answer are
the functions here, each a pure one. Source, unless a rule says otherwise: the Ministry of Justice's
hmpps-strengths-based-needs-assessments-api @ 5794371, ``oasys/datamapping/v1``. One thing is different on purpose:
there, some questions that nobody answered become "no" or 0; here what is not known stays missing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.fields import CHOICES, Assessment
from milepost.risk.needs.questions import DRUG_FIELDS, FOLDER, questions, raw_section, sections
from milepost.risk.needs.values import Answers, known

Value = bool | int | str | dt.date | None


def to_assessment(
    answers: Mapping[str, object], *, date_of_birth: dt.date | None, sex: str | None, assessed_on: dt.date
) -> Assessment:
    """The fields that the instruments read. An answer that is unknown, absent or impossible stays missing.

    ``sex`` is ``male`` or ``female`` as the instruments define it, or None if it is not known to be either.
    """
    return Assessment(
        assessment_date=assessed_on,
        date_of_birth=date_of_birth,
        sex=sex,
        **fields(answers),  # type: ignore[arg-type]
    )


def fields(answers: Mapping[str, object]) -> dict[str, Value]:
    """Field to value, only those that the answers give."""
    held = known(answers)
    found = {**_by_data(held, "fills")}
    for name, rule in RULES.items():
        value = rule(held)
        if value is not None:
            found.setdefault(name, value)
    return found


def items(answers: Mapping[str, object]) -> dict[str, Value]:
    """OASys items that are no field of an instrument but part of a need's score: item to 0, 1 or 2."""
    held = known(answers)
    found = _by_data(held, "items")
    for name, rule in ITEMS.items():
        value = rule(held)
        if value is not None:
            found.setdefault(name, value)
    return found


def _by_data(held: Answers, table: str) -> dict[str, Value]:
    """The rules of one answer each. Where two give the same field, the question asked first has it."""
    found: dict[str, Value] = {}
    for section in sections():
        for raw in raw_section(section.key)["question"]:
            answer = held.get(raw["key"])
            if answer is None:
                continue
            for name, rule in raw.get(table, {}).items():
                value = _read(rule, answer, questions()[raw["key"]].kind)
                if value is not None:
                    found.setdefault(name, value)
    return found


def _read(rule: Any, answer: Any, kind: str) -> Value:
    """``true``: the answer itself. A word of ``CHOICES``: the answer is one. A table: by option. An option's
    key: whether it is among those chosen."""
    if rule is True:
        return answer == "yes" if kind == "yes_no" else answer
    if isinstance(rule, dict):
        return rule.get(answer)
    if rule in CHOICES:
        return answer
    return rule in answer


def alcohol_current(held: Answers) -> int | None:
    """OASys 9.1 from how often and how much: 0, 1 or 2. Both must be known."""
    score = load(FOLDER + "alcohol.toml")["score"]
    often, much = held.get("alcohol_frequency"), held.get("alcohol_units")
    if often is None or much is None:
        return None
    points = score["frequency"][often] + score["units"][much]
    return sum(points >= edge for edge in score["edges"])


def uses(drug: str) -> Callable[[Answers], bool | None]:
    """Use of one drug in the last 6 months. Never having misused any is a no to each.

    The six months are OASys 8.2: oasys-cypress-test @ 884260a, ``getDrugUsed``.
    """

    def rule(held: Answers) -> bool | None:
        if held.get("drug_use") == "no":
            return False
        chosen = held.get("drugs_now")
        return None if chosen is None else drug in chosen

    return rule


def drug_motivation(held: Answers) -> int | None:
    """OASys 8.8 is 0 for someone who never misused drugs: oasys-cypress-test @ 884260a, ``q88``."""
    return 0 if held.get("drug_use") == "no" else None


def drug_misuse_current(held: Answers) -> int | None:
    """OASys 8.4: 2 if one of the main drugs was used in the last 6 months, else 0."""
    if held.get("drug_use") == "no":
        return 0
    chosen = held.get("drugs_now")
    return None if chosen is None else 2 * bool(_main_drugs() & set(chosen))


def _main_drugs() -> set[str]:
    return {drug["key"] for drug in load(FOLDER + "drugs.toml")["drug"] if drug.get("main")}


def drugs_major_activity(held: Answers) -> int | None:
    """OASys 8.5: 2 if any drug is used weekly or more often; 0 if drugs are used, but less often, or not now."""
    if held.get("drug_use") == "no":
        return 0
    often = held.get("drugs_often")
    if often is None:
        return 0 if held.get("drugs_now") == ("none",) else None
    return 0 if "none" in often else 2


def injected(held: Answers) -> int | None:
    """OASys 8.6 is 0 for someone who never misused drugs."""
    return 0 if held.get("drug_use") == "no" else None


def partner_status(held: Answers) -> str | None:
    """OASys 6.8: lives with the partner; has one but lives elsewhere; has none.

    "None" only if both questions are answered: nobody named a partner is not the same as there is none.
    """
    at_home, close = held.get("living_with"), held.get("important_people")
    if held.get("current_accommodation") == "none" and at_home is None:
        at_home = ()
    if at_home is not None and "partner" in at_home:
        return "living_together"
    if close is not None and "partner" in close:
        return "not_living_together" if at_home is not None else None
    return "none" if at_home is not None and close is not None else None


def employment_history(held: Answers) -> int | None:
    """OASys 4.3: 2 for someone out of work who never had a job, else by the history."""
    if held.get("employment_status") in ("looking", "not_looking") and held.get("ever_employed") == "no":
        return 2
    return {"stable": 0, "some_gaps": 1, "unstable": 2}.get(str(held.get("employment_history")))


def literacy_problems(held: Answers) -> int | None:
    """OASys 4.7: the severity of the worst difficulty."""
    chosen = held.get("learning_problems")
    if chosen is None:
        return None
    if "none" in chosen:
        return 0
    return {"some": 1, "significant": 2}.get(str(held.get("learning_problems_severity")))


def financial_reliance(held: Answers) -> int | None:
    """OASys 5.5: 2 if too much of the income comes from family or friends, else 0."""
    income = held.get("income")
    if income is None:
        return None
    if "family_or_friends" not in income:
        return 0
    return {"yes": 2, "no": 0}.get(str(held.get("reliant_on_others")))


def self_harm(held: Answers) -> bool | None:
    """OASys 10.5, from two questions. One "no" is not enough here, though it is in the published mapping."""
    return _either(held.get("self_harm"), held.get("suicide"))


def _either(*answers: object) -> bool | None:
    if "yes" in answers:
        return True
    return False if all(answer == "no" for answer in answers) else None


def abuse_of(whom: str) -> Callable[[Answers], bool | None]:
    """OASys 6.7.2.1 and 6.7.2.2: only of someone who committed domestic abuse."""

    def rule(held: Answers) -> bool | None:
        chosen = held.get("domestic_abuse_of")
        if held.get("domestic_abuse") != "yes" or chosen is None:
            return None
        return whom in chosen

    return rule


def ever_sexual_offence(held: Answers) -> bool | None:
    """OASys 1.30: from the record, or from this offence's elements or motivations."""
    if "sexual" in held.get("offence_elements", ()) or "sexual" in held.get("offence_motivations", ()):
        return True
    return {"yes": True, "no": False}.get(str(held.get("ever_sexual_offence")))


_DRUG_OF = {d["field"]: d["key"] for d in load(FOLDER + "drugs.toml")["drug"] if d["field"]}
RULES: dict[str, Callable[[Answers], Value]] = {
    "alcohol_current": alcohol_current,
    **{field: uses(_DRUG_OF[field]) for field in DRUG_FIELDS},
    "drug_motivation": drug_motivation,
    "drug_misuse_current": drug_misuse_current,
    "partner_status": partner_status,
    "literacy_problems": literacy_problems,
    "financial_reliance": financial_reliance,
    "self_harm": self_harm,
    "domestic_abuse_partner": abuse_of("partner"),
    "domestic_abuse_family": abuse_of("family"),
    "ever_sexual_offence": ever_sexual_offence,
}
"""By field: the rules that read more than one answer."""

ITEMS: dict[str, Callable[[Answers], Value]] = {
    "4.3": employment_history,
    "8.4": drug_misuse_current,
    "8.5": drugs_major_activity,
    "8.6": injected,
}
