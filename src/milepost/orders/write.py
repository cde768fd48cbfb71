"""Writes an order file, and the JSON Schema of the format.

Lossless: fields that Milepost does not know come back as they were; a date stays a date, a local time
stays local. A field that was not given and has its default is not written.
"""

from __future__ import annotations

import datetime as dt
import json
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from milepost.orders.model import OrderFile, Part


def dumps(order_file: OrderFile) -> str:
    """The order file as JSON text, indented, with a line break at the end."""
    plain = {"milepost": order_file.milepost, **to_plain(order_file)}
    return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"


def write_order_file(order_file: OrderFile, path: str | Path) -> None:
    """Writes Milepost JSON, UTF-8. Raises ``OSError`` if the file cannot be written."""
    text = dumps(order_file)
    # A lone surrogate cannot be UTF-8, but JSON can spell it: \ud800.
    Path(path).write_text(text.encode("utf-8", "backslashreplace").decode("utf-8"), encoding="utf-8")


@cache
def _fields_of(kind: type[Part]) -> tuple[tuple[str, str, Any], ...]:
    """Name, name in JSON and default of each field. Asked of pydantic once: it looks anew at every call."""
    return tuple(
        (name, field.alias or name, field.get_default(call_default_factory=True))
        for name, field in kind.model_fields.items()
    )


def to_plain(value: Any) -> Any:
    """Parts, dates and enums as what JSON knows. Other values come back as they are."""
    if isinstance(value, Part):
        plain: dict[str, Any] = {}
        for name, key, default in _fields_of(type(value)):
            given = getattr(value, name)
            if name in value.model_fields_set or given != default:
                plain[key] = to_plain(given)
        plain.update({name: to_plain(extra) for name, extra in (value.model_extra or {}).items()})
        return plain
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.date):  # a datetime too
        return value.isoformat()
    return value


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the order file."""
    schema = OrderFile.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Milepost order file",
        **schema,
    }
