from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path as File

import numpy as np
import polars as pl

from milepost.orders.model import OrderFile
from milepost.synth.block import make_block
from milepost.synth.devices import left_behind
from milepost.synth.home_unit import listen
from milepost.synth.life import Life, Period, build_people
from milepost.synth.motion import Disc, Path, inside_spans
from milepost.synth.noise import Noise
from milepost.tracks.record import Quality


def test_every_fix_was_recorded_while_its_device_was_on_somebody(town_folder: File) -> None:
    orders = OrderFile.model_validate_json((town_folder / "orders.json").read_text())
    fixes = pl.read_parquet(town_folder / "fixes.parquet").with_columns(pl.col("device_id").cast(pl.String))
    fixes = fixes.filter(pl.col("quality") & int(Quality.FUTURE) == 0)
    by_device: dict[str, list[tuple[dt.datetime, dt.datetime]]] = {}
    forever = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    for activation in orders.activations:
        span = (activation.from_utc, activation.until_utc or forever)
        by_device.setdefault(activation.device_id, []).append(span)
    assert fixes.height > 100_000
    late = 0
    for (device,), rows in fixes.group_by("device_id"):
        at = rows["recorded_at_utc"]
        worn = np.zeros(rows.height, np.bool_)
        for start, end in by_device[str(device)]:
            worn |= ((at >= start) & (at < end)).to_numpy()
            late += start > dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
        assert worn.all()
    assert late, "nobody was fitted within the period: the test shows nothing"


def test_a_passed_on_tag_follows_its_new_wearer(noise: Noise, period: Period) -> None:
    plain = replace(
        noise,
        device_swapped_share=1.0,
        device_replaced_share=0.0,
        strap_cut_share=0.0,
        strap_blip_per_day=0.0,
    )
    lives = build_people(period, plain, range(20))
    block = make_block(period, plain, range(20))
    assert block.fixes is not None
    fixes = pl.from_arrow(block.fixes)
    assert isinstance(fixes, pl.DataFrame)
    fixes = fixes.filter((pl.col("quality") == 0) & (pl.col("source") == 1))
    followed = 0
    for first, second in zip(lives[::2], lives[1::2], strict=True):
        device = first.tags.wears[0].device_id
        assert second.tags.wears[1].device_id == device
        assert first.tags.wears[0].until_s < second.tags.wears[1].from_s
        rows = fixes.filter(pl.col("device_id").cast(pl.String) == device)
        at = rows["recorded_at_utc"].dt.epoch("ms").to_numpy() / 1e3
        x, y = first.resident.town.plane.metres(
            rows["lon_e7"].to_numpy() / 1e7, rows["lat_e7"].to_numpy() / 1e7
        )
        for life, mine in (
            (first, at < first.tags.wears[0].until_s),
            (second, at >= second.tags.wears[1].from_s),
        ):
            if life.resident.has_gps and mine.any():
                true_x, true_y = life.path.at(at[mine])
                assert np.median(np.hypot(x[mine] - true_x, y[mine] - true_y)) < 15
                followed += 1
        between = (at >= first.tags.wears[0].until_s) & (at < second.tags.wears[1].from_s)
        assert not between.any()
    assert followed >= 8


def test_a_cut_tag_stays_where_it_was_cut(lives: list[Life]) -> None:
    path = lives[0].path
    start, end = float(path.t[0] + 100_000), float(path.t[0] + 140_000)
    tag = left_behind(path, [(start, end)])
    (x,), (y,) = path.at(np.array([start]))
    during = np.linspace(start, end, 500)
    assert np.allclose(tag.at(during)[0], x)
    assert np.allclose(tag.at(during)[1], y)
    for part in (np.linspace(path.t[0], start, 300), np.linspace(end + 1, path.t[-1], 300)):
        assert np.allclose(tag.at(part), path.at(part))


def hear(noise: Noise, path: Path, place: Disc, start: float, end: float) -> list[tuple[float, int, bool]]:
    rng = np.random.default_rng(4)
    return listen(rng, noise, "SH", place, path, [(start, end)], start, end).presence


def test_a_home_unit_hears_the_tag_when_it_is_near(noise: Noise, lives: list[Life], period: Period) -> None:
    silent = {
        name: 0.0
        for name in Noise.__slots__
        if name.startswith(("blip_per", "shielded", "unit_")) and "per_day" in name
    }
    perfect = replace(noise, **silent)
    for life in lives[:20]:
        home = life.resident.home
        place = Disc(home.x, home.y, 75.0)
        presence = hear(perfect, life.path, place, period.start_s, period.end_s)
        at = np.array([p[0] for p in presence])
        assert (np.diff(at) >= 0).all()
        assert np.diff(at).max() <= noise.unit_heartbeat_s + 1e-6
        near = Disc(home.x, home.y, noise.unit_range_m)
        spans = inside_spans(life.path, near)
        for when, state, _ in presence:
            close = any(a <= when <= b + noise.unit_out_delay_s for a, b in spans)
            assert state == int(close) or any(abs(when - b - noise.unit_out_delay_s) < 1e-3 for _, b in spans)


def test_blips_say_out_while_the_person_is_in(noise: Noise) -> None:
    t = np.array([0.0, 86_400.0 * 40])
    path = Path(t, np.zeros(2), np.zeros(2), t[:1], t[1:], ["home"])
    presence = hear(replace(noise, blip_per_day=3.0), path, Disc(0.0, 0.0, 75.0), t[0], t[1])
    outs = [p for p in presence if p[1] == 0 and not p[2]]
    assert 60 < len(outs) < 140  # three a day in 40 days, the shortest of them unseen


def test_a_unit_without_power_says_nothing(noise: Noise) -> None:
    t = np.array([0.0, 86_400.0 * 40])
    path = Path(t, np.zeros(2), np.zeros(2), t[:1], t[1:], ["home"])
    rng = np.random.default_rng(4)
    record = listen(
        rng,
        replace(noise, unit_power_off_per_day=0.5),
        "SH",
        Disc(0, 0, 75.0),
        path,
        [(t[0], t[1])],
        t[0],
        t[1],
    )
    offs = [event for event in record.events if event.kind == "power_off"]
    assert len(offs) > 8
    for event in offs:
        assert event.end_s is not None
        inside = [p for p in record.presence if event.start_s + 60 < p[0] < event.end_s]
        assert not inside


def test_what_the_unit_did_not_hear_is_in_the_truth(noise: Noise) -> None:
    t = np.array([0.0, 86_400.0 * 40])
    path = Path(t, np.zeros(2), np.zeros(2), t[:1], t[1:], ["home"])
    rng = np.random.default_rng(4)
    record = listen(rng, noise, "SH", Disc(0, 0, 75.0), path, [(t[0], t[1])], t[0], t[1])
    missed = [(e.start_s, e.end_s) for e in record.events if e.kind == "evidence_conflict"]
    said_out = [at for at, state, _ in record.presence if state == 0]
    assert len(said_out) > 10
    assert all(any(a <= at < (b or at) for a, b in missed) for at in said_out)
