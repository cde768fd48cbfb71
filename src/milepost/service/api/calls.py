"""How often one token may call: a bucket that fills at a rate and holds a burst, shared by all processes of a machine.

It is kept in a small file of its own beside the data, never in the service's database: counting a call there would
take the write lock that every other write waits for. What is in the file is worth nothing after a loss of power, so
nothing is forced to the disk, and it costs some hundredths of a millisecond a call.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path

from django.conf import settings

from milepost.service.api.policy_data import numbers

log = logging.getLogger("milepost.api")
FILE = "api-calls.sqlite3"
LOCK_AT_MOST_S = 1.0
_mine = threading.local()


def must_wait_s(token: str, now_s: float | None = None) -> float:
    """``token``: its prefix. 0 if the call may go on (it is counted), else after how many seconds the next may.

    A file that cannot be used lets calls through, and says so in the log: a limit that failed must not be an outage.
    """
    rate = numbers().calls
    now_s = time.time() if now_s is None else now_s
    try:
        database = _database()
        database.execute("BEGIN IMMEDIATE")
        try:
            row = database.execute("SELECT left, seen_s FROM calls WHERE token = ?", [token]).fetchone()
            left, seen_s = row or (float(rate.burst), now_s)
            left = min(float(rate.burst), left + max(now_s - seen_s, 0.0) * rate.per_s)
            allowed = left >= 1
            database.execute(
                "INSERT INTO calls VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE SET left = excluded.left, "
                "seen_s = excluded.seen_s", [token, left - 1 if allowed else left, now_s],
            )  # fmt: skip
        finally:
            database.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        log.error("calls of tokens cannot be counted", extra={"reason": type(error).__name__})
        return 0.0
    return 0.0 if allowed else (1 - left) / rate.per_s


def _database() -> sqlite3.Connection:
    """One connection a thread; a process that was forked makes its own."""
    file = Path(settings.DATA) / FILE
    known = getattr(_mine, "known", None)
    if known is not None and known[0] == (os.getpid(), file):
        mine: sqlite3.Connection = known[1]
        return mine
    if known is not None:
        known[1].close()
    made = sqlite3.connect(file, timeout=LOCK_AT_MOST_S, isolation_level=None)
    file.chmod(0o600)
    made.execute("PRAGMA journal_mode=MEMORY")
    made.execute("PRAGMA synchronous=OFF")
    made.execute(
        "CREATE TABLE IF NOT EXISTS calls (token TEXT PRIMARY KEY, left REAL NOT NULL, seen_s REAL NOT NULL)"
    )
    _mine.known = ((os.getpid(), file), made)
    return made
