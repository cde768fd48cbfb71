"""What devices said of themselves, by person: events and battery readings in time order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import pyarrow as pa

from milepost.compliance.columns import NO_SEQUENCE, _numbers
from milepost.compliance.kernel import FUTURE
from milepost.compliance.worn import Wearing, Wearings


@dataclass(frozen=True, slots=True, order=True)
class DeviceEvent:
    t: int
    sequence: int
    kind: str
    value_order: tuple[bool, float]
    device_id: str
    value: float | None = field(default=None, compare=False)
    unit: str | None = field(default=None, compare=False)
    wearing: Wearing | None = field(default=None, compare=False)


@dataclass(slots=True)
class DeviceLog:
    """Events by person, in time order; each once."""

    by_person: dict[str, list[DeviceEvent]] = field(default_factory=dict)
    nobody_wore: int = 0
    repeats: int = 0

    @classmethod
    def of(cls, events: pa.Table, wearings: Wearings) -> DeviceLog:
        found: dict[str, set[DeviceEvent]] = defaultdict(set)
        nobody = n_worn = 0
        columns = (
            events.column("device_id").to_pylist(),
            _numbers(events, "recorded_at_utc", "int64", 0).tolist(),
            _numbers(events, "sequence", "int64", NO_SEQUENCE).tolist(),
            events.column("kind").to_pylist(),
            events.column("value").to_pylist() if "value" in events.column_names else [None] * len(events),
            events.column("unit").to_pylist() if "unit" in events.column_names else [None] * len(events),
            _numbers(events, "quality", "int64", 0).tolist(),
        )
        for device_id, t, sequence, kind, value, unit, quality in zip(*columns, strict=True):
            if quality & FUTURE:
                continue
            owners = wearings.of_device(device_id, t)
            nobody += not owners
            order = (value is not None, 0.0 if value is None else value)
            for wearing in owners:
                event = DeviceEvent(t, sequence, kind, order, device_id, value, unit, wearing)
                found[wearing.person_id].add(event)
                n_worn += 1
        return cls(
            {person: sorted(of_person) for person, of_person in found.items()},
            nobody,
            n_worn - sum(map(len, found.values())),
        )
