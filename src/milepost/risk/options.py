"""Where published versions disagree, which one is used. The defaults are the stated versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Options:
    """See "Where published versions differ" in ``docs/reference/risk-instruments.md``.

    ``unemployed_points``: what "unemployed: yes" scores; 2 as stated, 1 as older calculators had it.
    ``iic_version``: ``stated`` scores one adult-contact sanction 0.281 %; ``api_2026_08`` scores it 0.
    ``combined_bands``: band names of the combined predictor: ``csrp`` (low, medium, high, very high) or
    ``rsr`` (low below 3 %, medium below 6.9 %, then high).
    """

    unemployed_points: Literal[1, 2] = 2
    iic_version: Literal["stated", "api_2026_08"] = "stated"
    combined_bands: Literal["csrp", "rsr"] = "csrp"


STATED = Options()
