"""Signals too many for memory, spread over buckets on disk: some people each, with all that is theirs.

People who ever shared a device share a bucket, so that a device that changed hands is judged as a whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from milepost.compliance import compiled
from milepost.compliance.batch import period_of
from milepost.compliance.columns import columns_of, device_codes
from milepost.compliance.results import COVERAGE, FINDINGS, TIMELINE, TOTALS, Results
from milepost.compliance.unjudged import devices_seen
from milepost.compliance.worn import Wearings, attribute
from milepost.compliance.write import write_json, write_parquet
from milepost.orders.model import OrderFile
from milepost.problems import Problem, ProblemList
from milepost.tracks.record import DEVICE_EVENTS, FIXES, PRESENCE, Signals

TABLES = {"fixes": FIXES, "presence": PRESENCE, "device_events": DEVICE_EVENTS}
ANSWERS = {"findings": FINDINGS, "coverage": COVERAGE, "totals": TOTALS, "timeline": TIMELINE}


def households(order_file: OrderFile) -> dict[str, str]:
    """Each person's group, named by its first member: people joined by a device they both had."""
    leader = {p.id: p.id for p in order_file.people}

    def find(person: str) -> str:
        while leader.setdefault(person, person) != person:
            leader[person] = leader[leader[person]]
            person = leader[person]
        return person

    had: dict[str, str] = {}
    for activation in order_file.activations:
        a, b = find(had.setdefault(activation.device_id, activation.person_id)), find(activation.person_id)
        leader[max(a, b)] = min(a, b)
    for order in order_file.orders:
        find(order.person_id)
    return {person: find(person) for person in leader}


def part_of(order_file: OrderFile, people: set[str]) -> OrderFile:
    """The order file with only these people in it."""
    return order_file.model_copy(
        update={
            "people": [p for p in order_file.people if p.id in people],
            "activations": [a for a in order_file.activations if a.person_id in people],
            "orders": [o for o in order_file.orders if o.person_id in people],
        }
    )


def _bucket(name: str, n: int) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) % n


class Buckets:
    """Buckets in a work folder. Survives being killed: what is marked as done is done."""

    def __init__(self, folder: Path, order_file: OrderFile, n_buckets: int) -> None:
        self.folder = folder
        self.n_buckets = n_buckets
        self._wearings = Wearings.of(order_file)
        self._of_person = {p: _bucket(leader, n_buckets) for p, leader in households(order_file).items()}
        self._of_device = {a.device_id: self._of_person[a.person_id] for a in order_file.activations}
        self._writers: dict[tuple[int, str], pq.ParquetWriter] = {}
        self.period: tuple[int | None, int | None] = (None, None)
        self.nobody_wore = 0
        self.devices: set[str] = set()
        """Every device that sent something, whoever wore it."""
        if self.filled:
            told = json.loads(self._marker.read_text())
            self.period, self.nobody_wore = tuple(told["period"]), told["nobody_wore"]
            self.devices = set(told["devices"])

    @property
    def _marker(self) -> Path:
        return self.folder / "filled.json"

    @property
    def filled(self) -> bool:
        return self._marker.exists()

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def add(self, batch: Signals) -> None:
        """Spreads one batch of rows. Rows of devices that nobody ever wore are counted and left."""
        self.devices |= devices_seen(batch)
        columns = columns_of(batch.fixes)
        worn = attribute(columns, self._wearings, compiled.choose(3 * len(columns)))
        self._reach(*period_of(worn, batch.device_events, batch.presence, self._wearings))
        for name in TABLES:
            table: pa.Table = getattr(batch, name)
            if not table.num_rows:
                continue
            codes, devices = device_codes(table)
            bucket = np.array([self._of_device.get(d, -1) for d in devices], np.int64)[codes]
            self.nobody_wore += int((bucket < 0).sum())
            order = np.argsort(bucket, kind="stable")
            starts = np.searchsorted(bucket[order], np.arange(self.n_buckets + 1))
            for b in range(self.n_buckets):
                rows = order[starts[b] : starts[b + 1]]
                if len(rows):
                    self._writer(b, name, table.schema).write_table(table.take(pa.array(rows)))

    def _reach(self, first: int | None, last: int | None) -> None:
        known = [t for t in (*self.period, first, last) if t is not None]
        if known:
            self.period = (min(known), max(known))

    def _writer(self, bucket: int, name: str, schema: pa.Schema) -> pq.ParquetWriter:
        key = (bucket, name)
        if key not in self._writers:
            self._writers[key] = pq.ParquetWriter(
                self.folder / f"{name}-{bucket}.parquet", schema, compression="zstd"
            )
        return self._writers[key]

    def fill(self, problems: ProblemList) -> None:
        """Closes the files and marks that every row is in its bucket."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        told: dict[str, Any] = {"period": self.period, "nobody_wore": self.nobody_wore}
        told["devices"] = sorted(self.devices)
        told["problems"] = [asdict(p) for p in problems.problems]
        write_json(told, self._marker)

    def problems(self) -> list[Problem]:
        return [Problem(**p) for p in json.loads(self._marker.read_text())["problems"]]

    def people(self, bucket: int) -> set[str]:
        return {person for person, b in self._of_person.items() if b == bucket}

    def signals(self, bucket: int) -> Signals:
        signals = Signals()
        for name in TABLES:
            path = self.folder / f"{name}-{bucket}.parquet"
            if path.exists():
                setattr(signals, name, pq.read_table(path))
        return signals

    def signals_of(self, people: set[str]) -> Signals:
        """All signals of devices that these people ever had."""
        devices = pa.array(
            sorted({w.device_id for p in people for w in self._wearings.by_person.get(p, [])}), pa.string()
        )
        found: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
        for bucket in sorted({self._of_person[p] for p in people}):
            signals = self.signals(bucket)
            for name in TABLES:
                table: pa.Table = getattr(signals, name)
                plain = table.column("device_id").cast(pa.string())
                found[name].append(table.filter(pa.compute.is_in(plain, value_set=devices)))
        return Signals(**{name: pa.concat_tables(tables) for name, tables in found.items() if tables})

    def keep(self, bucket: int, results: Results) -> None:
        """Writes a bucket's answers; the marker comes last."""
        for name in ANSWERS:
            write_parquet(getattr(results, name), self.folder / f"{name}-of-{bucket}.parquet")
        write_json(results.counts, self.folder / f"done-{bucket}.json")

    def result(self, bucket: int) -> Results | None:
        """A bucket's answers, if it was judged before."""
        marker = self.folder / f"done-{bucket}.json"
        if not marker.exists():
            return None
        tables = {name: pq.read_table(self.folder / f"{name}-of-{bucket}.parquet") for name in ANSWERS}
        return Results(**tables, counts=json.loads(marker.read_text()))
