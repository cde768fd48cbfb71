"""The 2026 predictors once more, slowly and in exact decimals: the oracle of the generative test.

Written from the algorithm's description, a line for a line; it shares nothing with the library but the
coefficients. Dates are counted with the plain calendar.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, getcontext

from milepost.risk.data_files import load
from milepost.risk.fields import Assessment
from milepost.risk.offences import offences

getcontext().prec = 40
ADDED = {"arp": 26, "vrp": 12, "svrp": 12}
ANSWERS = {
    "S3Q4": "accommodation_suitability", "S6Q4": "partner_relationship", "S6Q7_PERP": "domestic_abuse",
    "S7Q2": "activities_encourage_offending", "S8Q8": "drug_motivation", "S9Q1": "alcohol_current",
    "S9Q2": "alcohol_binge", "S11Q2": "impulsivity", "S11Q4": "temper_control",
    "S12Q1": "pro_criminal_attitudes", "S2Q2A": "weapon", "heroin": "drug_heroin",
    "methadone": "drug_methadone", "otheropiate": "drug_other_opiate", "crack": "drug_crack",
    "cokepowder": "drug_powder_cocaine", "prescribed": "drug_prescribed", "benzo": "drug_benzodiazepines",
    "cannabis": "drug_cannabis", "steroid": "drug_steroids", "pasthomicide": "past_homicide",
    "pastwoundinggbh": "past_wounding", "pastkidnap": "past_kidnap", "pastfirearm": "past_firearms",
    "pastrobbery": "past_robbery", "pastaggrburg": "past_aggravated_burglary", "pastweapon": "past_weapon",
    "pastcdlife": "past_criminal_damage_life", "pastarson": "past_arson",
}  # fmt: skip


def years(start: dt.date, end: dt.date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def months(start: dt.date, end: dt.date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def probability(who: Assessment, predictor: str, version: str) -> Decimal:
    held = load("ogrs4.toml")[predictor][version]
    c = {name: Decimal(repr(value)) for name, value in held["terms"].items()}

    def term(name: str) -> Decimal:
        return c.get(name, Decimal(0))

    assert who.date_of_birth is not None and who.conviction_date is not None  # noqa: PT018
    assert who.assessment_date is not None and who.age_at_first_sanction is not None  # noqa: PT018
    assert who.sanctions is not None and who.violent_sanctions is not None  # noqa: PT018
    start = who.community_date or who.conviction_date
    age, woman = years(who.date_of_birth, start), who.sex == "female"
    gap = years(who.date_of_birth, who.conviction_date) - who.age_at_first_sanction
    n, v = who.sanctions, who.violent_sanctions
    ofm = 0 if who.assessment_date < start else min(36, months(start, who.assessment_date))

    z = term("Intercept_2")
    for power in (1, 2, 3, 4):
        name = "aai" * power + "female" if woman else "male" + "aai" * power
        z += term(name) * age**power
        z += term("ofm" * power) * ofm**power
    z += term("female") if woman else 0
    code = offences().category_of(str(who.offence_code))
    z += Decimal(repr(held["offence"][code]))
    z += term("firstsanction") if n == 1 else 0
    z += term("secondsanction") if n == 2 else 0
    z += term("ogrs3_sanctionoccasions") * n
    if n == 2:
        z += gap * term("femalesecondsanctionyearssincefi" if woman else "malesecondsanctionyearssincefirs")
    if n >= 3:
        rate = (Decimal(n) / (gap + ADDED[predictor])).ln()
        if predictor == "arp":
            z += rate * term(
                "femalethreeplussanctionsogrs4g_r" if woman else "malethreeplussanctionsogrs4g_rat"
            )
            z += rate**2 * term(
                "femalethreeplussanctionsogrs4g_o" if woman else "malethreeplussanctionsogrs4g_rao"
            )
        else:
            z += rate * term(
                "femalethreeplussanctionsogrs4v_r" if woman else "malethreeplussanctionsogrs4v_rat"
            )
    if predictor != "arp":
        if v == 0:
            z += term("femaleneverviolent" if woman else "maleneverviolent")
        else:
            z += term("onceviolent") if v == 1 else 0
            z += (Decimal(v) / (gap + 30)).ln() * term("ogrs4v_rate_violent")
        z += v * term("ogrs3_ovp_sanct")
    if version == "dynamic":
        for name, field in ANSWERS.items():
            z += term(name) * int(getattr(who, field))
        z += term("S4Q2") * (2 if who.unemployed else 0)
        if who.partner_status == "living_together":
            z += term("S3Q2_PARTNER") + term("S3Q2_PARTNERS6Q4") * int(who.partner_relationship or 0)
        other = ("drug_hallucinogens", "drug_ketamine", "drug_other", "drug_solvents", "drug_spice")
        z += term("otherdrug_code_iln") if any(getattr(who, name) for name in other) else 0
    return 1 / (1 + (-z).exp())


def percentage(p: Decimal) -> float:
    rounded = (p * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return float(min(rounded, Decimal("99.99")))
