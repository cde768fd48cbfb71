"""Completed years and whole months between dates, on arrays of days, as the published code counts them."""

from __future__ import annotations

from functools import cache

import numpy as np

Days = np.ndarray
"""Float64: days since 1970-01-01; NaN is no date."""

FIRST_DAY, LAST_DAY = -43_829, 65_743
"""1850 to 2149: dates that are looked up. Working them out one by one was a seventh of scoring a table."""


def split(days: Days) -> tuple[np.ndarray, np.ndarray]:
    """Months since year 0 and day of the month, float64, NaN where there is no date."""
    missing = np.isnan(days)
    given = np.where(missing, FIRST_DAY, days)
    if len(given) and not FIRST_DAY <= given.min() <= given.max() <= LAST_DAY:
        return _split(days)
    month, day = _table()
    at = (given - FIRST_DAY).astype(np.intp)
    at[missing] = -1
    return month.take(at), day.take(at)


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    """Of each day from the first to the last, and one more that is no date."""
    days = np.arange(FIRST_DAY, LAST_DAY + 2, dtype=np.float64)
    days[-1] = np.nan
    return _split(days)


def _split(days: Days) -> tuple[np.ndarray, np.ndarray]:
    missing = np.isnan(days)
    whole = np.where(missing, 0.0, days).astype("datetime64[D]")
    months = whole.astype("datetime64[M]")
    day = np.where(missing, np.nan, (whole - months).astype(np.int64) + 1.0)
    month = np.where(missing, np.nan, months.astype(np.int64) + (1970 * 12.0))
    return month, day


def whole_months(start: tuple[np.ndarray, np.ndarray], end: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Whole months from start to end; both as :func:`split` gives them. Negative counts are not meant for use.

    A month is complete when its day of the month is reached: 31 January to 28 February is 0 months.
    """
    result: np.ndarray = end[0] - start[0] - (end[1] < start[1])
    return result


def completed_years(start: tuple[np.ndarray, np.ndarray], end: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Birthdays reached. Someone born on 29 February has the birthday on 1 March in other years."""
    return np.floor(whole_months(start, end) / 12.0)


def add_months(date: tuple[np.ndarray, np.ndarray], months: int) -> np.ndarray:
    """Days since 1970 of the date some months later; a day that the month lacks becomes its last day."""
    missing = np.isnan(date[0])
    target = np.where(missing, 0.0, date[0] + months - 1970 * 12).astype(np.int64).astype("datetime64[M]")
    first = target.astype("datetime64[D]")
    last_day = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - first
    day = np.minimum(date[1], last_day.astype(np.int64))
    return np.where(missing, np.nan, first.astype(np.int64) + day - 1)
