"""What a home unit hears: the tag comes, goes, is hidden for a moment; the unit is moved or unplugged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from milepost.synth.devices import TrueEvent, draw_times
from milepost.synth.motion import Disc, Path, Span, clip, inside_spans, unite
from milepost.synth.noise import Noise
from milepost.synth.windows import subtract
from milepost.tracks.record import PresenceState


@dataclass(slots=True)
class UnitRecord:
    """Presence as (seconds since the epoch, state, heartbeat), and what befell the unit."""

    presence: list[tuple[float, int, bool]] = field(default_factory=list)
    events: list[TrueEvent] = field(default_factory=list)
    alive: list[Span] = field(default_factory=list)


def listen(
    rng: np.random.Generator,
    noise: Noise,
    device_id: str,
    place: Disc,
    tag_path: Path,
    heard_at_all: list[Span],
    start_s: float,
    end_s: float,
) -> UnitRecord:
    """One unit's record in [start, end). ``heard_at_all``: when a tag with power was fitted."""
    record = UnitRecord()
    near = inside_spans(tag_path, Disc(place.x, place.y, noise.unit_range_m))
    heard = [span for on in heard_at_all for span in clip(near, *on)]
    hidden: list[Span] = []
    for at in draw_times(rng, noise.blip_per_day, start_s, end_s):
        # Most are short: drawn evenly on a logarithmic scale.
        shortest, longest = np.log(noise.blip_min_s), np.log(noise.blip_max_s)
        hidden.append((at, at + float(np.exp(rng.uniform(shortest, longest)))))
    for at in draw_times(rng, noise.shielded_per_day, start_s, end_s):
        hidden.append((at, at + 60 * rng.uniform(10.0, 40.0)))
    for at in draw_times(rng, noise.unit_conflict_per_day, start_s, end_s):
        hidden.append((at, at + 60 * rng.uniform(15.0, 90.0)))
    # The unit says "gone" only after it has not heard the tag for a while; shorter silences pass unseen.
    wait = noise.unit_out_delay_s
    in_range = unite([(a, b + wait) for a, b in subtract(heard, unite(hidden))])
    silent: list[Span] = []
    for at in draw_times(rng, noise.unit_power_off_per_day, start_s, end_s):
        until = at + 60 * float(np.exp(rng.uniform(np.log(10.0), np.log(240.0))))
        silent.append((at + 60.0, until))
        record.events.append(TrueEvent("power_off", device_id, at, until, "unit without mains"))
    for at in draw_times(rng, noise.unit_silent_per_day, start_s, end_s):
        silent.append((at, at + 60 * rng.uniform(30.0, 300.0)))
    for at in draw_times(rng, noise.unit_moved_per_day, start_s, end_s):
        record.events.append(
            TrueEvent("unit_moved", device_id, at, at + 60 * rng.uniform(4.0, 15.0), "unit moved")
        )
    record.alive = subtract([(start_s, end_s)], unite(silent))
    missed = [span for alive in record.alive for span in clip(subtract(heard, in_range), *alive)]
    record.events += [
        TrueEvent("evidence_conflict", device_id, a, b, "unit did not hear a tag that was near")
        for a, b in missed
    ]
    for begin, end in record.alive:
        spans = clip(in_range, begin, end)
        inside = bool(spans) and spans[0][0] == begin
        changes = [(begin, inside)]
        for a, b in spans:
            changes += [(a, True)] if a > begin else []
            changes += [(b, False)] if b < end else []
        record.presence += _with_heartbeats(rng, changes, noise.unit_heartbeat_s, end)
    return record


def _with_heartbeats(
    rng: np.random.Generator, changes: list[tuple[float, bool]], every_s: float, end_s: float
) -> list[tuple[float, int, bool]]:
    found: list[tuple[float, int, bool]] = []
    beat = changes[0][0] + rng.uniform(0.0, every_s)
    for i, (at, inside) in enumerate(changes):
        state = int(PresenceState.IN_RANGE if inside else PresenceState.OUT_OF_RANGE)
        found.append((at, state, False))
        until = changes[i + 1][0] if i + 1 < len(changes) else end_s
        while beat < until:
            if beat > at:
                found.append((beat, state, True))
            beat += every_s
    return found
