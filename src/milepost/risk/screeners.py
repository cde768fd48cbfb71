"""The screeners LDS, MST and OPD. They flag people for a closer look; they predict nothing.

Source: ``data/screeners.toml``. Where they count an unanswered question, the label of the part says so.
"""

from __future__ import annotations

import numpy as np

from milepost.language import to_say
from milepost.risk.calendar import completed_years
from milepost.risk.checks import RULES, Check, needed
from milepost.risk.data_files import load
from milepost.risk.offences import offences
from milepost.risk.options import Options
from milepost.risk.points import explain, label, total
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import NO_BAND, Instrument, Scored, cut

FILE = "screeners.toml"
ABOUT = {name: load(FILE)[name] for name in ("version", "source", "commit")}
HIGH = 2
NO_PERCENTAGE = np.nan

LDS_FOUR = ("work_skills", "literacy_problems", "learning_difficulties", "no_qualifications")
MST_TEN = (
    "peer_influence", "criminal_associates", "recklessness", "difficulties_coping", "attitude_to_self",
    "impulsivity", "temper_control", "problem_solving", "awareness_of_consequences", "understands_others",
)  # fmt: skip


def _answered(rows: Rows, *names: str) -> Array:
    return np.sum([~rows.missing(name) for name in names], axis=0)


def _zero(rows: Rows, name: str) -> Array:
    """The answer, or 0 where there is none: these screeners add up what is known."""
    return np.nan_to_num(rows[name], nan=0.0)


def _any(rows: Rows, *names: str) -> Array:
    return np.logical_or.reduce([rows[name] >= 1 for name in names])


def _screened(points: Array, band: Array, parts: dict[str, tuple[str | None, Array]]) -> Scored:
    return Scored(
        percentage=np.full(len(points), NO_PERCENTAGE), band=band, points=points, terms=explain(parts),
        unit=to_say("points"),
    )  # fmt: skip


def lds(rows: Rows, options: Options) -> Scored:
    """Learning screen: 0, 1 or 2 as the bands say."""
    t = load(FILE)["lds"]
    parts: dict[str, tuple[str | None, Array]] = {
        label(name): (name, _zero(rows, name))
        for name in ("no_fixed_abode", "work_skills", "literacy_problems", "reading_problems",
                     "numeracy_problems", "learning_difficulties")
    }  # fmt: skip
    parts[label("no_qualifications")] = (
        "no_qualifications", _zero(rows, "no_qualifications") * t["no_qualifications"])  # fmt: skip
    points = np.where(INSTRUMENTS["lds"].blocked(rows), np.nan, total(parts))
    return _screened(points, cut(points, tuple(t["bands"].values())), parts)


def _mst_age(rows: Rows) -> Array:
    return completed_years(rows.month_and_day("date_of_birth"), rows.month_and_day("assessment_date"))


def _mst_outside(rows: Rows) -> Array:
    """Not a matter for the screen: another age, or a woman."""
    t = load(FILE)["mst"]
    age = _mst_age(rows)
    return (age < t["age_min"]) | (age > t["age_max"])


def mst(rows: Rows, options: Options) -> Scored:
    """Maturity: men of 18 to 25; flagged from 10 points."""
    t = load(FILE)["mst"]
    parts: dict[str, tuple[str | None, Array]] = {label(n): (n, _zero(rows, n)) for n in MST_TEN}
    blocked = INSTRUMENTS["mst"].blocked(rows)
    outside = ~blocked & (_mst_outside(rows) | (rows["sex"] == 1))
    points = np.where(blocked | outside, np.nan, total(parts))
    band = np.where(outside, 2, cut(points, (t["flag_from"],)))
    return _screened(points, band, parts)


def _scored_one(rows: Rows, name: str) -> Array:
    return (rows[name] >= 1).astype(float)


def opd_parts(rows: Rows) -> dict[str, dict[str, tuple[str | None, Array]]]:
    """Parts of the three sums: men's personality and indicator items, women's items."""
    t = load(FILE)["opd"]

    def one(*names: str) -> dict[str, tuple[str | None, Array]]:
        return {label(name): (name, _scored_one(rows, name)) for name in names}

    alone = np.where(
        _any(rows, "violence_or_threat"), float(t["excessive_violence"]), t["excessive_violence_alone"]
    )
    excessive: dict[str, tuple[str | None, Array]] = {
        label("excessive_violence"): (
            "excessive_violence", np.where(_any(rows, "excessive_violence"), alone, 0.0))
    }  # fmt: skip
    young = rows["age_at_first_sanction"] <= t["young_first_sanction_max"]
    mental = _any(
        rows, "psychological_problems", "psychiatric_problems", "psychiatric_history",
        "psychiatric_medication", "secure_hospital", "psychiatric_treatment", "obsessive_behaviour",
    )  # fmt: skip
    challenging = _any(rows, "attitude_to_supervision", "assaulted_staff", "escaped", "control_issues")
    childhood = _any(rows, "childhood_experience", "childhood_behaviour")
    abuse = (rows["domestic_abuse"] == 1) & _any(rows, "domestic_abuse_partner", "domestic_abuse_family")
    personality = {
        to_say("First sanction before 18"): ("age_at_first_sanction", young.astype(float)),
        **one("violence_or_threat"),
        **excessive,
        to_say("Does not recognise the impact on others (not answered counts)"): (
            "recognises_impact", (rows["recognises_impact"] != 1).astype(float)),
        **one("financial_reliance", "manipulative_behaviour", "recklessness", "childhood_behaviour",
              "impulsivity", "controlling_behaviour"),
    }  # fmt: skip
    indicators: dict[str, tuple[str | None, Array]] = {
        to_say("Childhood difficulties"): ("childhood_experience", childhood.astype(float)),
        to_say("History of mental health difficulties"): ("psychiatric_history", mental.astype(float)),
        **one("self_harm"),
        to_say("Severe challenging behaviour"): ("control_issues", challenging.astype(float)),
    }
    women = {
        **one("weapon", "violence_or_threat"),
        **excessive,
        **one("arson", "emotional_motivation", "offence_linked_to_risk", "accommodation_linked_to_risk",
              "childhood_experience"),
        to_say("Domestic abuse of a partner or family"): ("domestic_abuse", abuse.astype(float)),
        **one("relationships_linked_to_risk", "difficulties_coping", "psychological_problems", "self_harm",
              "emotions_linked_to_risk", "thinking_linked_to_risk"),
    }  # fmt: skip
    return {"personality": personality, "indicators": indicators, "women": women}


def opd(rows: Rows, options: Options) -> Scored:
    """Screened in or out of the offender personality disorder pathway. ``override`` is kept beside it."""
    t = load(FILE)["opd"]
    parts = opd_parts(rows)
    sums = {name: total(part) for name, part in parts.items()}
    woman, serious = rows["sex"] == 1, rows["rosh"] >= HIGH
    fits_man = serious & (offences().violent_or_sexual[rows.code] == 1) & (rows["custodial_sentence"] == 1)
    fits = np.where(woman, serious | (rows["mappa_eligible"] == 1), fits_man)
    man_in = (sums["personality"] >= t["male_personality_from"]) | (
        sums["indicators"] >= t["male_indicators_from"]
    )
    screened_in = fits & np.where(woman, sums["women"] >= t["female_from"], man_in)
    blocked = INSTRUMENTS["opd"].blocked(rows)
    points = np.where(woman, sums["women"], sums["personality"])
    scored = _screened(np.where(blocked, np.nan, points), np.where(blocked, NO_BAND, screened_in), {})
    scored.extra = {
        "indicator_points": np.where(blocked | woman, np.nan, sums["indicators"]),
        "applies": fits & ~blocked,
        "override": ~blocked & fits & ~screened_in & (rows["opd_override"] == 1),
    }

    def terms(row: int) -> list:
        chosen = ("women",) if woman[row] else ("personality", "indicators")
        return [term for name in chosen for term in explain(parts[name])(row)]

    scored.terms = terms
    return scored


OPD_WOMEN = (
    "weapon", "violence_or_threat", "excessive_violence", "arson", "emotional_motivation",
    "offence_linked_to_risk", "accommodation_linked_to_risk", "childhood_experience", "domestic_abuse",
    "relationships_linked_to_risk",
)  # fmt: skip
OPD_MEN = (
    "age_at_first_sanction", "violence_or_threat", "excessive_violence", "recognises_impact",
    "financial_reliance", "manipulative_behaviour", "recklessness", "childhood_behaviour", "impulsivity",
    "controlling_behaviour", "childhood_experience", "psychological_problems", "psychiatric_problems",
    "psychiatric_history", "psychiatric_medication", "secure_hospital", "psychiatric_treatment",
    "obsessive_behaviour", "self_harm", "attitude_to_supervision", "assaulted_staff", "escaped",
    "control_issues",
)  # fmt: skip

_MISSING = (
    Check("lds answers", "missing", "literacy_problems",
          "Fewer than three of work skills, literacy, learning difficulties and qualifications are answered",
          "Answer at least three.", lambda r: _answered(r, *LDS_FOUR) < load(FILE)["lds"]["answers_needed"]),
    Check("lds literacy", "missing", "literacy_problems",
          "Reading or numeracy is answered but not problems with reading, writing or numeracy",
          "Answer question 4.7.",
          lambda r: r.missing("literacy_problems")
          & ~(r.missing("reading_problems") & r.missing("numeracy_problems"))),
    Check("mst person", "missing", "date_of_birth", "Sex, date of birth or assessment date is not answered",
          "Answer them.",
          lambda r: r.missing("date_of_birth") | r.missing("assessment_date")
          | (r.missing("sex") & ~_mst_outside(r))),
    Check("mst answers", "missing", "peer_influence", "Fewer than nine of the ten questions are answered",
          "Answer at least nine.",
          lambda r: (_answered(r, *MST_TEN) < load(FILE)["mst"]["answers_needed"]) & ~_mst_outside(r)),
    Check("opd mappa", "missing", "mappa_eligible", "Eligibility for MAPPA is not answered", "Answer it.",
          lambda r: (r["sex"] == 1) & r.missing("mappa_eligible")),
    Check("opd abuse", "missing", "domestic_abuse_partner",
          "Domestic abuse is recorded but not of whom", "Answer question 6.7.",
          lambda r: (r["domestic_abuse"] == 1)
          & (r.missing("domestic_abuse_partner") | r.missing("domestic_abuse_family"))),
    Check("opd answers", "missing", "violence_or_threat", "None of the questions of the screen is answered",
          "Answer them.",
          lambda r: np.where(r["sex"] == 1, _answered(r, *OPD_WOMEN) == 0, _answered(r, *OPD_MEN) == 0)),
)  # fmt: skip
_BY_KEY = {check.key: check for check in _MISSING}

INSTRUMENTS = {
    "lds": Instrument(
        key="lds", name="Learning screen", files=(FILE,), compute=lds,
        checks=(_BY_KEY["lds answers"], _BY_KEY["lds literacy"]), bands=("0", "1", "2"),
        point_edges=tuple(load(FILE)["lds"]["bands"].values()),
        horizon_years=None, **ABOUT,
    ),
    "mst": Instrument(
        key="mst", name="Maturity screening tool", files=(FILE,), compute=mst,
        checks=(_BY_KEY["mst person"], _BY_KEY["mst answers"]),
        bands=("not_flagged", "flagged", "not_applicable"),
        point_edges=(load(FILE)["mst"]["flag_from"],), horizon_years=None, **ABOUT,
    ),
    "opd": Instrument(
        key="opd", name="Offender personality disorder screen", files=(FILE, "offence_categories.csv"),
        compute=opd,
        checks=(*needed("sex", "rosh", "rosh_highest", "offence_code", "custodial_sentence",
                        rules=("offence format", "offence unknown")),
                RULES["abuse inconsistent"], _BY_KEY["opd mappa"], _BY_KEY["opd abuse"],
                _BY_KEY["opd answers"]),
        bands=("screen_out", "screen_in"), horizon_years=None, **ABOUT,
    ),
}  # fmt: skip
