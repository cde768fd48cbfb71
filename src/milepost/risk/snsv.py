"""SNSV, the violent part of the Risk of Serious Recidivism (RSR) before 2026, and RSR itself."""

from __future__ import annotations

from functools import cache

import numpy as np

from milepost.risk import sexual
from milepost.risk.checks import needed
from milepost.risk.data_files import load
from milepost.risk.fields import field_table
from milepost.risk.offences import offences
from milepost.risk.ogrs4 import PAST
from milepost.risk.ogrs4_features import ITEMS, STATIC
from milepost.risk.options import Options
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import NO_BAND, Instrument, Scored, Term, half_up, sigmoid

FILE = "legacy.toml"
VERSIONS = ("static", "dynamic")


def _abuse_of_partner(rows: Rows) -> Array:
    """Domestic abuse counts where it was of a partner; without any abuse the answer is no."""
    return np.where(rows["domestic_abuse"] == 1, rows["domestic_abuse_partner"], rows["domestic_abuse"])


FEATURES = {
    **{name: (None, feature) for name, feature in STATIC.items()},
    **ITEMS,
    "abuse_of_partner": ("domestic_abuse_partner", _abuse_of_partner),
}


@cache
def _coefficients(version: str) -> dict[str, float]:
    terms: dict[str, float] = load(FILE)["snsv"][version]["terms"]
    return terms


def _parts(rows: Rows, version: str) -> dict[str, Array]:
    with np.errstate(all="ignore"):
        parts = {name: value * FEATURES[name][1](rows) for name, value in _coefficients(version).items()}
    weights = offences().weights
    parts["offence"] = weights[f"snsv_{version}"][rows.code] + weights[f"snsv_vatp_{version}"][rows.code]
    return parts


def snsv(rows: Rows, options: Options) -> Scored:
    """Probability and percentage; SNSV alone has no bands."""
    instrument = INSTRUMENTS["snsv"]
    blocked, no_dynamic = instrument.blocked(rows), instrument.no_dynamic(rows)
    parts = {version: _parts(rows, version) for version in VERSIONS}
    either = {version: sigmoid(np.sum(list(part.values()), axis=0)) for version, part in parts.items()}
    static = np.where(blocked, np.nan, either["static"])
    dynamic = np.where(blocked | no_dynamic, np.nan, either["dynamic"])
    use_dynamic = ~(blocked | no_dynamic)
    probability = np.where(use_dynamic, dynamic, static)

    def terms(row: int) -> list[Term]:
        labels, table = load("labels.toml")["terms"], field_table()
        chosen = parts["dynamic" if use_dynamic[row] else "static"]
        found = []
        for name, values in chosen.items():
            field = FEATURES[name][0] if name in FEATURES else None
            text = labels.get(name) or table[field or name].label
            found.append(Term(name, text, float(values[row]), field))
        return found

    return Scored(
        percentage=half_up(probability * 100.0, 2),
        band=np.full(rows.n, NO_BAND),
        probability=probability,
        dynamic=use_dynamic,
        extra={"static_probability": static, "dynamic_probability": dynamic},
        terms=terms,
    )


def rsr(rows: Rows, options: Options) -> Scored:
    """RSR = SNSV + OSP/DC + OSP/IIC + a constant for women with a sexual offence."""
    table = load(sexual.FILE)["combined"]
    contact = sexual.direct_contact(sexual.LEGACY["osp_dc"], rows, options)
    image = sexual.images(True, rows, options)
    edges = tuple(table["bands_rsr"].values())
    women = table["legacy_female_with_sexual_offence"]
    blocked = INSTRUMENTS["rsr"].blocked(rows)
    names = ("SNSV", "OSP/DC", "OSP/IIC")
    return sexual.combine(names, snsv(rows, options), contact, image, women, edges, blocked, rows)


_ABOUT = {name: load(FILE)[name] for name in ("version", "source", "commit")}
_EVENT = "have a new proven serious violent offence"
INSTRUMENTS = {
    "snsv": Instrument(
        key="snsv", name="Serious Non-Sexual Violence", files=(FILE, "offence_weights.csv"), compute=snsv,
        checks=needed(
            "assessment_date", "sex", "date_of_birth", "conviction_date", "offence_code", "sanctions",
            "age_at_first_sanction", "supervision", "community_date", "violent_sanctions",
            rules=("sanctions at least one", "offence format", "snsv offence unknown", "violent range",
                   "start before conviction", "conviction before birth", "conviction under ten",
                   "start under ten", "first sanction after conviction")),
        dynamic_checks=needed(
            "weapon", "accommodation_suitability", "unemployed", "partner_relationship", "alcohol_current",
            "alcohol_binge", "impulsivity", "temper_control", "pro_criminal_attitudes", "domestic_abuse",
            *PAST, rules=("abuse of partner missing",)),
        bands=(), event=_EVENT, legacy=True, **_ABOUT,
    ),
}  # fmt: skip
INSTRUMENTS["rsr"] = Instrument(
    key="rsr", name="Risk of Serious Recidivism", files=(FILE, sexual.FILE, "offence_weights.csv"), compute=rsr,
    checks=tuple(dict.fromkeys((
        *INSTRUMENTS["snsv"].checks, *sexual.LEGACY["osp_dc"].checks, *sexual.LEGACY["osp_iic"].checks))),
    dynamic_checks=INSTRUMENTS["snsv"].dynamic_checks, bands=("low", "medium", "high"),
    edges=tuple(load(sexual.FILE)["combined"]["bands_rsr"].values()),
    event="have a new proven serious offence, violent or sexual,", legacy=True, **_ABOUT,
)  # fmt: skip
