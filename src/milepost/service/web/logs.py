"""Log lines as JSON, one a line, without personal data.

Only the message and fields that are on the list below are written. What a programmer adds to a log call by
mistake (a name, a position, an address) is dropped, not written. Of an exception, its kind and the place in
the code are written, never its text: the text of a database error holds values.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import traceback

FIELDS = (
    "route", "method", "status", "ms", "rows", "refused", "worker", "bucket", "lag_ms", "batch", "format",
    "command", "count", "database", "reason", "version",
)  # fmt: skip
"""What may be logged beside the message. A person's reference is not among them."""


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        from milepost.service.web.requests import request_id

        line: dict[str, object] = {
            "at_utc": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            # The template of the message, not the values put into it: those may be personal.
            "message": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, default=str)
