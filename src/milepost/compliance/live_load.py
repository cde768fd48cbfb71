"""Moving people into and out of live engines: whole histories at once, without asking for them again.

What an engine keeps of a person can be handed to another engine; what is stored elsewhere can be loaded.
The carried state is worked out by the kernel's pass of batch over all but the newest fixes, which then
are run as live would have run them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.columns import columns_of
from milepost.compliance.compiled import CORES
from milepost.compliance.live import WORTH_SPREADING, LiveEngine, Step
from milepost.compliance.live_memory import columns_of_rows, in_order
from milepost.compliance.presence import UnitStream
from milepost.tracks.record import Signals


def load_signals(engine: LiveEngine, signals: Signals) -> None:
    """Fills a new engine with stored signals, in any order. Nobody is judged yet."""
    unused = Step()
    if signals.fixes.num_rows:
        load_rows(engine, *engine.rows_of_people(columns_of(signals.fixes), unused))
    engine.take(None, signals.presence, signals.device_events, set(), unused)


def hand_over(sources: Mapping[str, LiveEngine], engine: LiveEngine) -> None:
    """Fills a new engine with what other engines keep of its people, from each one's begin on.

    ``sources``: where each person is now.
    """
    rows, numbers = [], []
    device_maps: dict[int, np.ndarray] = {}
    for person, source in sources.items():
        earliest = engine.earliest_us(person)
        events = sorted(e for e in source.events.get(person, ()) if e.t >= earliest)
        if events:
            engine.keep_events(person, events)
        for stream in source.units.get(person, {}).values():
            found = {e for e in stream.found if e.t >= earliest}
            if found:
                engine.keep_presence(person, UnitStream(stream.place, found, sorted(found)))
        theirs, ours = source.places.person_number.get(person), engine.places.person_number.get(person)
        if theirs is None or ours is None:
            continue
        own = source.memory.rows_of(int(source.places.person_trk0[theirs]))
        own = own[own["t"] >= earliest]
        if not len(own):
            continue
        if id(source) not in device_maps:
            number = engine.places.device_number
            device_maps[id(source)] = np.array([number.get(d, -1) for d in source.places.devices], np.int32)
        own["device"] = device_maps[id(source)][own["device"]]
        rows.append(own)
        numbers.append(np.full(len(own), ours, np.int64))
    if rows:
        load_rows(engine, np.concatenate(rows), np.concatenate(numbers))


def leave(engine: LiveEngine, people: Iterable[str]) -> None:
    """Takes people out of an engine: it neither reads their signals nor judges them any more."""
    for person in people:
        places = engine.places
        number = places.person_number.get(person)
        for wearing in engine.wearings.by_person.pop(person, []):
            _take_off(engine, wearing.device_id, person)
        for kept in (engine.orders, engine.obligations, engine.events, engine.units):
            kept.pop(person, None)
        engine.watch.discard(person)
        engine.record.forget(person, number)
        if number is None:
            continue
        tracks = range(int(places.person_trk0[number]), int(places.person_trk1[number]))
        for track in tracks:
            engine.memory.history[track] = []
            engine.memory.hot_n[track] = engine.memory.hot_gone[track] = 0
        engine.clock.leave(person, tracks)


def _take_off(engine: LiveEngine, device: str, person: str) -> None:
    places, wearings = engine.places, engine.wearings
    if device in wearings.units:
        wearings.units[device] = [w for w in wearings.units[device] if w.person_id != person]
    spans = [span for span in wearings.tag_spans.get(device, []) if span[2].person_id != person]
    if device in wearings.tag_spans:
        wearings.tag_spans[device] = spans
    number = places.device_number.get(device)
    if number is not None:
        places.single_person[number] = -1  # whoever else wore it is looked up


def load_rows(engine: LiveEngine, rows: np.ndarray, person: np.ndarray) -> None:
    """Fixes (an array of ROW, in any order) of numbered people into an engine that has none of theirs."""
    if not len(rows):
        return
    rows, track = engine.by_track(rows, person)
    rows, track = _ordered(rows, track)
    starts = np.flatnonzero(np.diff(track, prepend=-1))
    ends = np.append(starts[1:], len(track))
    touched = track[starts]
    n = ends - starts
    newest = n % k.LADDER_STEP + np.minimum(n // k.LADDER_STEP, 2) * k.LADDER_STEP
    middle = ends - newest
    _carry_over(engine, rows, touched, starts, middle)
    memory = engine.memory
    for one, a, b in zip(touched.tolist(), starts.tolist(), middle.tolist(), strict=True):
        memory.history[one] = [rows[a:b].copy()] if a < b else []
    _note_batteries(engine, rows, track, np.arange(len(rows)) < np.repeat(middle, n))
    seen, since = np.zeros(len(touched), np.int64), np.zeros(len(touched), np.int64)
    engine.live_pass(touched, middle, ends, np.arange(len(touched)), seen, since, rows)
    memory.hot_gone[touched] = middle - starts  # only now: it marks what comes before all at hand as too old
    said = np.flatnonzero(~np.isnan(rows["battery_pct"]))
    battery = np.full(memory.tracks, np.nan, np.float32)
    battery[track[said]] = rows["battery_pct"][said]  # of several the last stays
    engine.clock.contacts(touched, memory.state.last_t, battery[touched])


def _ordered(rows: np.ndarray, track: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By track, and within it in the order of section 1. Only rows of one instant are compared further."""
    order = np.argsort(track, kind="stable")
    rows, track = rows[order], track[order]
    if ((rows["t"][1:] < rows["t"][:-1]) & (track[1:] == track[:-1])).any():  # they seldom come out of order
        order = np.lexsort((rows["t"], track))
        rows, track = rows[order], track[order]
    tied = np.zeros(len(rows), bool)
    same = (rows["t"][1:] == rows["t"][:-1]) & (track[1:] == track[:-1])
    tied[1:] |= same
    tied[:-1] |= same
    where = np.flatnonzero(tied)
    if len(where):
        by_all = in_order(rows[where])
        by_all = by_all[np.argsort(track[where][by_all], kind="stable")]
        rows[where] = rows[where][by_all]
    return rows, track


def _note_batteries(engine: LiveEngine, rows: np.ndarray, track: np.ndarray, older: np.ndarray) -> None:
    """Which tracks were low before their newest fixes."""
    rule = engine.plan.tables[0].evidence.battery
    percent = rows["battery_pct"]
    with np.errstate(invalid="ignore"):
        low, fine = older & (percent <= rule.low_pct), older & (percent >= rule.ok_pct)
    telling = np.flatnonzero(low | fine)
    engine.memory.low[track[telling]] = low[telling]  # of several the last stays


def _carry_over(
    engine: LiveEngine, rows: np.ndarray, touched: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> None:
    """Brings the state of tracks to where their rows from ``starts`` to ``ends`` leave it."""
    if not (ends > starts).any():
        return
    plan, state = engine.plan, engine.memory.state
    i0, i1 = np.zeros(engine.memory.tracks, np.int64), np.zeros(engine.memory.tracks, np.int64)
    i0[touched], i1[touched] = starts, ends
    columns = columns_of_rows(rows, engine.places.devices)
    strength = np.zeros(len(rows), np.uint8)
    spans: list[Any] = [np.zeros(len(i0), np.int64), np.zeros(len(i0), np.int64)]
    outs = [np.zeros(len(plan.str_track), np.int64), np.zeros(len(plan.str_track), np.int64)]

    def carry(a: int, b: int) -> None:
        size = 1024 + 32 * (b - a)
        while a < b:
            room = [np.zeros(size, np.int64) for _ in range(5)]
            done = engine.kernel.run_tracks(
                a, b, engine.begin_us, engine.now_us, i0, i1, plan.trk_row, plan.trk_s0, plan.trk_s1,
                columns.t, columns.sequence, columns.source, columns.lon_e7, columns.lat_e7,
                columns.precision_m, columns.quality, columns.device, strength, plan.parameters,
                *state.of_tracks(), *room[:3], *spans, plan.str_target, plan.str_breach,
                *plan.targets.as_args(), *state.of_streams(), *room[3:], np.zeros(size, np.int8), *outs,
                np.zeros(2, np.int64),
            )  # fmt: skip
            if done < b:  # no room left for gaps and spells, which are not wanted here: go on with new room
                state.reset(done, int(plan.trk_s0[done]), int(plan.trk_s1[done]))
                size = size * 2 if done == a else size
            a = done

    cuts = np.linspace(0, len(i0), CORES + 1).astype(int).tolist()
    if engine.kernel is k or len(touched) < WORTH_SPREADING // CORES:
        carry(0, len(i0))
    else:  # tracks share nothing: each thread has its own
        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(carry, cuts[:-1], cuts[1:]))
