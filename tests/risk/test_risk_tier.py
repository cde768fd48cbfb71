"""The tier: every published cell, step and provisional case (hmpps-tier, TierCalculatorTest)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from milepost.risk.tier import TierInputs, tier
from milepost.risk.tier_legacy import change, protect, severity
from milepost.risk.workload import available_points, capacity_percentage, case_points

TODAY = dt.date(2026, 8, 17)
ARP = (90, 75, 50, 25, 15, 14.99)
CELLS = {6.9: "AABBBB", 3.0: "ABCCCC", 1.0: "BCDEEE", 0.5: "CDEEFF", 0.49: "DDEFFG"}


def found(**inputs: Any) -> tuple[str, bool]:
    given: dict[str, Any] = {
        "arp_percentage": 0.0, "csrp_percentage": 0.0, "arp_basis": "dynamic", "csrp_basis": "dynamic",
    }  # fmt: skip
    answer = tier(TierInputs(**{**given, **inputs}), TODAY)
    return answer.tier, answer.provisional


@pytest.mark.parametrize(
    ("csrp", "arp", "expected"),
    [(csrp, arp, cell) for csrp, row in CELLS.items() for arp, cell in zip(ARP, row, strict=True)],
)
def test_every_cell_of_the_table(csrp: float, arp: float, expected: str) -> None:
    assert found(arp_percentage=arp, csrp_percentage=csrp)[0] == expected


@pytest.mark.parametrize(
    ("score", "band", "expected"),
    [
        (5.31, "very_high", "A"), (2.11, "high", "B"), (3.36, "medium", "C"), (3.35, "medium", "D"),
        (2.11, "medium", "D"), (2.10, "medium", "C"), (1.12, "medium", "C"), (1.11, "medium", "D"),
        (0.60, "medium", "D"), (0.5, "low", "E"), (0.0, "low", "G"), (0.0, "not_applicable", "G"),
    ],
)  # fmt: skip
def test_sexual_reoffending(score: float, band: str, expected: str) -> None:
    assert found(dc_srp_percentage=score, dc_srp_band=band)[0] == expected


def test_a_medium_score_below_all_edges_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.59% cannot be medium"):
        found(dc_srp_percentage=0.59, dc_srp_band="medium")


@pytest.mark.parametrize(
    ("mappa", "harm", "expected"),
    [
        (True, "very_high", "A"), (True, "high", "C"), (True, "medium", "D"), (True, "low", "E"),
        (True, None, "E"), (False, "very_high", "C"), (False, "high", "D"), (False, "medium", "G"),
        (False, "low", "G"), (False, None, "G"),
    ],
)  # fmt: skip
def test_mappa_and_serious_harm(mappa: bool, harm: str | None, expected: str) -> None:
    assert found(mappa=mappa, serious_harm=harm)[0] == expected


@pytest.mark.parametrize(
    ("released", "expected"),
    [
        (TODAY, "B"), (dt.date(2025, 8, 17), "B"), (dt.date(2025, 8, 16), "D"), (dt.date(2021, 8, 17), "D"),
        (dt.date(2021, 8, 16), "E"), (None, "G"),
    ],
)  # fmt: skip
def test_lifer(released: dt.date | None, expected: str) -> None:
    assert found(lifer=True, latest_release_date=released)[0] == expected
    assert found(lifer=False, latest_release_date=released)[0] == "G"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"domestic_abuse": True}, "E"), ({"stalking": True}, "F"), ({"child_protection": True}, "F"),
        ({"ever_sexual_offence": True}, "E"), ({"stalking": True, "domestic_abuse": True}, "E"), ({}, "G"),
    ],
)  # fmt: skip
def test_flags(flags: dict[str, bool], expected: str) -> None:
    assert found(**flags)[0] == expected


STATIC = {"arp_basis": "static", "csrp_basis": "static"}


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"arp_percentage": 90, "csrp_percentage": 6.9, "serious_harm": "high", **STATIC}, ("A", True)),
        ({"arp_percentage": 90, "csrp_percentage": 6.9, "serious_harm": "high", **STATIC,
          "dc_srp_percentage": 0.01, "dc_srp_band": "very_high"}, ("A", False)),
        ({"arp_percentage": 90, "csrp_percentage": 6.9, "serious_harm": "very_high", "mappa": True, **STATIC},
         ("A", False)),
        ({"csrp_percentage": 0.5, "arp_basis": "static", "serious_harm": "medium"}, ("F", True)),
        ({"csrp_percentage": 0.5, "arp_basis": "static", "serious_harm": "high", "mappa": True}, ("C", False)),
        ({"arp_percentage": 25, "csrp_basis": "static", "serious_harm": "medium"}, ("F", True)),
        ({"arp_percentage": 25, "csrp_basis": "static", "serious_harm": "medium",
          "dc_srp_percentage": 2.11, "dc_srp_band": "high"}, ("B", False)),
        ({"arp_percentage": 50, "csrp_percentage": 6.9, "mappa": True}, ("B", True)),
        ({"arp_percentage": 90, "csrp_percentage": 6.9, "mappa": True}, ("A", False)),
        ({"mappa": True, "dc_srp_percentage": 0.01, "dc_srp_band": "very_high"}, ("A", False)),
        ({"arp_percentage": 90, "csrp_percentage": 0.5, "mappa": True, "lifer": True,
          "latest_release_date": TODAY, "dc_srp_percentage": 1.12, "dc_srp_band": "medium"}, ("B", True)),
        ({"arp_percentage": 75}, ("D", True)),
        ({"arp_percentage": 90, "csrp_percentage": 0.5}, ("C", False)),
        ({"arp_percentage": 50, "csrp_percentage": 6.9}, ("B", False)),
        ({"dc_srp_percentage": 1.12, "dc_srp_band": "medium"}, ("C", False)),
        ({"dc_srp_percentage": 0.60, "dc_srp_band": "medium"}, ("D", True)),
        ({"lifer": True, "latest_release_date": TODAY}, ("B", False)),
        ({"ever_sexual_offence": True}, ("E", True)),
        ({"ever_sexual_offence": True, "serious_harm": "medium"}, ("E", False)),
    ],
)  # fmt: skip
def test_provisional(inputs: dict[str, Any], expected: tuple[str, bool]) -> None:
    assert found(**inputs) == expected


def test_without_a_score_or_a_sentence_there_is_no_tier() -> None:
    assert found(arp_percentage=None) == ("MISSING", False)
    assert found(csrp_percentage=None) == ("MISSING", False)
    assert found(supervised=False) == ("NOT_SUPERVISED", False)


def test_the_step_that_set_it_is_named() -> None:
    answer = tier(
        TierInputs(arp_percentage=60, csrp_percentage=0.3, domestic_abuse=True, serious_harm="low",
                   arp_basis="dynamic", csrp_basis="dynamic"), TODAY,
    )  # fmt: skip
    assert answer.tier == "E"
    assert answer.set_by == ("ARP and CSRP together", "Domestic abuse is registered")
    assert {step.name: step.tier for step in answer.steps}["stalking"] is None
    assert answer.why_provisional == ()


@pytest.mark.parametrize(
    ("inputs", "level", "points"),
    [
        ({"rsr": 7.0}, "B", 20), ({"rsr": 99.99}, "B", 20), ({"rsr": 6.995}, "D", 0), ({"rsr": 6.99}, "C", 10),
        ({"rsr": 3.0}, "C", 10), ({"rsr": 2.99}, "D", 0), ({"rsr": 999.99}, "D", 0),
        ({"rsr": 7.0, "serious_harm": "high"}, "B", 20), ({"serious_harm": "very_high"}, "A", 150),
        ({"rsr": 7.0, "serious_harm": "very_high"}, "A", 150), ({"serious_harm": "medium"}, "C", 10),
        ({"mappa_level": 2}, "A", 150), ({"mappa_level": 1}, "D", 5),
        ({"complexity_codes": ["RMDO", "rmdo", "STRG", "XXXX"]}, "D", 4),
        ({"female": True, "parenting_responsibilities": True, "impulsivity": 2, "temper_control": 1,
          "breach_or_recall": True}, "D", 6),
        ({"female": False, "parenting_responsibilities": True}, "D", 0),
    ],
)  # fmt: skip
def test_protect(inputs: dict[str, Any], level: str, points: int) -> None:
    answer = protect(**inputs)
    assert (answer.level, answer.points) == (level, points)


def test_change() -> None:
    severe = dict.fromkeys(("thinking_and_behaviour", "attitudes", "drug_misuse"), 2)
    assert change(severities=severe, ogrs_percentage=99).level == "2"
    assert change(severities=severe, ogrs_percentage=99).points == 19
    more = change(severities=severe, ogrs_percentage=99, integrated_offender_management=True)
    assert (more.level, more.points) == ("3", 21)
    assert change(severities={"finance": 2}).level == "1"
    assert change(severities={}, mandate=False).level == "0"
    assert change(severities={}, assessment=False).level == "2"


def test_severity_of_needs() -> None:
    assert severity("accommodation", 5) == 1
    assert severity("accommodation", 5, san=True) == 2
    assert severity("education_training_employability", 3, san=True) == 1
    assert severity("attitudes", None) is None


def test_workload() -> None:
    assert (available_points(37, 1.8), available_points(30, 1.8)) == (2070, 1658)
    assert case_points("B2", "licence") == 132
    assert case_points("B2", "licence", transition_to_adulthood=True) == 48
    assert capacity_percentage(2070, 2000) == Decimal("103.500")
    with pytest.raises(ValueError, match="none yet"):
        case_points("E", "community")
