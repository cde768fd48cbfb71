"""The features of the 2026 predictors, by the published names of the terms they are multiplied with.

A predictor is the sum over terms of coefficient times feature. One definition serves one person and a million.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from milepost.risk.data_files import load
from milepost.risk.rows import Array, Rows

_ADDED = load("ogrs4.toml")["career_years_added"]
_OFM_MAX = load("ogrs4.toml")["limits"]["offence_free_months_max"]
_OTHER_DRUGS = ("drug_hallucinogens", "drug_ketamine", "drug_other", "drug_solvents", "drug_spice")


def _female(r: Rows) -> Array:
    return r["sex"]


def _male(r: Rows) -> Array:
    return r.keep("male", lambda: 1.0 - r["sex"])


def _age(r: Rows, power: int, of: Callable[[Rows], Array]) -> Array:
    if power == 1:
        return r.age_start * of(r)
    half = r.keep("age squared", lambda: r.age_start * r.age_start)
    powers = {2: lambda: half, 3: lambda: half * r.age_start, 4: lambda: half * half}
    return r.keep(f"age power {power}", powers[power]) * of(r)


def _ofm(r: Rows, power: int = 1) -> Array:
    """Offence-free months at risk: whole, capped, 0 for someone still in custody."""
    months = r.keep(
        "ofm", lambda: np.where(r.before_start, 0.0, np.minimum(r.months_at_risk, float(_OFM_MAX)))
    )
    if power == 1:
        return months
    half = r.keep("ofm squared", lambda: months * months)
    powers = {2: lambda: half, 3: lambda: half * months, 4: lambda: half * half}
    return r.keep(f"ofm power {power}", powers[power])


def _is(r: Rows, field: str, value: float) -> Array:
    return r.keep(f"{field} is {value}", lambda: (r[field] == value).astype(float))


def _second_gap(r: Rows, of: Callable[[Rows], Array]) -> Array:
    return r.keep("gap of second", lambda: _is(r, "sanctions", 2) * r.career_years) * of(r)


def _log(r: Rows, field: str) -> Array:
    return r.keep(f"log {field}", lambda: np.log(r[field]))


def _log_rate(r: Rows, added: str, of: Callable[[Rows], Array], power: int = 1) -> Array:
    """Log of sanctions per year of career (Copas), from the third sanction on; else 0."""

    def make() -> Array:
        rate = _log(r, "sanctions") - np.log(r.career_years + _ADDED[added])
        return np.where(r["sanctions"] >= 3, rate, 0.0)

    rate = r.keep(f"log rate {added}", make)
    return (rate if power == 1 else rate * rate) * of(r)


def _violent_rate(r: Rows) -> Array:
    def make() -> Array:
        rate = _log(r, "violent_sanctions") - np.log(r.career_years + _ADDED["violent_rate"])
        return np.where(r["violent_sanctions"] > 0, rate, 0.0)

    return make()


def _never(r: Rows, of: Callable[[Rows], Array]) -> Array:
    return _is(r, "violent_sanctions", 0) * of(r)


def unemployed(r: Rows) -> Array:
    """Item 4.2: 0 or 2. A table read with other options may hold 1."""
    if r.has("unemployed_points"):
        return r["unemployed_points"]
    return r.keep("unemployed 0/2", lambda: r["unemployed"] * 2.0)


def _living_together(r: Rows) -> Array:
    return r.keep(
        "living together", lambda: np.where(r.missing("partner_status"), np.nan, r["partner_status"] == 1)
    )


def _other_drug(r: Rows) -> Array:
    return np.logical_or.reduce([r[name] == 1 for name in _OTHER_DRUGS]).astype(float)


def _answer(field: str) -> Callable[[Rows], Array]:
    return lambda r: r[field]


STATIC: dict[str, Callable[[Rows], Array]] = {
    "Intercept_2": lambda r: np.ones(r.n),
    "maleaai": lambda r: _age(r, 1, _male),
    "maleaaiaai": lambda r: _age(r, 2, _male),
    "maleaaiaaiaai": lambda r: _age(r, 3, _male),
    "maleaaiaaiaaiaai": lambda r: _age(r, 4, _male),
    "aaifemale": lambda r: _age(r, 1, _female),
    "aaiaaifemale": lambda r: _age(r, 2, _female),
    "aaiaaiaaifemale": lambda r: _age(r, 3, _female),
    "aaiaaiaaiaaifemale": lambda r: _age(r, 4, _female),
    "female": _female,
    "firstsanction": lambda r: _is(r, "sanctions", 1),
    "secondsanction": lambda r: _is(r, "sanctions", 2),
    "ogrs3_sanctionoccasions": _answer("sanctions"),
    "malesecondsanctionyearssincefirs": lambda r: _second_gap(r, _male),
    "femalesecondsanctionyearssincefi": lambda r: _second_gap(r, _female),
    "ofm": _ofm,
    "ofmofm": lambda r: _ofm(r, 2),
    "ofmofmofm": lambda r: _ofm(r, 3),
    "ofmofmofmofm": lambda r: _ofm(r, 4),
    "malethreeplussanctionsogrs4g_rat": lambda r: _log_rate(r, "general", _male),
    "malethreeplussanctionsogrs4g_rao": lambda r: _log_rate(r, "general", _male, 2),
    "femalethreeplussanctionsogrs4g_r": lambda r: _log_rate(r, "general", _female),
    "femalethreeplussanctionsogrs4g_o": lambda r: _log_rate(r, "general", _female, 2),
    "malethreeplussanctionsogrs4v_rat": lambda r: _log_rate(r, "violence", _male),
    "femalethreeplussanctionsogrs4v_r": lambda r: _log_rate(r, "violence", _female),
    "maleneverviolent": lambda r: _never(r, _male),
    "femaleneverviolent": lambda r: _never(r, _female),
    "onceviolent": lambda r: _is(r, "violent_sanctions", 1),
    "ogrs3_ovp_sanct": _answer("violent_sanctions"),
    "ogrs4v_rate_violent": _violent_rate,
}
"""Features that need no dynamic answer."""

ITEMS: dict[str, tuple[str, Callable[[Rows], Array]]] = {
    "S3Q4": ("accommodation_suitability", _answer("accommodation_suitability")),
    "S4Q2": ("unemployed", unemployed),
    "S3Q2_PARTNER": ("partner_status", _living_together),
    "S6Q4": ("partner_relationship", _answer("partner_relationship")),
    "S3Q2_PARTNERS6Q4": ("partner_relationship", lambda r: _living_together(r) * r["partner_relationship"]),
    "S6Q7_PERP": ("domestic_abuse", _answer("domestic_abuse")),
    "S7Q2": ("activities_encourage_offending", _answer("activities_encourage_offending")),
    "S8Q8": ("drug_motivation", _answer("drug_motivation")),
    "S9Q1": ("alcohol_current", _answer("alcohol_current")),
    "S9Q2": ("alcohol_binge", _answer("alcohol_binge")),
    "S11Q2": ("impulsivity", _answer("impulsivity")),
    "S11Q4": ("temper_control", _answer("temper_control")),
    "S12Q1": ("pro_criminal_attitudes", _answer("pro_criminal_attitudes")),
    "S2Q2A": ("weapon", _answer("weapon")),
    "heroin": ("drug_heroin", _answer("drug_heroin")),
    "methadone": ("drug_methadone", _answer("drug_methadone")),
    "otheropiate": ("drug_other_opiate", _answer("drug_other_opiate")),
    "crack": ("drug_crack", _answer("drug_crack")),
    "cokepowder": ("drug_powder_cocaine", _answer("drug_powder_cocaine")),
    "prescribed": ("drug_prescribed", _answer("drug_prescribed")),
    "benzo": ("drug_benzodiazepines", _answer("drug_benzodiazepines")),
    "cannabis": ("drug_cannabis", _answer("drug_cannabis")),
    "steroid": ("drug_steroids", _answer("drug_steroids")),
    "otherdrug_code_iln": ("drug_other", _other_drug),
    "pasthomicide": ("past_homicide", _answer("past_homicide")),
    "pastwoundinggbh": ("past_wounding", _answer("past_wounding")),
    "pastkidnap": ("past_kidnap", _answer("past_kidnap")),
    "pastfirearm": ("past_firearms", _answer("past_firearms")),
    "pastrobbery": ("past_robbery", _answer("past_robbery")),
    "pastaggrburg": ("past_aggravated_burglary", _answer("past_aggravated_burglary")),
    "pastweapon": ("past_weapon", _answer("past_weapon")),
    "pastcdlife": ("past_criminal_damage_life", _answer("past_criminal_damage_life")),
    "pastarson": ("past_arson", _answer("past_arson")),
}
"""Dynamic items: the field each one reads, and its value."""
