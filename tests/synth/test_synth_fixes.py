"""The noise in the record is the noise that noise.toml promises."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as File

import numpy as np
import pyarrow.parquet as pq
import pytest

from milepost.synth.battery import Battery, live_battery
from milepost.synth.devices import Wear
from milepost.synth.fixes import RADIUS_95, Fixes, make_fixes, related_noise
from milepost.synth.motion import Path
from milepost.synth.noise import Noise, read_noise
from milepost.synth.plane import Plane
from milepost.tracks.record import Quality, Source

PLANE = Plane(1.2, 53.6)
FULL = Battery(np.array([0.0, 1e9]), np.array([100.0, 100.0]), [], [], [])
T0 = 86_400.0
SIGMA_M = 6.0


def at_home(days: float) -> Path:
    end = T0 + 86_400 * days
    t = np.array([T0 - 10, end + 10])
    return Path(t, np.zeros(2), np.zeros(2), t[:1], t[1:], ["home"])


def fixes_at_home(noise: Noise, days: float = 30.0, battery: Battery = FULL) -> Fixes:
    wears = [Wear("ST-1", 0.0, float("inf"))]
    rng = np.random.default_rng(9)
    sigma_of = {"home": SIGMA_M}
    return make_fixes(rng, noise, PLANE, at_home(days), wears, battery, sigma_of, T0, T0 + 86_400 * days)[0]


def error_m(fixes: Fixes) -> np.ndarray:
    x, y = PLANE.metres(fixes.lon_e7 / 1e7, fixes.lat_e7 / 1e7)
    return np.hypot(x, y)


def quiet(noise: Noise) -> Noise:
    """Nothing but the wander of positions and an honest precision."""
    none = (
        "burst",
        "precision_l",
        "precision_m",
        "lbs_per",
        "gap_per",
        "offline_per",
        "duplicate",
        "jump",
        "zero_i",
    )
    off = {name: 0.0 for name in Noise.__slots__ if name.startswith((*none, "future"))}
    off |= {name: getattr(noise, name) for name in off if name.endswith(("_s", "_m", "_log_spread"))}
    return replace(noise, **off)


def test_an_honest_precision_holds_95_percent(noise: Noise) -> None:
    fixes = fixes_at_home(quiet(noise), days=120)
    assert (error_m(fixes) <= fixes.precision_m).mean() == pytest.approx(0.95, abs=0.015)
    assert np.median(fixes.precision_m) == pytest.approx(RADIUS_95 * SIGMA_M, rel=0.02)


def test_most_fixes_at_home_lie_within_25_m(noise: Noise) -> None:
    error = error_m(fixes_at_home(noise, days=60))
    assert 0.95 < (error < 25).mean() < 0.999


def test_lying_precisions_have_their_share(noise: Noise) -> None:
    lying = replace(quiet(noise), precision_lying_share=0.2, precision_lying_factor=0.35)
    fixes = fixes_at_home(lying, days=120)
    small = fixes.precision_m < 0.6 * RADIUS_95 * SIGMA_M
    assert small.mean() == pytest.approx(0.2, abs=0.03)
    honest = (error_m(fixes) <= fixes.precision_m)[small].mean()
    assert honest == pytest.approx(1 - np.exp(-0.5 * (0.35 * RADIUS_95) ** 2), abs=0.05)


def test_the_wander_indoors_is_slow(noise: Noise) -> None:
    fixes = fixes_at_home(quiet(noise), days=120)
    x, _ = PLANE.metres(fixes.lon_e7 / 1e7, fixes.lat_e7 / 1e7)
    following = np.corrcoef(x[:-1], x[1:])[0, 1]
    assert following == pytest.approx(np.exp(-60 / noise.gps_indoor_tau_s), abs=0.01)


def test_related_noise_against_its_definition() -> None:
    shocks = np.random.default_rng(1).standard_normal((50, 2))
    wanted = [shocks[0]]
    for shock in shocks[1:]:
        wanted.append(0.9 * wanted[-1] + np.sqrt(1 - 0.81) * shock)
    assert np.allclose(related_noise(shocks, 0.9), wanted)


def test_bursts_displace_together_and_many_lie(noise: Noise) -> None:
    bursts = replace(quiet(noise), burst_per_hour_indoors=0.3, burst_mean_m=60.0, burst_lying_share=0.4)
    fixes = fixes_at_home(bursts, days=120)
    far = error_m(fixes) > 50
    assert far.sum() > 500
    assert error_m(fixes).max() < noise.burst_max_m + 6 * SIGMA_M
    lies = fixes.precision_m[far] < 40
    assert 0.25 < lies.mean() < 0.55
    starts = np.flatnonzero(np.diff(far.astype(int)) == 1) + 1
    lengths = [int(np.argmin(far[i:])) for i in starts[:-1]]
    assert max(lengths) <= 8  # minutes; two bursts may follow each other


def test_duplicates_are_copies_uploaded_later(noise: Noise) -> None:
    fixes = fixes_at_home(replace(quiet(noise), duplicate_share=0.01), days=60)
    key = np.column_stack([fixes.recorded_us, fixes.sequence])
    unique, first = np.unique(key, axis=0, return_index=True)
    copies = len(key) - len(unique)
    assert copies / len(unique) == pytest.approx(0.01, rel=0.2)
    again = np.setdiff1d(np.arange(len(key)), first)
    assert (fixes.lon_e7[again] == fixes.lon_e7[again - 1]).all()
    assert (fixes.received_us[again] > fixes.received_us[again - 1]).all()


def test_cell_positions_come_every_three_minutes_with_large_precision(noise: Noise) -> None:
    fixes = fixes_at_home(replace(quiet(noise), lbs_per_day=2.0), days=60)
    cell = fixes.source == Source.LBS
    assert cell.sum() > 300
    assert fixes.precision_m[cell].min() >= noise.lbs_precision_min_m - 1
    assert fixes.precision_m[cell].max() <= noise.lbs_precision_max_m + 1
    assert (error_m(fixes)[cell] <= fixes.precision_m[cell]).mean() == pytest.approx(0.95, abs=0.03)
    both = cell[1:] & cell[:-1]
    assert np.median(np.diff(fixes.recorded_us)[both]) == 180_000_000
    assert np.isnan(fixes.speed_mps[cell]).all()


def test_impossible_fixes_are_flagged_as_far_as_a_reader_could(noise: Noise) -> None:
    wild = replace(quiet(noise), jump_share=0.01, zero_island_share=0.01, future_clock_per_day=0.5)
    fixes = fixes_at_home(wild, days=60)
    zero = (fixes.lon_e7 == 0) & (fixes.lat_e7 == 0)
    assert 0.007 < zero.mean() < 0.013
    assert ((fixes.quality & Quality.ZERO_ISLAND > 0) == zero).all()
    assert np.isnan(fixes.precision_m[zero]).all()
    ahead = fixes.recorded_us > fixes.received_us
    assert ahead.any()
    assert ((fixes.quality & Quality.FUTURE > 0) == ahead).all()
    jumped = ~zero & (error_m(fixes) > 1_000)
    assert 0.007 < jumped.mean() < 0.013
    assert not (fixes.usable & (jumped | zero | ahead)).any()


def test_no_precision_is_zero(town_folder: File) -> None:
    precision = pq.read_table(town_folder / "fixes.parquet")["precision_m"].drop_null().to_numpy()
    assert precision.min() > 0


def test_late_uploads_come_out_of_order(noise: Noise) -> None:
    fixes = fixes_at_home(replace(quiet(noise), offline_per_day=1.0), days=30)
    delay_min = (fixes.received_us - fixes.recorded_us) / 60e6
    assert np.median(delay_min) < 11
    assert delay_min.max() > 60
    assert (np.diff(fixes.received_us) < 0).any()


def test_a_flat_battery_is_silent_until_charged(noise: Noise) -> None:
    forgetful = replace(noise, forget_charge_share=0.5)
    battery = live_battery(np.random.default_rng(2), forgetful, at_home(40), {"home"}, T0, T0 + 86_400 * 40)
    assert battery.dead
    fixes = fixes_at_home(quiet(noise), days=40, battery=battery)
    for start, end in battery.dead:
        assert not ((fixes.true_s > start) & (fixes.true_s < end)).any()
        assert fixes.battery_pct[fixes.true_s < start][-1] <= 1
    assert fixes.battery_pct.min() >= 0
    assert fixes.battery_pct.max() <= 100


def test_a_noise_file_with_a_wrong_value_is_refused(tmp_path: File) -> None:
    file = tmp_path / "noise.toml"
    file.write_text("[noise.sample_s]\nvalue = 60\n[noise.colour]\nvalue = 1\n")
    with pytest.raises(ValueError, match="colour"):
        read_noise(file)
