"""When the database takes nothing just now: "come again" (503), told from a fault of ours (500).

A lock that somebody else holds, a statement that took too long, a server that restarts: none of them is a mistake in the
request, and the same request may do well in a moment. Nothing of it was kept: its transaction went back.
"""

from __future__ import annotations

import math
import sqlite3

from django.db import InterfaceError, OperationalError

RETRY_AFTER_S = 5
LOCKED = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}
SQLITE_PRIMARY = 0xFF
"""The low byte of an extended result code is its kind (sqlite.org/rescode.html)."""
POSTGRES_KINDS = ("08", "40", "53", "55P03", "57")
"""Connection lost, rolled back (deadlock, serialisation), too few resources, lock not available, ended by somebody or by
the time a statement may take: SQLSTATE classes of PostgreSQL, appendix A."""


def is_busy(error: BaseException | None) -> bool:
    """Whether the database could not do it just now, by what its driver says."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & SQLITE_PRIMARY in LOCKED
    state = getattr(cause, "sqlstate", None)
    # No state at all: the server was not reached, or went away in the middle.
    return state is None or str(state).startswith(POSTGRES_KINDS)


def retry_after(seconds: float = RETRY_AFTER_S) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}
