"""How far off positions really are, by source and device model: a dated table, learned from data.

The table stands as a TOML file in the folder of the rule tables. ``milepost compliance learn-errors`` makes
one; its owner answers for it. Where there is none, a device is taken at its word, as the rule table says.

The precision believed for a fix is max(``factor`` x stated, ``floor_m``) of the row that fits, or ``floor_m``
alone where nothing was stated; the rule table's own floor comes after it. The row that fits is of the table in
force on the UTC date of the fix (the latest ``effective_from`` not after it), of the fix's source, of the device's
model if the table has rows for that model, else of all models; and of the band of stated precision, because a
device can be right when it says 20 m and wrong when it says 8. A factor is never below 1.

What was learned at home holds near home. Farther than ``near_m`` from the wearer's curfew places no error was seen to
reach, so that such a position cannot be one of those errors: there only ``elsewhere_factor`` counts, which is how the
device does on the whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from milepost.compliance.columns import Columns
from milepost.compliance.homes import Homes, all_metres_from_home
from milepost.compliance.times import to_us
from milepost.orders.model import OrderFile
from milepost.policy_files import PolicyFile, Strict
from milepost.tracks.record import Source

SourceName = Literal["GPS", "UNKNOWN", "WIFI", "LBS", "RF"]
Witness = Literal["home_unit", "dwells"]


class ErrorRow(Strict):
    """One band of one source and model: what was measured, and what follows. Metres; radii of 50, 95, 99 %."""

    source: SourceName
    device_model: str | None = None
    """None: any device whose model has no rows of its own, or is not known."""
    none_stated: bool = False
    """The row of fixes that state no precision; it has no bounds and no factor."""
    stated_above_m: float = Field(default=0.0, ge=0)
    stated_up_to_m: float | None = Field(default=None, gt=0)
    factor: float = Field(default=1.0, ge=1)
    floor_m: float = Field(gt=0)
    near_m: float | None = Field(default=None, gt=0)
    """How far from the wearer's curfew places the row holds, metres; None: everywhere."""
    elsewhere_factor: float = Field(default=1.0, ge=1)
    """Beyond ``near_m``, in place of ``factor`` and ``floor_m``; where nothing was stated, nothing is believed there."""
    fixes: int = Field(gt=0)
    nights: int = Field(gt=0)
    devices: int = Field(gt=0)
    stated_50_m: float | None = None
    real_50_m: float = Field(ge=0)
    real_95_m: float = Field(ge=0)
    real_99_m: float = Field(ge=0)
    correlation_s: float | None = None
    """After how long two errors have little in common. Told, not used."""
    witness: Witness

    def holds(self, stated_m: float | None) -> bool:
        """Whether the row is for a fix that states this (None: nothing)."""
        if stated_m is None or self.none_stated:
            return self.none_stated and stated_m is None
        return stated_m > self.stated_above_m and (
            self.stated_up_to_m is None or stated_m <= self.stated_up_to_m
        )

    @property
    def times_off(self) -> float:
        """How many times as far off as it says the device has been, at the 95 % that it claims."""
        return self.real_95_m / self.stated_50_m if self.stated_50_m else 1.0


class LearnedErrors(PolicyFile):
    """A whole table. Its rows are for positions of its own effective date and later."""

    error: list[ErrorRow] = Field(min_length=1)

    @model_validator(mode="after")
    def _bands_follow_each_other(self) -> LearnedErrors:
        def key(row: ErrorRow) -> tuple[str, str, bool]:
            return row.source, row.device_model or "", row.none_stated

        for (source, model, none), group in groupby(sorted(self.error, key=key), key):
            rows = sorted(group, key=lambda r: r.stated_above_m)
            where = f"{source}, model {model or 'any'}"
            if none and len(rows) > 1:
                raise ValueError(f"{where}: there are {len(rows)} rows for positions that state no precision")
            if rows[0].stated_above_m or rows[-1].stated_up_to_m is not None:
                raise ValueError(f"{where}: the first band begins at 0 and the last has no stated_up_to_m")
            for one, following in pairwise(rows):
                if one.stated_up_to_m != following.stated_above_m:
                    raise ValueError(
                        f"{where}: the band above {following.stated_above_m:g} m does not begin "
                        f"where the one before it ends ({one.stated_up_to_m})"
                    )
        return self

    def rows_for(self, source: str, model: str | None, *, none_stated: bool) -> list[ErrorRow]:
        """Rows of the model, else of any model, by band."""
        of_source = [r for r in self.error if r.source == source and r.none_stated == none_stated]
        own = [r for r in of_source if model is not None and r.device_model == model]
        return sorted(own or [r for r in of_source if r.device_model is None], key=lambda r: r.stated_above_m)

    def row_for(self, source: str, model: str | None, stated_m: float | None) -> ErrorRow | None:
        rows = self.rows_for(source, model, none_stated=stated_m is None)
        return next((row for row in rows if row.holds(stated_m)), None)


def models_of(order_file: OrderFile) -> dict[str, str]:
    """The model of each device whose activations name one."""
    return {a.device_id: a.device_model for a in order_file.activations if a.device_model}


def in_force(tables: Iterable[LearnedErrors], on: dt.date) -> LearnedErrors | None:
    """The table for a position of that date, UTC."""
    begun = [t for t in tables if t.table.effective_from <= on]
    return max(begun, key=lambda t: (t.table.effective_from, t.table.version), default=None)


def believed_m(row: ErrorRow | None, stated_m: float | None, from_home_m: float = 0.0) -> float | None:
    """What takes the place of the stated precision, in metres; None: still unknown. Rounded to float32, as stored."""
    if row is None:
        return stated_m
    if row.near_m is not None and from_home_m > row.near_m:
        return None if stated_m is None else float(np.float32(row.elsewhere_factor * stated_m))
    return float(np.float32(max(row.factor * (stated_m or 0.0), row.floor_m)))


def with_learned_errors(
    columns: Columns, tables: Sequence[LearnedErrors], models: Mapping[str, str], homes: Homes
) -> Columns:
    """The same fixes, their precision as believed. Without a table the very same object."""
    if not tables or not len(columns):
        return columns
    begun = sorted(tables, key=lambda t: (t.table.effective_from, t.table.version))
    begins_us = [to_us(dt.datetime.combine(t.table.effective_from, dt.time(), dt.UTC)) for t in begun]
    table_of = np.searchsorted(begins_us, columns.t, side="right") - 1
    names = sorted(set(models.values()))
    number = {name: i for i, name in enumerate(names)}
    model_of_device = np.array([number.get(models.get(d, ""), -1) for d in columns.devices], np.int32)
    model_of = model_of_device[columns.device]
    stated = columns.precision_m.astype(np.float64)
    with np.errstate(invalid="ignore"):
        unknown = ~(stated > 0)
    believed = columns.precision_m.copy()
    by_place = any(row.near_m is not None for table in tables for row in table.error)
    from_home_m = all_metres_from_home(columns, homes) if by_place else np.zeros(len(columns))
    for k, table in enumerate(begun):
        in_table = table_of == k
        if not in_table.any():
            continue
        for source in np.unique(columns.source[in_table]).tolist():
            of_source = in_table & (columns.source == source)
            for m in np.unique(model_of[of_source]).tolist():
                mine = of_source & (model_of == m)
                for none in (False, True):
                    at = np.flatnonzero(mine & (unknown == none))
                    rows = table.rows_for(Source(source).name, names[m] if m >= 0 else None, none_stated=none)
                    if len(at) and rows:
                        told = np.where(unknown[at], np.nan, stated[at])
                        believed[at] = _believed(rows, told, from_home_m[at])
    return replace(columns, precision_m=believed)


def _believed(rows: list[ErrorRow], stated_m: np.ndarray, from_home_m: np.ndarray) -> np.ndarray:
    """``stated_m`` NaN where nothing was stated: then there is one row."""
    upper = [np.inf if r.stated_up_to_m is None else r.stated_up_to_m for r in rows]
    band = np.searchsorted(upper, np.nan_to_num(stated_m))
    factor, floor = np.array([r.factor for r in rows]), np.array([r.floor_m for r in rows])
    near = np.array([np.inf if r.near_m is None else r.near_m for r in rows])
    elsewhere = np.array([r.elsewhere_factor for r in rows])
    at_home = np.fmax(factor[band] * stated_m, floor[band])
    return np.where(from_home_m > near[band], elsewhere[band] * stated_m, at_home)
