"""Home Office offence codes: to the category of the 2026 predictors and the weights of the legacy ones."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from milepost.risk.data_files import DATA, load

CODES = 100_000
UNKNOWN = -1
FIVE_DIGITS = re.compile(r"[0-9]{5}")


@dataclass(frozen=True, slots=True)
class Offences:
    """Arrays over the number of a code, 0 to 99,999.

    ``category`` is an index into ``names`` or -1; weights are NaN where a code has none.
    """

    names: tuple[str, ...]
    category: np.ndarray
    violent_or_sexual: np.ndarray
    """1, 0, or NaN for a code that is not in the table."""
    weights: dict[str, np.ndarray]
    needs_exact_offence: np.ndarray

    def category_of(self, code: str) -> str | None:
        """The category of a five-digit code; None if the table does not have it or calls it unknown."""
        if not FIVE_DIGITS.fullmatch(code):
            return None
        index = int(self.category[int(code)])
        return None if index == UNKNOWN else self.names[index]


def _rows(name: str) -> list[dict[str, str]]:
    with Path(DATA, name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def offences() -> Offences:
    """The tables named in ``data/offences.toml``."""
    about = load("offences.toml")
    rows = _rows(about["offence_categories"]["file"])
    names = tuple(sorted({row["category"] for row in rows} - {"UNKNOWN"}))
    category = np.full(CODES, UNKNOWN, np.int64)
    sexual = np.full(CODES, np.nan)
    for row in rows:
        code = int(row["code"])
        if row["category"] != "UNKNOWN":
            category[code] = names.index(row["category"])
        sexual[code] = float(row["violent_or_sexual"])
    keys = ("ogrs3", "snsv_static", "snsv_dynamic", "snsv_vatp_static", "snsv_vatp_dynamic")
    weights = {key: np.full(CODES, np.nan) for key in keys}
    exact = np.zeros(CODES, bool)
    for row in _rows(about["offence_weights"]["file"]):
        code = int(row["code"])
        for key in keys:
            if row[key] == about["offence_weights"]["exact_offence_needed"]:
                exact[code] = True
            elif row[key]:
                weights[key][code] = float(row[key])
    return Offences(names, category, sexual, weights, exact)
