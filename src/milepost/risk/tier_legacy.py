"""The tier before 2026: Protect (A to D) from risk, Change (0 to 3) from needs. Source: ``data/tier.toml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from milepost.risk.data_files import load

FILE = "tier.toml"


@dataclass(frozen=True, slots=True)
class Level:
    """A level, the points behind it, and what each part gave. ``reason`` says why where points do not."""

    level: str
    points: int
    parts: Mapping[str, int]
    reason: str = ""


def protect(
    *,
    rsr: float | None = None,
    serious_harm: str | None = None,
    mappa_level: int | None = None,
    complexity_codes: Iterable[str] = (),
    female: bool = False,
    parenting_responsibilities: bool = False,
    impulsivity: int | None = None,
    temper_control: int | None = None,
    breach_or_recall: bool = False,
) -> Level:
    """Protect level. The larger of RSR and serious harm counts, not both.

    ``complexity_codes`` are register codes; each counts once, unknown ones not at all. Raises ``ValueError``
    for a serious harm or a MAPPA level that does not exist.
    """
    t = load(FILE)["protect"]
    if serious_harm is not None and serious_harm not in t["serious_harm"]:
        known = ", ".join(t["serious_harm"])
        raise ValueError(f"The risk of serious harm is one of {known}, not {serious_harm!r}.")
    if not 0 <= (mappa_level or 0) < len(t["mappa"]):
        raise ValueError(f"The MAPPA level is 1, 2 or 3, not {mappa_level}.")
    of_rsr = next(
        (row["points"] for row in t["rsr"] if rsr is not None and row["from"] <= rsr <= row["until"]), 0
    )
    of_harm = t["serious_harm"][serious_harm] if serious_harm else 0
    known_codes = {code.upper() for code in complexity_codes} & set(t["complexity_codes"])
    women = 0
    if female:
        self_control = (impulsivity or 0) > 0 or (temper_control or 0) > 0
        women = t["women"] * (int(parenting_responsibilities) + int(self_control) + int(breach_or_recall))
    parts = {
        "RSR": of_rsr,
        "Risk of serious harm": of_harm,
        "MAPPA": t["mappa"][mappa_level or 0],
        "Complexity": t["complexity"] * len(known_codes),
        "Additional factors for women": women,
    }
    total = sum(parts.values()) - min(of_rsr, of_harm)
    level = next((name for name, edge in t["levels"].items() if total >= edge), "D")
    return Level(level, total, parts)


def severity(need: str, score: int | None, *, san: bool = False) -> int | None:
    """0 no need, 1 standard, 2 severe, None not known. ``san``: scored by a strengths and needs assessment.

    Raises ``KeyError`` for a need that has no thresholds.
    """
    if score is None:
        return None
    t = load(FILE)["needs"][need]
    standard = t.get("san_standard", t["standard"]) if san else t["standard"]
    severe = t.get("san_severe", t["severe"]) if san else t["severe"]
    return 2 if score >= severe else int(score >= standard)


def change(
    *,
    severities: Mapping[str, int | None],
    ogrs_percentage: int = 0,
    integrated_offender_management: bool = False,
    mandate: bool = True,
    assessment: bool = True,
) -> Level:
    """Change level. ``severities`` by need, from :func:`severity`; a need that is not listed has no weight.

    Without a mandate (no custody, no requirement that is not restrictive) it is 0; without an assessment of
    the last 55 weeks it is 2.
    """
    t = load(FILE)
    if not mandate:
        return Level(str(t["change"]["no_mandate"]), 0, {}, "No mandate for change.")
    if not assessment:
        return Level(str(t["change"]["no_assessment"]), 0, {}, "No valid assessment.")
    needs = sum(
        t["needs"][need]["weight"] * (held or 0) for need, held in severities.items() if need in t["needs"]
    )
    parts = {
        "Needs": needs,
        "OGRS": ogrs_percentage // t["change"]["ogrs_per_point"],
        "Integrated offender management":
            t["change"]["integrated_offender_management"] * int(integrated_offender_management),
    }  # fmt: skip
    total = sum(parts.values())
    level = next((name for name, edge in t["change"]["levels"].items() if total >= edge), "1")
    return Level(level, total, parts)
