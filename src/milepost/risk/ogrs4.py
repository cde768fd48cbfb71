"""The 2026 predictors ARP, VRP and SVRP, static and dynamic: all six are one matrix product.

Source: Ministry of Justice, hmpps-arns-risk-actuarial-api (``data/ogrs4.toml`` names the commit).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from milepost.risk.checks import DRUGS, needed
from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.offences import offences
from milepost.risk.ogrs4_features import ITEMS, STATIC, unemployed
from milepost.risk.options import Options
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import Instrument, Scored, Term, cut, half_up, sigmoid

FILE = "ogrs4.toml"
PREDICTORS = ("arp", "vrp", "svrp")
BLOCK = 512
"""Rows of one product: small enough that the linear algebra library starts no threads of its own, which would
fight with ours for the same cores."""
SETS = tuple((name, version) for name in PREDICTORS for version in ("static", "dynamic"))
PAST = tuple(name for name in field_table() if name.startswith("past_"))

STATIC_FIELDS = (
    "assessment_date", "date_of_birth", "conviction_date", "age_at_first_sanction", "sex", "offence_code",
    "sanctions",
)  # fmt: skip
STATIC_RULES = (
    "sanctions range", "offence format", "offence unknown", "first sanction range", "conviction before birth",
    "first sanction after conviction", "conviction after assessment", "start before birth", "start age",
)  # fmt: skip
LIFE_ITEMS = (
    "accommodation_suitability", "unemployed", "partner_relationship", "domestic_abuse", "partner_status",
    "activities_encourage_offending", "alcohol_current", "alcohol_binge", "impulsivity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coefficients:
    """``terms``: (6, static then item features); ``offence``: (6, categories and a last one that is NaN)."""

    terms: Array
    offence: Array


@cache
def coefficients() -> Coefficients:
    """The six published sets as matrices; a term that a set lacks is 0. Raises ``KeyError`` for an unknown term."""
    published = load(FILE)
    names = [*STATIC, *ITEMS]
    terms = np.zeros((len(SETS), len(names)))
    categories = offences().names
    offence = np.full((len(SETS), len(categories) + 1), np.nan)
    for row, (predictor, version) in enumerate(SETS):
        held = published[predictor][version]
        unknown = set(held["terms"]) - set(names)
        if unknown:
            raise KeyError(f"{FILE} has terms that no feature serves: {', '.join(sorted(unknown))}")
        terms[row] = [held["terms"].get(name, 0.0) for name in names]
        offence[row, :-1] = [held["offence"][name] for name in categories]
    return Coefficients(terms, offence)


def features(rows: Rows, options: Options) -> Array:
    """(features, rows). An answer that is missing counts 0 here; the checks say where that may not be used."""

    def make() -> Array:
        matrix = np.empty((len(STATIC) + len(ITEMS), rows.n))
        with np.errstate(all="ignore"):
            for row, feature in enumerate([*STATIC.values(), *(make for _, make in ITEMS.values())]):
                matrix[row] = feature(rows)
            if options.unemployed_points != 2:
                at = len(STATIC) + list(ITEMS).index("S4Q2")
                matrix[at] = unemployed(rows) * (options.unemployed_points / 2.0)
        if not np.isfinite(matrix.sum()):
            matrix[~np.isfinite(matrix)] = 0.0
        return matrix

    return rows.keep("ogrs4 features", make)


def log_odds(rows: Rows, options: Options) -> Array:
    """(6, rows), in the order of ``SETS``. Right only where the checks pass; NaN for an unknown offence."""

    def make() -> Array:
        held = coefficients()
        matrix = features(rows, options)
        z = np.empty((len(SETS), rows.n))
        for start in range(0, rows.n, BLOCK):
            z[:, start : start + BLOCK] = held.terms @ matrix[:, start : start + BLOCK]
        for row in range(len(SETS)):
            z[row] += np.take(held.offence[row], rows.category)
        return z

    return rows.keep("ogrs4 log-odds", make)


def published_percentage(probability: Array) -> Array:
    """Percent, two decimals, half up; never 100 (``NumbersUtils.kt``)."""
    return np.minimum(half_up(probability * 100.0, 2), 99.99)


def compute(predictor: str, rows: Rows, options: Options) -> Scored:
    """Scores one predictor: the dynamic version where its answers are there, else the static one."""
    return rows.keep(f"scored {predictor}", lambda: _compute(predictor, rows, options))


def _compute(predictor: str, rows: Rows, options: Options) -> Scored:
    instrument = INSTRUMENTS[predictor]
    at = SETS.index((predictor, "static"))
    blocked, no_dynamic = instrument.blocked(rows), instrument.no_dynamic(rows)
    z = log_odds(rows, options)
    with np.errstate(over="ignore"):
        static = np.where(blocked, np.nan, sigmoid(z[at]))
        dynamic = np.where(blocked | no_dynamic, np.nan, sigmoid(z[at + 1]))
    use_dynamic = ~(blocked | no_dynamic)
    probability = np.where(use_dynamic, dynamic, static)
    of_static, of_dynamic = published_percentage(static), published_percentage(dynamic)
    percentage = np.where(use_dynamic, of_dynamic, of_static)

    def terms(row: int) -> list[Term]:
        return _terms(at + int(use_dynamic[row]), rows, options, row)

    return Scored(
        percentage=percentage,
        band=cut(percentage, instrument.edges),
        probability=probability,
        dynamic=use_dynamic,
        extra={
            "static_probability": static,
            "static_percentage": of_static,
            "dynamic_probability": dynamic,
            "dynamic_percentage": of_dynamic,
        },
        terms=terms,
    )


@cache
def _named(at: int) -> tuple[tuple[int, str, str, str | None], ...]:
    """Of one published set: the feature's number, the term's name, its label and the field it reads."""
    labels, table = load("labels.toml")["terms"], field_table()
    predictor, version = SETS[at]
    used = load(FILE)[predictor][version]["terms"]
    found = []
    for number, name in enumerate([*STATIC, *ITEMS]):
        if name in used:
            field = ITEMS[name][0] if name in ITEMS else None
            found.append((number, name, labels.get(name) or table[field or name].label, field))
    return tuple(found)


def offence_label(category: int) -> str:
    """The current offence as a part of a score, by the number of its category."""
    kind = offences().names[category].lower().replace("_", " ")
    return f"{load('labels.toml')['terms']['offence']}: {kind}"


def _terms(at: int, rows: Rows, options: Options, row: int) -> list[Term]:
    held = coefficients()
    values = (held.terms[at] * features(rows, options)[:, row]).tolist()
    parts = [Term(name, label, values[number], field) for number, name, label, field in _named(at)]
    category = int(rows.category[row])
    parts.append(Term("offence", offence_label(category), float(held.offence[at, category]), "offence_code"))
    return parts


def _instrument(key: str, name: str, event: str, dynamic_items: tuple[str, ...], drugs: bool) -> Instrument:
    published = load(FILE)
    violent = key != "arp"
    rules = (*STATIC_RULES, "violent range") if violent else STATIC_RULES
    return Instrument(
        key=key,
        name=name,
        version=published["version"],
        source=published["source"],
        commit=published["commit"],
        files=(FILE, "offences.toml", "offence_categories.csv"),
        compute=partial(compute, key),
        checks=needed(*STATIC_FIELDS, *(("violent_sanctions",) if violent else ()), rules=rules),
        dynamic_checks=needed(*dynamic_items, rules=("motivation without answer",) if drugs else ()),
        edges=tuple(published["bands"][key].values()),
        horizon_years=published["horizon_years"][key],
        event=event,
    )


INSTRUMENTS = {
    "arp": _instrument(
        "arp", "All Reoffending Predictor", "have a new proven offence",
        (*LIFE_ITEMS, "pro_criminal_attitudes"), drugs=True,
    ),
    "vrp": _instrument(
        "vrp", "Violent Reoffending Predictor", "have a new proven violent offence",
        (*LIFE_ITEMS, "drug_motivation", "temper_control"), drugs=False,
    ),
    "svrp": _instrument(
        "svrp", "Serious Violent Reoffending Predictor", "have a new proven serious violent offence",
        ("weapon", "accommodation_suitability", "unemployed", "alcohol_current", "temper_control",
         "pro_criminal_attitudes", *PAST), drugs=False,
    ),
}  # fmt: skip
"""ARP: drug answers that are missing count as not used, and motivation as full; VRP asks for motivation."""

__all__ = ["DRUGS", "INSTRUMENTS", "PREDICTORS", "SETS", "coefficients", "compute", "features", "log_odds"]
