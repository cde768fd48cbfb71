"""Who wore which device: a table beside an order file that does not say it itself.

The create-an-order JSON knows no device: the field service fits it. Columns: ``device_id``, ``from_utc``,
and where they are needed ``person_id`` (if there is more than one person), ``until_utc``,
``device_kind`` (tag, radio_tag, home_unit), ``device_model``, ``place``, ``id``.
"""

from __future__ import annotations

import csv
from pathlib import Path

from pydantic import ValidationError

from milepost.orders.model import Activation, OrderFile
from milepost.problems import Problem, UnreadableFile

NEEDED = ("device_id", "from_utc")


def add_devices(order_file: OrderFile, path: Path) -> list[Problem]:
    """Adds the activations of a CSV file to the orders; a row that cannot be used becomes a problem.

    Raises:
        UnreadableFile: the file is empty or lacks a column that is needed.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(
            Problem(path.name, None, None, f"cannot be read as CSV: {error}", "Save it as CSV in UTF-8.")
        ) from None
    missing = [name for name in NEEDED if not rows or name not in rows[0]]
    if missing:
        remedy = f"Give a header with {', '.join(NEEDED)} and at least one row."
        raise UnreadableFile(Problem(path.name, 1, missing[0], "the column or every row is missing", remedy))
    people = {p.id for p in order_file.people} | {o.person_id for o in order_file.orders}
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=2):
        told = {key: value.strip() for key, value in row.items() if key and value and value.strip()}
        if "person_id" not in told and len(people) == 1:
            told["person_id"] = next(iter(people))
        told.setdefault("id", f"{path.stem}-{line}")
        if told.get("person_id") not in people:
            value = told.get("person_id")
            remedy = "Write one of: " + ", ".join(sorted(people)[:5]) + "."
            problems.append(Problem(path.name, line, "person_id", "is nobody in the orders", remedy, value))
            continue
        try:
            order_file.activations.append(Activation.model_validate(told))
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0])
            remedy = (
                "Write times as 2026-03-01T00:00:00Z."
                if field.endswith("_utc")
                else "See the order file's page."
            )
            problems.append(Problem(path.name, line, field, first["msg"], remedy, told.get(field)))
    return problems
