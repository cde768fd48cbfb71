"""An area's addresses, streets and places in one SQLite file with a full-text index; made by an import, then only read."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
import threading
import unicodedata
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from milepost.gazetteer.address_rows import Address, AddressFile, FindPostcode
from milepost.gazetteer.layouts import Layout, shipped
from milepost.problems import Problem, ProblemList, UnreadableFile

FILE = "addresses.sqlite3"
ROWS_AT_ONCE = 5000
ROW = re.compile("[0-9]{1,15}")
"""What names a row of an import in a key; keys come from outside, and SQLite takes no longer number."""
MAKE = """
CREATE TABLE told (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE place (id INTEGER PRIMARY KEY, kind TEXT, text TEXT, postcode TEXT, lon REAL, lat REAL);
CREATE VIRTUAL TABLE words USING fts5(said, content='', prefix='2 3', tokenize='unicode61');
CREATE TEMP TABLE given (text TEXT, street TEXT, town TEXT, postcode TEXT, lon REAL, lat REAL);
"""
SORTED = """
INSERT INTO place (kind, text, postcode, lon, lat)
    SELECT 'town', town, '', avg(lon), avg(lat) FROM given WHERE town <> '' GROUP BY town ORDER BY town;
INSERT INTO place (kind, text, postcode, lon, lat)
    SELECT 'street', street || CASE WHEN town = '' THEN '' ELSE ', ' || town END, '', avg(lon), avg(lat)
    FROM given WHERE street <> '' GROUP BY street, town ORDER BY street, town;
INSERT INTO place (kind, text, postcode, lon, lat)
    SELECT 'address', text, postcode, lon, lat FROM given
    ORDER BY town, street, CAST(text AS INTEGER), text;
"""
"""Towns first, then streets, then addresses: what a search finds first it shows first."""


@dataclass(frozen=True, slots=True)
class Stored:
    key: str
    """Names the row of this import: after the next one it names nothing."""
    kind: str
    """town, street or address."""
    text: str
    postcode: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Imported:
    rows: int
    taken: int
    problems: ProblemList


def fold(text: str) -> str:
    """Small letters without accents; an apostrophe joins ("St John's" is "st johns"), any other sign parts."""
    plain = unicodedata.normalize("NFKD", text.replace("'", "").replace("’", ""))
    return "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c)).casefold()


def import_addresses(
    path: Path, folder: Path, find_postcode: FindPostcode, layout: Layout | None = None, source: str = ""
) -> Imported:
    """Makes the file of addresses anew from a CSV file. Good rows go in; bad ones come back as problems.

    The old file stays until the new one is whole. ``source``: what pages say the addresses come from.

    Raises:
        UnreadableFile: nothing can be understood, or more rows are wrong than ``checks`` allow.
    """
    checks = shipped().checks
    file = AddressFile(path, layout, find_postcode, checks.furthest_from_postcode_km)
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=".addresses-")
    os.close(handle)
    made = Path(name)
    try:
        with closing(sqlite3.connect(made)) as store:
            store.executescript(
                "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;" + MAKE
            )
            taken = _take(store, file)
            wrong = file.problems.n_errors
            if not taken or wrong > checks.most_wrong_share * file.n_rows:
                first = file.problems.problems[0]
                raise UnreadableFile(
                    Problem(
                        file.source, first.row, first.field,
                        f"{wrong} of {file.n_rows} rows are wrong, and nothing was taken in. The first: {first.message}",
                        first.remedy, first.value,
                    )
                )  # fmt: skip
            store.executescript(SORTED)
            _index(store)
            told = {"stamp": uuid.uuid4().hex[:12], "source": source or path.name, "rows": str(taken)}
            store.executemany("INSERT INTO told VALUES (?, ?)", told.items())
            store.commit()
        made.replace(folder / FILE)
    finally:
        made.unlink(missing_ok=True)
    return Imported(file.n_rows, taken, file.problems)


def _take(store: sqlite3.Connection, addresses: Iterable[Address]) -> int:
    rows = ((a.text, a.street, a.town, a.postcode, a.lon, a.lat) for a in addresses)
    return store.executemany("INSERT INTO given VALUES (?, ?, ?, ?, ?, ?)", rows).rowcount


def _index(store: sqlite3.Connection) -> None:
    read = store.execute("SELECT id, text FROM place ORDER BY id")
    while some := read.fetchmany(ROWS_AT_ONCE):
        store.executemany(
            "INSERT INTO words (rowid, said) VALUES (?, ?)", ((key, fold(text)) for key, text in some)
        )
    store.execute("INSERT INTO words(words) VALUES ('optimize')")


class AddressStore:
    """The file of an import, open to read; a connection for each thread."""

    def __init__(self, path: Path) -> None:
        self._path, self._own = path, threading.local()
        told = dict(self._connection().execute("SELECT name, value FROM told"))
        self.stamp, self.source, self.n_addresses = told["stamp"], told["source"], int(told["rows"])

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = sqlite3.connect(f"file:{self._path}?mode=ro&immutable=1", uri=True)
            found.execute("PRAGMA cache_size=-2000")  # the system keeps the pages, once for all processes
            self._own.connection = found
        return found

    def find(self, text: str, most: int) -> list[Stored]:
        """What has all these words; the last may be the beginning of one. In the order of the file."""
        words = fold(text).split()
        if not words:
            return []
        asked = " ".join(f'"{word}"' for word in words[:-1]) + f' "{words[-1]}"*'
        rows = self._connection().execute(
            "SELECT id, kind, text, postcode, lon, lat FROM place WHERE id IN "
            "(SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?) ORDER BY id", (asked, most)
        )  # fmt: skip
        return [Stored(f"{self.stamp}-{key}", *rest) for key, *rest in rows]

    def get(self, key: str) -> Stored | None:
        stamp, _, number = key.partition("-")
        if stamp != self.stamp or not ROW.fullmatch(number):
            return None
        row = self._connection().execute(
            "SELECT kind, text, postcode, lon, lat FROM place WHERE id = ?", (int(number),)
        ).fetchone()  # fmt: skip
        return None if row is None else Stored(key, *row)
