"""What a row's times show: placeholders, week rollover, the future, and backlog."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

from milepost.tracks.formats.rows import Rows, is_null, set_flag
from milepost.tracks.limits import QualityLimits
from milepost.tracks.record import Quality

DAY_US = 86_400_000_000


def settle_clock(rows: Rows, quality: np.ndarray, limits: QualityLimits, now_us: int | None) -> None:
    """Rejects placeholder times, corrects week rollover, and sets FUTURE, STALE and WEEK_ROLLOVER."""
    recorded_said = ~is_null(rows.frame["recorded_us"])
    recorded = rows.frame["recorded_us"].fill_null(0).to_numpy()
    received_said = np.zeros(len(recorded), dtype=bool)
    received = recorded
    if rows.has("received_us"):
        received_said = ~is_null(rows.frame["received_us"])
        received = rows.frame["received_us"].fill_null(0).to_numpy()
    placeholder = received_said & np.isin(received // DAY_US, limits.placeholder_days)
    if placeholder.any():
        rows.warn(
            placeholder,
            "received_at_utc",
            "This is a placeholder date, not a time; taken as not said",
            "Leave the field empty where the time is not known.",
            shown(rows, "received"),
        )
        received_said &= ~placeholder
        rows.put(
            pl.select(pl.when(pl.Series(received_said)).then(rows.frame["received_us"]))
            .to_series()
            .alias("received_us")
        )
    in_scope = recorded_said & ~rows.rejected
    # Only the few times that could be meant are looked at: division of every row would cost a second.
    odd = in_scope & ((recorded < limits.earliest_plausible_us) | (recorded > latest_plausible_us(limits)))
    if odd.any():
        at = np.flatnonzero(odd)
        is_placeholder = np.zeros(len(recorded), dtype=bool)
        is_placeholder[at] = np.isin(recorded[at] // DAY_US, limits.placeholder_days)
        rows.reject(
            is_placeholder,
            "recorded_at_utc",
            "This is a placeholder date, not a time",
            "Give the time the device recorded; without one the row proves nothing.",
            shown(rows, "recorded"),
        )
    recorded = _rollover(rows, recorded, received, received_said, quality, limits)
    ahead = received_said & (recorded - received > limits.future_tolerance_s * 1e6)
    if now_us is not None:
        ahead |= recorded > now_us + limits.future_tolerance_s * 1e6
    set_flag(quality, ahead & recorded_said, Quality.FUTURE)
    set_flag(
        quality,
        received_said & (received - recorded > limits.stale_after_s * 1e6) & recorded_said,
        Quality.STALE,
    )


def shown(rows: Rows, name: str) -> str:
    """The column that shows the time as the file wrote it."""
    written = [c for c in rows.frame.columns if c.startswith(f"{name}_at_")]
    return written[0] if len(written) == 1 else f"{name}_us"


def latest_plausible_us(limits: QualityLimits) -> int:
    late = [day for day in limits.placeholder_days if day * DAY_US > limits.earliest_plausible_us]
    return min(late, default=10**9) * DAY_US - 1


def _rollover(
    rows: Rows,
    recorded: np.ndarray,
    received: np.ndarray,
    received_said: np.ndarray,
    quality: np.ndarray,
    limits: QualityLimits,
) -> np.ndarray:
    agreement_us = limits.rollover_agreement_s * 1e6
    said = ~is_null(rows.frame["recorded_us"]) & ~rows.rejected
    early = recorded < limits.earliest_plausible_us
    behind = received_said & (received - recorded > limits.rollover_us - agreement_us)
    suspect = said & (behind | (early & ~received_said))
    if not suspect.any():
        return recorded
    sound = said & ~early & ~suspect
    low, high = (recorded[sound].min(), recorded[sound].max()) if sound.any() else (1, 0)
    shift = np.zeros(len(recorded), dtype=np.int64)
    for times in (1, 2):
        moved = recorded + times * limits.rollover_us
        by_received = received_said & (np.abs(received - moved) <= agreement_us)
        by_others = (
            ~received_said & (low <= high) & (moved >= low - agreement_us) & (moved <= high + agreement_us)
        )
        shift = np.where(
            suspect & (shift == 0) & (by_received | by_others), times * limits.rollover_us, shift
        )
    corrected = shift > 0
    if corrected.any():
        set_flag(quality, corrected, Quality.WEEK_ROLLOVER)
        raw = pl.Series(
            [_iso(int(us)) if hit else None for us, hit in zip(recorded, corrected, strict=True)],
            dtype=pl.String,
        )
        rows.put(raw.alias("raw_recorded_at"))
        recorded = recorded + shift
        rows.warn(
            corrected,
            "recorded_at_utc",
            f"The clock was {limits.rollover_weeks} weeks (or twice that) slow: week rollover; corrected",
            "Update the device's firmware. The raw time is shown here.",
            "raw_recorded_at",
        )
        rows.put(
            pl.select(pl.when(pl.Series(said)).then(pl.Series(recorded))).to_series().alias("recorded_us")
        )
    rows.warn(
        suspect & early & ~corrected,
        "recorded_at_utc",
        "The time is earlier than any tag reported; kept as it is",
        "Check the device's clock, and the unit of the column: seconds, milliseconds or microseconds.",
        shown(rows, "recorded"),
    )
    return recorded


def _iso(us: int) -> str:
    try:
        return datetime.fromtimestamp(us / 1e6, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(us)
