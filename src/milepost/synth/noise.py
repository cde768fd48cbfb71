"""The noise of the synthetic signals: every level in one data file, ``noise.toml``, with what it rests on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Noise:
    """All levels. Units are in the names (`_s`, `_m`, `_min`); the file says what each rests on.

    A ``sigma`` is the standard deviation along one axis of a round error; the radius that holds 95 %
    is 2.448 times as long.
    """

    sample_s: float
    upload_every_s: float
    gps_outdoor_sigma_m: float
    gps_outdoor_tau_s: float
    gps_indoor_sigma_min_m: float
    gps_indoor_sigma_max_m: float
    gps_indoor_tau_s: float
    precision_log_spread: float
    precision_lying_share: float
    precision_lying_factor: float
    precision_missing_share: float
    burst_per_hour_outdoors: float
    burst_per_hour_indoors: float
    burst_min_s: float
    burst_max_s: float
    burst_mean_m: float
    burst_max_m: float
    burst_lying_share: float
    lbs_per_day: float
    lbs_median_min: float
    lbs_every_s: float
    lbs_precision_min_m: float
    lbs_precision_max_m: float
    gap_per_day: float
    gap_median_min: float
    gap_log_spread: float
    gap_max_min: float
    offline_per_day: float
    offline_median_min: float
    duplicate_share: float
    jump_share: float
    zero_island_share: float
    future_clock_per_day: float
    battery_hours: float
    charge_hours: float
    forget_charge_share: float
    battery_low_pct: float
    unit_range_m: float
    unit_heartbeat_s: float
    unit_out_delay_s: float
    blip_per_day: float
    blip_min_s: float
    blip_max_s: float
    shielded_per_day: float
    unit_conflict_per_day: float
    unit_power_off_per_day: float
    unit_moved_per_day: float
    unit_silent_per_day: float
    strap_blip_per_day: float
    strap_cut_share: float
    device_replaced_share: float
    device_swapped_share: float
    fitted_late_share: float
    curfew_violation_share: float
    pop_out_share: float
    zone_entry_per_day: float
    attendance_failed_share: float
    drank_per_day: float


def read_noise(path: Path | None = None) -> Noise:
    """Reads a noise file; without a path, the one that Milepost comes with.

    Raises ``ValueError`` naming the values that are missing, unknown or not a number of 0 or more.
    """
    text = path.read_text() if path else (files("milepost.synth") / "noise.toml").read_text()
    given = tomllib.loads(text).get("noise", {})
    names = {field.name for field in fields(Noise)}
    if wrong := names ^ set(given):
        raise ValueError(f"noise file: values missing or not known: {', '.join(sorted(wrong))}")
    values = {name: part.get("value") for name, part in given.items()}
    for name, value in values.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise ValueError(f"noise file: {name} must be a number of 0 or more, not {value!r}")
    return Noise(**{name: float(value) for name, value in values.items()})
