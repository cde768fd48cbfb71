"""PNI, the programme needs identifier: four domains of need crossed with the predictors.

Source: ``data/screeners.toml``. The published service runs this step before the combined predictor, so its
sexual bands are always empty there; here they are used, as the rule is written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from milepost.risk import ogrs4, sexual
from milepost.risk.data_files import load
from milepost.risk.options import Options
from milepost.risk.points import by_edges, explain
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import Instrument, Scored
from milepost.risk.screeners import ABOUT, FILE

BANDS = ("omission", "alternative", "moderate", "high")
OMISSION, ALTERNATIVE, MODERATE, HIGH_INTENSITY = range(4)
LOW, MEDIUM, HIGH = 0, 1, 2
COMMUNITY, CUSTODY = 0, 1
WORST = 2.0

DOMAINS = {
    "Sex": ("sexual_preoccupation", "sexual_interests", "congruence_with_children"),
    "Thinking": ("pro_criminal_attitudes", "hostile_orientation"),
    "Relationships": (
        "family_relationships", "close_relationships", "easily_influenced", "controlling_behaviour"),
    "Self-management": ("impulsivity", "temper_control", "problem_solving", "difficulties_coping"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Risks:
    """Arrays: percentages (NaN unknown) and band numbers of the sexual predictors (NaN unknown, 4 n/a)."""

    arp: Array
    vrp: Array
    csrp: Array
    dc_band: Array
    iic_band: Array


def risks_of(rows: Rows, options: Options) -> Risks:
    """The predictors that PNI reads; sexual bands only where the combined predictor has a score."""
    combined = sexual.combined(rows, options)
    known = ~np.isnan(combined.percentage)
    contact = sexual.direct_contact(None, rows, options).band
    image = sexual.images(False, rows, options).band
    return Risks(
        ogrs4.compute("arp", rows, options).percentage,
        ogrs4.compute("vrp", rows, options).percentage,
        combined.percentage,
        np.where(known, contact, np.nan),
        np.where(known, image, np.nan),
    )


def domain(name: str, rows: Rows, missing_as: float) -> Array:
    """Need of one domain, 0 to 2, with missing answers as ``missing_as``; NaN is taken as 0 by the caller."""
    t = load(FILE)["pni"]
    answers = [rows[field] for field in DOMAINS[name]]
    points = np.sum([np.where(np.isnan(a), missing_as, a) for a in answers], axis=0)
    if name == "Sex":
        concerned = (rows["ever_sexual_offence"] == 1) | (rows["sexual_harm_risk"] == 1)
        incomplete = np.logical_or.reduce([np.isnan(a) for a in answers])
        need = by_edges(points, t["sex_edges"], (0, 1, 2))
        if missing_as == 0:  # too little is known for a sum unless it is already at the top
            need = np.where((points >= t["sex_edges"][1]) | ~incomplete, need, 0.0)
        need = np.where(rows["sexual_interests"] == WORST, WORST, need)
        return np.where(concerned, need, 0.0)
    if name == "Thinking":
        need = by_edges(points, t["thinking_edges"], (0, 1, 2))
        return np.where(rows["pro_criminal_attitudes"] == WORST, WORST, need)
    return by_edges(points, t["domain_edges"], (0, 1, 2))


def pathway(rows: Rows, risks: Risks) -> tuple[Array, dict[str, tuple[str | None, Array]]]:
    """Band numbers of ``BANDS``, and the need of each domain."""
    t = load(FILE)["pni"]
    needs = {name: domain(name, rows, 0.0) for name in DOMAINS}
    worst = {name: domain(name, rows, WORST) for name in DOMAINS}
    gaps = {
        name: np.logical_or.reduce([rows.missing(field) for field in fields])
        for name, fields in DOMAINS.items()
    }
    any_gap, all_gaps = np.logical_or.reduce(list(gaps.values())), np.logical_and.reduce(list(gaps.values()))
    score = np.sum(list(needs.values()), axis=0)
    level = by_edges(score, t["level_edges"], (LOW, MEDIUM, HIGH))
    projected = by_edges(np.sum(list(worst.values()), axis=0), t["level_edges"], (LOW, MEDIUM, HIGH))

    community, custody = rows["supervision"] == COMMUNITY, rows["supervision"] == CUSTODY
    partner, others = rows["sara_partner"], rows["sara_others"]
    high_sara, medium_sara = (partner == HIGH) | (others == HIGH), (partner == MEDIUM) | (others == MEDIUM)
    some_sara = high_sara | medium_sara
    no_sara, gap_sara = np.isnan(partner) & np.isnan(others), np.isnan(partner) | np.isnan(others)

    need = np.select(
        [
            score >= t["level_edges"][1],
            (score >= t["level_edges"][0]) & community,
            ~any_gap | (level == projected),
            all_gaps & ~community,
            (level >= MEDIUM) & ~some_sara,
            community & some_sara & ~gap_sara,
            ~community & some_sara & ~gap_sara,
        ],
        [HIGH, MEDIUM, level, np.nan, np.nan, MEDIUM, HIGH],
        level,
    )
    high_arp, high_vrp = risks.arp >= t["arp"]["high"], risks.vrp >= t["vrp"]["high"]
    high = high_arp | high_vrp | high_sara | _sexual_high(risks.dc_band, risks.iic_band, risks.csrp)
    medium = (
        (risks.arp >= t["arp"]["medium"])
        | (risks.vrp >= t["vrp"]["medium"])
        | medium_sara
        | (risks.dc_band == MEDIUM)
        | (risks.iic_band == MEDIUM)
        | (_no_sexual(risks.dc_band, risks.iic_band) & (risks.csrp >= t["csrp"]["medium"]))
    )
    risk = np.select([high, medium], [HIGH, MEDIUM], LOW)
    at_worst = _sexual_high(
        np.nan_to_num(risks.dc_band, nan=3), np.nan_to_num(risks.iic_band, nan=3),
        np.nan_to_num(risks.csrp, nan=100),
    )  # fmt: skip
    projected_risk = np.select([high_arp | high_vrp | high_sara | at_worst, medium], [HIGH, MEDIUM], LOW)

    both_high = (need == HIGH) & (risk == HIGH)
    intensive = custody & ((high_arp & high_vrp) | (high_arp & high_sara) | both_high)
    moderate = (
        (community & ((high_arp & high_vrp) | both_high))
        | some_sara
        | ((need == MEDIUM) & (risk >= MEDIUM))
        | ((need == HIGH) & (risk == MEDIUM))
    )
    found = np.select([intensive, moderate], [HIGH_INTENSITY, MODERATE], ALTERNATIVE)
    omitted = any_gap & (
        (gap_sara & (found == ALTERNATIVE)) | (projected_risk != risk) | (no_sara & ~community)
    )
    found = np.where(omitted | np.isnan(need) | rows.missing("supervision"), OMISSION, found)
    return found, {f"{name} need": (DOMAINS[name][0], needs[name]) for name in DOMAINS}


def _no_sexual(dc_band: Array, iic_band: Array) -> Array:
    """Neither sexual predictor is known and applies."""
    other = sexual.NOT_APPLICABLE
    return (np.isnan(dc_band) | (dc_band == other)) & (np.isnan(iic_band) | (iic_band == other))


def _sexual_high(dc_band: Array, iic_band: Array, csrp: Array) -> Array:
    high = ((dc_band >= HIGH) & (dc_band < sexual.NOT_APPLICABLE)) | (
        (iic_band >= HIGH) & (iic_band < sexual.NOT_APPLICABLE)
    )
    result: Array = high | (_no_sexual(dc_band, iic_band) & (csrp >= load(FILE)["pni"]["csrp"]["high"]))
    return result


def pni(rows: Rows, options: Options) -> Scored:
    band, parts = pathway(rows, risks_of(rows, options))
    points = np.sum([values for _, values in parts.values()], axis=0)
    return Scored(
        percentage=np.full(rows.n, np.nan), band=band, points=points, terms=explain(parts), unit="points"
    )


INSTRUMENTS = {
    "pni": Instrument(
        key="pni", name="Programme needs identifier", compute=pni, checks=(), bands=BANDS, horizon_years=None,
        files=(FILE, *sexual.INSTRUMENTS["csrp"].files), **ABOUT,
    ),
}  # fmt: skip
