"""OGRS3, OGP and OVP, as in use before 2026. Source: ``data/legacy.toml``."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np

from milepost.language import to_say
from milepost.risk.checks import needed
from milepost.risk.data_files import load
from milepost.risk.offences import offences
from milepost.risk.options import Options
from milepost.risk.points import Parts, by_count, by_edges, explain, label, total
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import Instrument, Scored, Term, cut, half_up, sigmoid

FILE = "legacy.toml"
_ABOUT = {name: load(FILE)[name] for name in ("version", "source", "commit")}
_MIN, _MAX = load(FILE)["limits"]["percentage_min"], load(FILE)["limits"]["percentage_max"]


@cache
def _ties(decimals: int) -> Array:
    """For each whole percentage k: does the double nearest to k.5 % reach it? Java rounds the exact double."""
    scale = 10**decimals
    exact = [Fraction(k * 2 + 1, 200) for k in range(100)]
    return np.array([Fraction(float(x * scale) / scale) >= x for x in exact])


def whole_percentage(probability: Array, decimals: int | None = None) -> Array:
    """Whole percent, half up, held within 1 to 99. With ``decimals`` the probability is rounded to them first,
    and a tie then falls as the published code has it: by the binary value of the rounded number."""
    if decimals is None:
        percentage = half_up(probability * 100.0, 0)
    else:
        steps = np.floor(probability * 10**decimals + 0.5)
        per_percent = 10.0 ** (decimals - 2)
        percentage = np.floor((steps + per_percent / 2) / per_percent)
        below = np.floor(np.nan_to_num(steps) / per_percent).astype(np.int64).clip(0, 99)
        tie = steps % per_percent == per_percent / 2
        percentage = np.where(tie & ~_ties(decimals)[below], percentage - 1, percentage)
    return np.clip(percentage, _MIN, _MAX)


def ogrs3_sum(rows: Rows) -> dict[str, tuple[str | None, Array]]:
    """The four parts of the score that both years share, in log-odds."""
    t = load(FILE)["ogrs3"]
    man = by_edges(rows.age_start, t["age_edges"], t["age_male"])
    woman = by_edges(rows.age_start, t["age_edges"], t["age_female"])
    with np.errstate(all="ignore"):
        rate = np.log(rows["sanctions"] / (t["copas_years_added"] + rows.career_years))
    return {
        to_say("Age and sex"): (None, np.where(rows["sex"] == 1, woman, man)),
        to_say("First sanction or not"): (
            "sanctions", np.where(rows["sanctions"] == 1, t["first_time"], t["repeat"])),
        to_say("Rate of sanctions over the years"): ("sanctions", t["copas"] * rate),
        to_say("Kind of current offence"): ("offence_code", offences().weights["ogrs3"][rows.code]),
    }  # fmt: skip


def ogrs3(rows: Rows, options: Options) -> Scored:
    t = load(FILE)["ogrs3"]
    blocked = INSTRUMENTS["ogrs3"].blocked(rows)
    parts = ogrs3_sum(rows)
    shared = np.where(blocked, np.nan, total(parts))
    one, two = sigmoid(t["one_year"] + shared), sigmoid(t["two_year"] + shared)
    decimals = t["probability_decimals"]
    percentage = whole_percentage(two, decimals)
    start = {to_say("Starting point, two years"): (None, np.full(rows.n, t["two_year"]))}
    return Scored(
        percentage=percentage,
        band=cut(percentage, INSTRUMENTS["ogrs3"].edges),
        probability=half_up(two, decimals),
        extra={
            "one_year_percentage": whole_percentage(one, decimals),
            "one_year_probability": half_up(one, decimals),
        },
        terms=explain({**start, **parts}),
    )


def ogp_parts(ogrs3_percentage: Array, rows: Rows) -> dict[str, tuple[str | None, Array]]:
    """The parts of OGP in points, from the two-year OGRS3 percentage and the answers."""
    t = load(FILE)["ogp"]
    drugs = rows["drug_misuse_current"] + rows["drug_motivation"]
    thinking = rows["problem_solving"] + rows["awareness_of_consequences"] + rows["understands_others"]
    of_thinking = thinking * t["thinking_numerator"] / t["thinking_denominator"]
    return {
        to_say("OGRS3, two years"): (None, half_up(ogrs3_percentage * t["of_ogrs3"], 0)),
        label("no_fixed_abode"): ("no_fixed_abode", rows["no_fixed_abode"] * t["no_fixed_abode"]),
        label("unemployed"): ("unemployed", rows["unemployed"] * t["unemployed"]),
        label("activities_encourage_offending"): (
            "activities_encourage_offending",
            by_count(rows["activities_encourage_offending"], t["activities"])),
        to_say("Drug misuse and motivation"): (
            "drug_misuse_current", half_up(drugs * t["per_drug_level"], 0)),
        to_say("Thinking: problems, consequences, other people"): ("problem_solving", half_up(of_thinking, 0)),
        label("pro_criminal_attitudes"): (
            "pro_criminal_attitudes", by_count(rows["pro_criminal_attitudes"], t["attitudes"])),
    }  # fmt: skip


def _from_points(key: str, parts: Parts, blocked: Array) -> Scored:
    """Points to percentages by the instrument's two curves."""
    t = load(FILE)[key]
    points = np.where(blocked, np.nan, total(parts))
    one = sigmoid(t["per_point"] * points + t["one_year"])
    two = sigmoid(t["per_point"] * points + t["two_year"])
    percentage = whole_percentage(two)
    return Scored(
        percentage=percentage,
        band=cut(percentage, INSTRUMENTS[key].edges),
        probability=two,
        points=points,
        extra={"one_year_percentage": whole_percentage(one), "one_year_probability": one},
        terms=explain(parts),
        unit=to_say("points"),
    )


def ogp(rows: Rows, options: Options) -> Scored:
    return _from_points(
        "ogp", ogp_parts(ogrs3(rows, options).percentage, rows), INSTRUMENTS["ogp"].blocked(rows)
    )


def ovp_parts(rows: Rows) -> dict[str, tuple[str | None, Array]]:
    t = load(FILE)["ovp"]
    others = rows["sanctions"] - rows["violent_sanctions"]
    alcohol = np.ceil(t["per_alcohol_level"] * (rows["alcohol_current"] + rows["alcohol_binge"]))

    def flag(field: str, points: float, when: float = 1) -> tuple[str, Array]:
        return field, np.where(rows.missing(field), np.nan, (rows[field] == when) * float(points))

    return {
        to_say("Any sanctions"): ("sanctions", np.where(rows["sanctions"] == 0, 0.0, float(t["any_sanctions"]))),
        label("violent_sanctions"): (
            "violent_sanctions", by_count(rows["violent_sanctions"], t["violent"])),
        to_say("Sanctions not for violence"): (
            "sanctions", by_edges(others, t["non_violent_edges"], t["non_violent"])),
        to_say("Age at the start of the time at risk"): (None, by_edges(rows.age_start, t["age_edges"], t["age"])),
        to_say("Sex: male"): flag("sex", t["male"], 0),
        to_say("Does not recognise the impact on others"): flag("recognises_impact", t["impact_not_recognised"], 0),
        label("no_fixed_abode"): flag("no_fixed_abode", t["no_fixed_abode"]),
        label("unemployed"): flag("unemployed", t["unemployed"]),
        to_say("Alcohol, current and binge"): ("alcohol_current", alcohol),
        label("psychiatric_treatment"): flag("psychiatric_treatment", t["psychiatric_treatment"]),
        label("temper_control"): ("temper_control", rows["temper_control"] * t["per_temper_level"]),
        label("pro_criminal_attitudes"): (
            "pro_criminal_attitudes", rows["pro_criminal_attitudes"] * t["per_attitude_level"]),
    }  # fmt: skip


def ovp(rows: Rows, options: Options) -> Scored:
    return _from_points("ovp", ovp_parts(rows), INSTRUMENTS["ovp"].blocked(rows))


def _edges(key: str) -> tuple[float, ...]:
    return tuple(load(FILE)[key]["bands"].values())


_OGRS3 = needed(
    "sex", "date_of_birth", "conviction_date", "sanctions", "age_at_first_sanction", "offence_code",
    rules=("sanctions at least one", "offence format", "ogrs3 exact offence", "ogrs3 offence unknown",
           "conviction before birth", "conviction under ten", "first sanction after conviction",
           "start before birth", "start under ten"),
)  # fmt: skip
INSTRUMENTS = {
    "ogrs3": Instrument(
        key="ogrs3", name="Offender Group Reconviction Scale 3", files=(FILE, "offence_weights.csv"),
        compute=ogrs3, checks=_OGRS3, edges=_edges("ogrs3"), decimals=0,
        event="have a new proven offence",
        fixed_basis="static", legacy=True, **_ABOUT,
    ),
    "ogp": Instrument(
        key="ogp", name="OASys General reoffending Predictor", files=(FILE, "offence_weights.csv"),
        compute=ogp,
        checks=(*_OGRS3, *needed(
            "no_fixed_abode", "unemployed", "activities_encourage_offending", "drug_misuse_current",
            "drug_motivation", "problem_solving", "awareness_of_consequences", "understands_others",
            "pro_criminal_attitudes")),
        edges=_edges("ogp"), decimals=0, event="have a new proven offence without violence",
        fixed_basis="dynamic", legacy=True,
        **_ABOUT,
    ),
    "ovp": Instrument(
        key="ovp", name="OASys Violence Predictor", files=(FILE,), compute=ovp,
        checks=needed(
            "sex", "date_of_birth", "sanctions", "violent_sanctions", "recognises_impact", "no_fixed_abode",
            "unemployed", "alcohol_current", "alcohol_binge", "psychiatric_treatment", "temper_control",
            "pro_criminal_attitudes",
            rules=("sanctions at least one", "violent range", "start missing", "start before birth",
                   "ovp under 18")),
        edges=_edges("ovp"), decimals=0, event="have a new proven violent offence",
        fixed_basis="dynamic", legacy=True, **_ABOUT,
    ),
}  # fmt: skip

__all__ = ["INSTRUMENTS", "Term", "ogp_parts", "ogrs3", "ogrs3_sum", "ovp_parts", "whole_percentage"]
