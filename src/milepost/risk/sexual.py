"""The sexual predictors DC-SRP and IIC-SRP, and the combined serious predictor CSRP.

Source: ``data/sexual.toml``. Where published versions differ, ``options.Options`` chooses.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from milepost.language import to_say
from milepost.risk import ogrs4
from milepost.risk.checks import (
    SEXUAL_COUNTS,
    last_sexual_offence_age,
    missing_for_men_with_history,
    needed,
)
from milepost.risk.data_files import load
from milepost.risk.options import Options
from milepost.risk.points import by_count, by_edges, explain, label, total
from milepost.risk.rows import Array, Rows
from milepost.risk.scored import NO_BAND, Instrument, Scored, Term, cut, half_up, sigmoid

FILE = "sexual.toml"
BANDS = ("low", "medium", "high", "very_high", "not_applicable")
NOT_APPLICABLE = BANDS.index("not_applicable")
CUSTODY = 1


def direct_contact_points(rows: Rows) -> dict[str, tuple[str | None, Array]]:
    """The seven parts of the 64 points."""
    table = load(FILE)["direct_contact"]
    age = table["age_at_start"]
    steps = np.maximum(0.0, np.floor((rows.age_start - age["from_age"]) / age["years_per_point_less"]))
    of_age = np.where(rows.age_start >= age["none_from_age"], 0.0, age["points_up_to_18"] - steps)
    last = by_edges(
        last_sexual_offence_age(rows),
        table["age_at_last_sexual_sanction"]["edges"],
        table["age_at_last_sexual_sanction"]["points"],
    )
    return {
        label("contact_adult_sanctions"): (
            "contact_adult_sanctions", by_count(rows["contact_adult_sanctions"], table["contact_adult"])),
        label("contact_child_sanctions"): (
            "contact_child_sanctions", by_count(rows["contact_child_sanctions"], table["contact_child"])),
        label("non_contact_sanctions"): (
            "non_contact_sanctions", by_count(rows["non_contact_sanctions"], table["non_contact"])),
        to_say("Age at the start of the time at risk"): (None, of_age),
        to_say("Age at the most recent sexual sanction"): ("last_sexual_offence_date", np.nan_to_num(last, nan=0.0)),
        label("sanctions"): ("sanctions", by_count(rows["sanctions"], table["sanctions"])),
        label("stranger_victim"): (
            "stranger_victim", np.where(rows["stranger_victim"] == 1, float(table["stranger_victim"]), 0.0)),
    }  # fmt: skip


def risk_reduced(rows: Rows, band: Array) -> Array:
    """True where the band falls a level: at large, and five clean years on every clock that is known."""
    months = 12 * load(FILE)["direct_contact"]["reduction"]["clean_years"]
    assessed = rows.month_and_day("assessment_date")

    def too_recent(since: tuple[Array, Array]) -> Array:
        return assessed[0] - since[0] - (assessed[1] < since[1]) < months

    recent = too_recent(rows.start)
    for name in ("last_offence_date", "last_sexual_offence_date"):
        recent |= too_recent(rows.month_and_day(name))
    return (rows["sex"] == 0) & (rows["supervision"] != CUSTODY) & (band > 0) & ~recent


def direct_contact(instrument: Instrument | None, rows: Rows, options: Options) -> Scored:
    """DC-SRP and OSP/DC: the same points and the same curve."""
    found = instrument or INSTRUMENTS["dc_srp"]
    return rows.keep(f"scored {found.key}", lambda: _direct_contact(found, rows))


def _direct_contact(instrument: Instrument, rows: Rows) -> Scored:
    table = load(FILE)["direct_contact"]
    blocked = instrument.blocked(rows)
    concerned = ~((rows["sex"] == 1) | (rows["ever_sexual_offence"] == 0))
    parts = direct_contact_points(rows)
    scored = concerned & ~blocked
    points = np.where(scored, total(parts), np.nan)
    probability = np.where(points == 0, 0.0, sigmoid(table["intercept"] + table["per_point"] * points))
    full = cut(points, tuple(table["bands"].values()))
    reduced = scored & (points > 0) & risk_reduced(rows, full)
    band = np.where(reduced, full - 1, full)
    band = np.where(concerned, band, NOT_APPLICABLE)
    probability = np.where(concerned, probability, 0.0)
    none = np.where(blocked, np.nan, 1.0)
    return Scored(
        percentage=ogrs4.published_percentage(probability) * none,
        band=np.where(blocked, NO_BAND, band),
        probability=probability * none,
        points=points,
        extra={"risk_reduced": reduced},
        terms=lambda row: explain(parts)(row) if scored[row] else [],
        unit=to_say("points"),
    )


def images_probability(rows: Rows, version: str) -> Array:
    """The hierarchy of image and child-contact sanctions; the first that matches. For men with a history."""
    table = load(FILE)["images"]
    images, child = rows["image_sanctions"], rows["contact_child_sanctions"]
    adult, other = rows["contact_adult_sanctions"], rows["non_contact_sanctions"]
    if version == "api_2026_08":  # both kinds are asked for, so one adult contact alone scores 0
        rest = np.where((adult != 0) & (other != 0), table["others"], 0.0)
    elif version == "legacy":
        none = adult + other + images + child == 0
        rest = np.where(none, table["legacy_no_sanctions"], table["others"])
    else:
        rest = np.where((adult > 0) | (other > 0), table["others"], 0.0)
    conditions = [images >= 2, images == 1, child >= 2, child == 1]
    names = ("two_or_more_images", "one_image", "two_or_more_child_contact", "one_child_contact")
    return np.select(conditions, [table[name] for name in names], rest)


def images(legacy: bool, rows: Rows, options: Options) -> Scored:
    """IIC-SRP, or with ``legacy`` OSP/IIC, which is not applicable to women rather than low."""
    return rows.keep(f"scored images {legacy}", lambda: _images(legacy, rows, options))


def _images(legacy: bool, rows: Rows, options: Options) -> Scored:
    instrument = LEGACY["osp_iic"] if legacy else INSTRUMENTS["iic_srp"]
    table = load(FILE)["images"]
    blocked = instrument.blocked(rows)
    woman = rows["sex"] == 1
    outside = (rows["ever_sexual_offence"] == 0) if not legacy else (rows["ever_sexual_offence"] == 0) | woman
    probability = images_probability(rows, "legacy" if legacy else options.iic_version)
    probability = np.where(outside | woman, 0.0, probability)
    band = np.select(
        [probability == table["two_or_more_images"], probability == table["one_image"]],
        [BANDS.index(table["bands"]["two_or_more_images"]), BANDS.index(table["bands"]["one_image"])],
        BANDS.index(table["bands"]["other"]),
    )
    none = np.where(blocked, np.nan, 1.0)

    def terms(row: int) -> list[Term]:
        if blocked[row] or outside[row] or woman[row]:
            return []
        text = to_say("First step of the ladder that fits: images, then child contact, then other")
        return [Term("ladder", text, float(probability[row]), "image_sanctions")]

    return Scored(
        percentage=half_up(probability * 100.0, 2) * none,
        band=np.where(blocked, NO_BAND, np.where(outside, NOT_APPLICABLE, band)),
        probability=probability * none,
        terms=terms,
        unit=to_say("probability"),
    )


def combine(
    names: tuple[str, str, str], violent: Scored, contact: Scored, image: Scored, women: float,
    edges: tuple[float, ...], blocked: Array, rows: Rows,
) -> Scored:  # fmt: skip
    """The sum of percentages already rounded to two decimals, capped: CSRP and RSR."""
    added = np.where((rows["sex"] == 1) & (rows["ever_sexual_offence"] == 1), women * 100.0, 0.0)
    parts = {
        names[0]: violent.percentage,
        names[1]: contact.percentage,
        names[2]: image.percentage,
        to_say("A woman with a sexual offence"): half_up(added, 2),
    }
    summed = half_up(np.sum(list(parts.values()), axis=0), 2)
    percentage = np.minimum(summed, load(FILE)["combined"]["percentage_max"])
    percentage = np.where(blocked, np.nan, percentage)
    return Scored(
        percentage=percentage,
        band=cut(percentage, edges),
        probability=percentage / 100.0,
        dynamic=violent.dynamic,
        terms=lambda row: [Term(name, name, float(values[row])) for name, values in parts.items()],
        unit=to_say("percentage points"),
        edges=edges,
    )


def combined(rows: Rows, options: Options) -> Scored:
    """CSRP = SVRP + DC-SRP + IIC-SRP + a constant for women with a sexual offence."""
    table = load(FILE)["combined"]
    violent = ogrs4.compute("svrp", rows, options)
    contact, image = direct_contact(None, rows, options), images(False, rows, options)
    blocked = INSTRUMENTS["csrp"].blocked(rows)
    for part in ("dc_srp", "iic_srp"):
        blocked = blocked | INSTRUMENTS[part].blocked(rows)
    edges = tuple(table[f"bands_{options.combined_bands}"].values())
    names = ("SVRP", "DC-SRP", "IIC-SRP")
    return combine(names, violent, contact, image, table["female_with_sexual_offence"], edges, blocked, rows)


_ABOUT = {name: load(FILE)[name] for name in ("version", "source", "commit")}
_OLD = {name: load(FILE)["legacy"][name] for name in ("version", "source", "commit")}
_DIRECT = needed(
    "sex", "supervision", "ever_sexual_offence", "date_of_birth", "community_date", "sanctions",
    "assessment_date",
    rules=("sexual sanctions range", "sexual none", "sexual more than all", "sexual offence before birth",
           "sexual start before birth", "sexual start age", "sexual unexpected"),
)  # fmt: skip
_IMAGES = needed(
    "sex", "ever_sexual_offence", rules=("sexual none", "sexual more than all", "sexual unexpected")
)
_POINT_EDGES = tuple(load(FILE)["direct_contact"]["bands"].values())
_COUNTS = missing_for_men_with_history(*SEXUAL_COUNTS)
_LAST = missing_for_men_with_history("last_sexual_offence_date")
_CONTACT = "have a new proven contact sexual offence"
_IMAGE_EVENT = "have a new proven offence of indecent images or indirect contact"
_SERIOUS = "have a new proven serious offence, violent or sexual,"

INSTRUMENTS = {
    "dc_srp": Instrument(
        key="dc_srp", name="Direct Contact Sexual Reoffending Predictor", files=(FILE,),
        compute=partial(direct_contact, None), checks=(*_DIRECT, *_COUNTS, *_LAST), bands=BANDS,
        event=_CONTACT, point_edges=_POINT_EDGES, fixed_basis="static", **_ABOUT,
    ),
    "iic_srp": Instrument(
        key="iic_srp", name="Images and Indirect Contact Sexual Reoffending Predictor", files=(FILE,),
        compute=partial(images, False), checks=(*_IMAGES, *_COUNTS), bands=BANDS, event=_IMAGE_EVENT,
        fixed_basis="static", **_ABOUT,
    ),
}  # fmt: skip
INSTRUMENTS["csrp"] = Instrument(
    key="csrp", name="Combined Serious Reoffending Predictor",
    files=(FILE, *ogrs4.INSTRUMENTS["svrp"].files), compute=combined,
    checks=tuple(dict.fromkeys((
        *ogrs4.INSTRUMENTS["svrp"].checks, *INSTRUMENTS["dc_srp"].checks, *INSTRUMENTS["iic_srp"].checks,
    ))),
    dynamic_checks=ogrs4.INSTRUMENTS["svrp"].dynamic_checks,
    edges=tuple(load(FILE)["combined"]["bands_csrp"].values()), event=_SERIOUS, **_ABOUT,
)  # fmt: skip

_OLD_RULES = ("sexual none", "legacy sexual unexpected", "last sexual offence under ten")
LEGACY: dict[str, Instrument] = {
    "osp_dc": Instrument(
        key="osp_dc", name="OASys Sexual Reoffending Predictor, direct contact", files=(FILE,),
        checks=(*needed("sex", "ever_sexual_offence", "date_of_birth", "community_date", "sanctions",
                        "supervision", "assessment_date",
                        rules=(*_OLD_RULES, "sexual start before birth", "sexual sanctions range")),
                *_COUNTS, *missing_for_men_with_history("sexually_motivated")),
        compute=lambda rows, options: direct_contact(LEGACY["osp_dc"], rows, options), bands=BANDS,
        event=_CONTACT, point_edges=_POINT_EDGES, fixed_basis="static", legacy=True, **_OLD,
    ),
    "osp_iic": Instrument(
        key="osp_iic", name="OASys Sexual Reoffending Predictor, images and indirect contact", files=(FILE,),
        checks=(*needed("sex", "ever_sexual_offence", rules=_OLD_RULES[:2]), *_COUNTS,
                *missing_for_men_with_history("sexually_motivated")),
        compute=partial(images, True), bands=BANDS, event=_IMAGE_EVENT,
        fixed_basis="static", legacy=True, **_OLD,
    ),
}  # fmt: skip
