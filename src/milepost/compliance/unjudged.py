"""What a run could not judge, in words: devices that the orders do not name, conditions without a place.

Silence about either reads as "no findings", which reads as kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from milepost.compliance.results import Results
from milepost.compliance.times import iso, to_us
from milepost.orders.model import OrderFile
from milepost.problems import Problem
from milepost.tracks.device_names import likely_ids, plain_id
from milepost.tracks.record import Signals

SHOWN = 5
"""How many ids one sentence names."""


def devices_seen(signals: Signals) -> set[str]:
    """Ids of the devices that sent something, and of the tags that home units heard."""
    seen: set[str] = set()
    for table, name in (
        (signals.fixes, "device_id"),
        (signals.presence, "device_id"),
        (signals.presence, "tag_id"),
        (signals.device_events, "device_id"),
    ):
        column: pa.ChunkedArray = table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.unique().cast(pa.string())
        seen.update(value for value in column.unique().to_pylist() if value is not None)
    return seen


def unjudged(order_file: OrderFile, results: Results, seen: set[str], source: str) -> list[Problem]:
    """The problems to show beside the answers; errors where what is left out may have been meant.

    Args:
        seen: the devices of the signals, see ``devices_seen``.
        source: the name that problems about orders give the file.
    """
    return [
        *_devices(order_file, seen),
        *_conditions(results, source),
        *_nothing(order_file, results, seen, source),
    ]


def _devices(order_file: OrderFile, seen: set[str]) -> Iterator[Problem]:
    """Devices of the signals that the orders write otherwise, or do not name."""
    named = {a.device_id for a in order_file.activations}
    unknown, missing = sorted(seen - named), sorted(named - seen)
    alike: dict[str, list[str]] = {}
    for device in missing:
        alike.setdefault(plain_id(device), []).append(device)
    for device in unknown:
        for meant in alike.get(plain_id(device), ()):
            yield Problem(
                f"device {device}", None, "device_id",
                f"no order names this device, but one names {meant}, of which there is no signal: "
                "nothing of it was judged",
                f"Write the id alike in the signals and in the activations, if {meant} is meant", device,
            )  # fmt: skip
    strangers = [device for device in unknown if plain_id(device) not in alike]
    if strangers and not seen.isdisjoint(named):
        yield Problem(
            "signals", None, "device_id",
            f"{len(strangers)} devices of the signals are in no activation; nothing of them was judged",
            "Nothing to do if they are not these people's; else add an activation for each",
            _some(strangers), "warning",
        )  # fmt: skip


def _conditions(results: Results, source: str) -> Iterator[Problem]:
    """Each condition that cannot be evaluated, once."""
    told: set[tuple[str, str, str]] = set()
    names = ("order_id", "condition_id", "reason", "status")
    for order, condition, reason, status in zip(
        *(results.coverage.column(name).to_pylist() for name in names), strict=True
    ):
        if status != "judged" and (order, condition, reason) not in told:
            told.add((order, condition, reason))
            yield Problem(
                source, f"order {order}", condition, reason or "cannot be evaluated",
                "Mend it in the order; `milepost orders validate` says how", severity="warning",
            )  # fmt: skip


def _nothing(order_file: OrderFile, results: Results, seen: set[str], source: str) -> Iterator[Problem]:
    """Why nothing was judged at all; nothing if something was, or if no signal or order could be read."""
    if not order_file.orders or not order_file.activations or not seen:
        return  # said before, by the readers
    statuses = set(results.coverage.column("status").to_pylist())
    if "judged" in statuses:
        judged, without = (
            pc.sum(results.coverage.column(name)).as_py() for name in ("judged_s", "no_data_s")
        )
        if results.counts.get("fixes") and judged and judged == without:
            yield Problem(
                "signals", None, "position",
                f"Nothing is known of any of the time: {results.counts['fixes']:,} positions were read, and none shows "
                "where anybody was in it", "See `milepost tracks inspect` for how they are flagged", severity="warning",
            )  # fmt: skip
        return
    if statuses:
        yield Problem(
            source, None, "conditions", "Nothing was judged: no condition that was in force can be evaluated",
            "Mend the conditions named beside this",
        )  # fmt: skip
        return
    named = sorted({a.device_id for a in order_file.activations})
    if seen.isdisjoint(named):
        meant = next(iter(likely_ids(sorted(seen), named).items()), None)
        guess = f"Perhaps {meant[0]} is {meant[1]}: write" if meant else "Write"
        yield Problem(
            source, None, "activations",
            f"Nothing was judged: the signals come from {_some(sorted(seen))}, the orders name {_some(named)}",
            f"{guess} the id of a device alike in both, or name the device column of the signals with "
            "--columns device_id=NAME",
        )  # fmt: skip
        return
    if results.counts.get("nobody wore the device", 0) < results.counts.get("fixes", 0) and (
        results.period_start_us >= results.period_end_us
    ):
        yield Problem(
            "signals", None, "recorded_at_utc",
            "Nothing was judged: all signals are of one moment, and a moment has no length to judge",
            "Say which time is meant with `milepost compliance run --from` and `milepost compliance run --until`, or give "
            "the signals of a longer time",
        )  # fmt: skip
        return
    yield Problem(
        source, None, "activations",
        f"Nothing was judged: {_when(results)}, and no condition of theirs was in force then "
        f"({_in_force(order_file)})",
        "Correct from when until when the devices were worn and the orders hold, or give the signals of that time",
    )  # fmt: skip


def _when(results: Results) -> str:
    if results.period_start_us >= results.period_end_us:
        return "no signal was sent while its device was worn by anybody in the orders"
    return (
        f"the signals of worn devices run from {iso(results.period_start_us)} to {iso(results.period_end_us)}"
    )


def _in_force(order_file: OrderFile) -> str:
    starts = [to_us(v.effective_from_utc) for o in order_file.orders for v in o.versions]
    return f"the first order holds from {iso(min(starts))}" if starts else "no order has a version"


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
