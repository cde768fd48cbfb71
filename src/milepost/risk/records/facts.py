"""What code and data know of one algorithm. Every record is written from this, so it cannot say anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

SubjectKind = Literal["instrument", "tier", "predictor", "rule_table", "rank"]


@dataclass(frozen=True, slots=True)
class InputFact:
    """One thing that the algorithm reads. ``missing`` says what happens where it is not known."""

    name: str
    label: str
    kind: str = ""
    item: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of one subject. What is not known is empty or None, and becomes a gap in the record.

    ``data_hash`` changes with any number that the algorithm uses. ``fairness`` is the report of
    `milepost risk fairness` as a dict. ``datasets``: lines about the data it was fitted on.
    """

    key: str
    kind: SubjectKind
    name: str
    version: str
    task: str
    description: str
    source: str
    commit: str = ""
    licence: str = ""
    owner: str = ""
    data_hash: str = ""
    files: tuple[tuple[str, str], ...] = ()
    """Name of each data file and its SHA-256."""
    inputs: tuple[InputFact, ...] = ()
    outputs: tuple[str, ...] = ()
    architecture: tuple[str, ...] = ()
    numbers: int | None = None
    """How many coefficients, points and thresholds the model has."""
    limits: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    """Keys of other subjects that it is made of."""
    datasets: tuple[str, ...] = ()
    performance: tuple[str, ...] = ()
    fairness: Mapping[str, object] | None = None
    state: str = ""
    history: tuple[str, ...] = ()
    third_party: str = ""
    illustrative: bool = False
    synthetic: bool = False
    more: tuple[tuple[str, str], ...] = ()
    """Other attributes of the record that the subject itself can fill."""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)
