"""Synthetic people of the risk tests. The published vectors are read where the shared data folder is."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.fields import Assessment

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("MILEPOST_SHARED_DATA") or ROOT.parent / "shared" / "data") / "risk"
VECTORS = SHARED / "ogrs4_test_vectors.json"
TEST_CASES = SHARED / "dsTestCases.csv"
PARTNERS = {1: "living_together", 2: "not_living_together", 3: "none"}


def day(text: str) -> dt.date:
    """Day, month, year."""
    found = [int(part) for part in text.split("-")]
    return dt.date(found[2], found[1], found[0])


def vectors() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    return found


def person(vector: dict[str, Any]) -> Assessment:
    """The answers of a published vector."""
    names = load("input_names.toml")["columns"]
    answers = {names[f"q{key}"]: value for key, value in vector["answers"].items()}
    answers["unemployed"] = answers.pop("unemployed_points") == 2
    answers["partner_status"] = PARTNERS[answers["partner_status"]]
    for name in ("weapon", "domestic_abuse"):
        answers[name] = bool(answers[name])
    drugs = {names[key]: value == "Y" for key, value in vector["drugs"].items() if key in names}
    past = {names[key]: bool(value) for key, value in vector["previous"].items()}
    return Assessment(
        person_id=str(vector["id"]),
        assessment_date=dt.date.fromisoformat(vector["assessment_date"]),
        date_of_birth=day(vector["dob"]),
        sex={"M": "male", "F": "female"}[vector["gender"]],
        offence_code=vector["offence_code"],
        sanctions=vector["total_sanctions"],
        violent_sanctions=vector["violent_sanctions"],
        age_at_first_sanction=vector["age_at_first_sanction"],
        conviction_date=day(vector["last_sanction_date"]),
        community_date=day(vector["community_date"]),
        **answers,
        **drugs,
        **past,
    )


def answered(**changes: Any) -> Assessment:
    """A synthetic man with every answer of the 2026 predictors given, and no problem in any of them."""
    answers: dict[str, Any] = {
        "person_id": "synthetic",
        "assessment_date": dt.date(2026, 6, 1),
        "sex": "male",
        "date_of_birth": dt.date(1990, 2, 28),
        "conviction_date": dt.date(2024, 1, 31),
        "community_date": dt.date(2025, 1, 31),
        "age_at_first_sanction": 19,
        "sanctions": 6,
        "violent_sanctions": 2,
        "offence_code": "12511",
        "partner_status": "none",
        "unemployed": False,
        "domestic_abuse": False,
        "weapon": False,
        "ever_sexual_offence": False,
        "supervision": "community",
    }
    for name in (
        "accommodation_suitability", "partner_relationship", "activities_encourage_offending",
        "drug_motivation", "alcohol_current", "alcohol_binge", "impulsivity", "temper_control",
        "pro_criminal_attitudes",
    ):  # fmt: skip
        answers[name] = 0
    for name in Assessment.__dataclass_fields__:
        if name.startswith(("drug_", "past_")) and name not in ("drug_motivation", "drug_misuse_current"):
            answers[name] = False
    return Assessment(**{**answers, **changes})
