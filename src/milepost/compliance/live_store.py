"""The live engine made durable: an inbox, the record of changes and how far it has got, in one SQLite file.

A batch is in the inbox before it is acknowledged. What the engine makes of it and the mark "done up to
here" are written in one transaction. After a kill at any instant the engine is made anew from the
inbox up to the mark, without telling anything twice, and goes on from there. The clock's moves are in
the inbox too, so that the same inbox always gives the same record.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from milepost.compliance.live import LiveEngine
from milepost.compliance.live_record import Change
from milepost.tracks.record import Signals

SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    number INTEGER PRIMARY KEY,
    batch_id TEXT NOT NULL UNIQUE,
    now_us INTEGER,
    fixes BLOB, presence BLOB, device_events BLOB
) STRICT;
CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY,
    inbox_number INTEGER NOT NULL REFERENCES inbox (number),
    what TEXT NOT NULL,
    finding_id TEXT NOT NULL,
    supersedes TEXT NOT NULL,
    finding TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS mark (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), inbox_number INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO mark VALUES (1, 0);
"""
TABLES = ("fixes", "presence", "device_events")


def _packed(table: pa.Table) -> bytes | None:
    if not table.num_rows:
        return None
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _unpacked(packed: bytes) -> pa.Table:
    with pa.ipc.open_stream(packed) as reader:
        return reader.read_all()


class LiveStore:
    """One writer at a time. ``engine`` must be new; it is brought to where the store has got.

    Raises:
        ValueError: the engine has taken signals already.
    """

    def __init__(self, path: Path, engine: LiveEngine) -> None:
        if engine.now_us != engine.begin_us:
            raise ValueError("Give the store a new engine: it brings it up to date itself.")
        self.engine = engine
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;" + SCHEMA
        )
        self.done = int(self._db.execute("SELECT inbox_number FROM mark").fetchone()[0])
        for row in self._inbox("number <= ?", self.done):
            self._step(row)  # what it says was recorded before

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def accept(self, signals: Signals, *, batch_id: str, now_us: int | None = None) -> bool:
        """Puts a batch into the inbox; once this returns it cannot be lost. False: it was there before."""
        packed = [_packed(getattr(signals, name)) for name in TABLES]
        with self._transaction():
            added = self._db.execute(
                "INSERT OR IGNORE INTO inbox (batch_id, now_us, fixes, presence, device_events) VALUES (?, ?, ?, ?, ?)",
                (batch_id, now_us, *packed),
            )
        return added.rowcount == 1

    def _inbox(self, where: str, value: int) -> list[tuple[Any, ...]]:
        query = (
            f"SELECT number, now_us, fixes, presence, device_events FROM inbox WHERE {where} ORDER BY number"
        )
        return self._db.execute(query, (value,)).fetchall()

    def _step(self, row: tuple[Any, ...]) -> list[Change]:
        parts = {name: _unpacked(blob) for name, blob in zip(TABLES, row[2:], strict=True) if blob}
        if parts:
            return self.engine.ingest(Signals(**parts), now_us=row[1]).changes
        return self.engine.settle(row[1]).changes

    def work(self) -> list[Change]:
        """Judges what is waiting in the inbox and records what changed."""
        told: list[Change] = []
        for row in self._inbox("number > ?", self.done):
            changes = self._step(row)
            with self._transaction():
                self._db.executemany(
                    "INSERT INTO changes (inbox_number, what, finding_id, supersedes, finding) VALUES (?, ?, ?, ?, ?)",
                    [
                        (
                            row[0],
                            c.what,
                            c.finding["finding_id"],
                            (c.previous or {}).get("finding_id", ""),
                            json.dumps(c.finding),
                        )
                        for c in changes
                    ],
                )
                self._db.execute("UPDATE mark SET inbox_number = ?", (row[0],))
            self.done = row[0]
            told.extend(changes)
        return told

    def current(self) -> list[dict[str, Any]]:
        """The findings that stand, folded from the record of changes."""
        standing: dict[str, dict[str, Any]] = {}
        for what, finding_id, supersedes, finding in self._db.execute(
            "SELECT what, finding_id, supersedes, finding FROM changes ORDER BY number"
        ):
            if what == "withdrawn":
                del standing[finding_id]
                continue
            if supersedes:
                del standing[supersedes]
            standing[finding_id] = json.loads(finding)
        return [standing[key] for key in sorted(standing)]

    def close(self) -> None:
        self._db.close()
