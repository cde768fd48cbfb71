"""Reads an order file. Bad parts are left out and named; the rest is read; nothing crashes on garbage.

What "left out" means is chosen so that a mistake in the file never makes up a duty:

- A bad absence or schedule rule leaves out its whole *condition*: without the absence it would be wrong.
- A bad version whose start can be read stays as an *empty version*: the terms before it ended then. If
  its start cannot be read the whole *order* is left out: nobody knows which terms are in force.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from milepost.garbage import collection_paused, take_as_old
from milepost.orders.cemo import looks_like_cemo, parse_cemo
from milepost.orders.checks import (
    check_condition,
    check_place,
    warn_of_unknown_fields,
    warn_of_unknown_references,
)
from milepost.orders.complaints import Complaints
from milepost.orders.json_file import START_WITH, load_json_object, refuse
from milepost.orders.model import (
    Activation,
    Condition,
    Order,
    OrderFile,
    OrderVersion,
    Part,
    Person,
    Place,
)
from milepost.orders.read_at_once import AtOnce, read_sound, read_sound_orders
from milepost.orders.storable_json import make_storable
from milepost.problems import Problem, UnreadableFile

_MOMENT: TypeAdapter[AwareDatetime] = TypeAdapter(AwareDatetime)


def read_order_file(path: str | Path) -> tuple[OrderFile, list[Problem]]:
    """Reads Milepost's own JSON. Returns what could be read, and what was wrong with the rest.

    Raises ``UnreadableFile`` if the file is empty, is not JSON, or is not one JSON object.
    """
    path = Path(path)
    with collection_paused():
        raw, problems = load_json_object(path)
        order_file, more = _parse_storable(raw, Complaints(path.name))
        take_as_old()
    return order_file, [*problems, *more]


def read_orders(path: str | Path) -> tuple[OrderFile, list[Problem]]:
    """Reads Milepost's JSON or the ministry's create-an-order JSON, whichever the file holds.

    Raises ``UnreadableFile`` as ``read_order_file`` does, and if the file is of neither kind.
    """
    path = Path(path)
    with collection_paused():
        raw, problems = load_json_object(path, allow_list=True)
        if looks_like_cemo(raw):
            order_file, more = parse_cemo(raw, path.name)
        elif isinstance(raw, list):
            raise UnreadableFile(refuse(path.name, "the file is a list, not an order file", START_WITH))
        else:
            order_file, more = _parse_storable(raw, Complaints(path.name))
        take_as_old()
    return order_file, [*problems, *more]


def parse_order_file(raw: dict[str, Any], source: str) -> tuple[OrderFile, list[Problem]]:
    """As ``read_order_file``, from parsed JSON. ``source`` is the name that problems give the file."""
    complaints = Complaints(source)
    return _parse_storable(make_storable(raw, complaints), complaints)


def _parse_storable(raw: dict[str, Any], complaints: Complaints) -> tuple[OrderFile, list[Problem]]:
    number = raw.get("milepost", 1)
    if type(number) is not int or number != 1:
        raise UnreadableFile(
            Problem(complaints.source, None, "milepost", "is not a version of the format that this Milepost reads",
                    "Use version 1, or a newer Milepost", value=repr(number)[:80])
        )  # fmt: skip
    if not raw.keys() & {"milepost", "people", "activations", "orders"}:
        raise UnreadableFile(refuse(complaints.source, "is JSON, but no order file", START_WITH))
    lists = ("people", "activations", "orders")
    order_file = OrderFile.model_validate({key: value for key, value in raw.items() if key not in lists})
    complaints.rows_of(order_file)
    order_file.people = _read_many(raw, "people", complaints, _reader(Person), read_sound(Person))
    order_file.activations = _read_many(
        raw, "activations", complaints, _reader(Activation), read_sound(Activation)
    )
    order_file.orders = _read_many(raw, "orders", complaints, _read_order, read_sound_orders)
    _drop_same_id(order_file.people, "people", "person", complaints)
    _drop_same_id(order_file.activations, "activations", "activation", complaints)
    _drop_same_id(order_file.orders, "orders", "order", complaints)
    warn_of_unknown_fields(order_file, complaints)
    warn_of_unknown_references(order_file, complaints)
    return order_file, complaints.problems


type Reader[P] = Callable[[Any, str, Complaints], P | None]


def _read_list[P: Part](
    raw: dict[str, Any], key: str, path: str, complaints: Complaints, read: Reader[P]
) -> list[P]:
    """Reads each item; those that cannot be read are left out. Remembers the row each came from."""
    items = raw.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        complaints.add(path or None, key, "is not a list", "Put it in square brackets", items)
        return []
    good: list[P] = []
    for number, item in enumerate(items):
        row = f"{path}.{key}[{number}]".lstrip(".")
        part = read(item, row, complaints)
        if part is not None:
            complaints.remember(part, row)
            good.append(part)
    return good


def _read_many[P: Part](
    raw: dict[str, Any],
    key: str,
    complaints: Complaints,
    read: Reader[P],
    read_at_once: Callable[[list[Any]], list[AtOnce[P] | None]],
) -> list[P]:
    """As ``_read_list`` for a list of the file itself, whose sound items are read at once.

    Where such an item came from is remembered only if others were left out: else it is where it was.
    """
    items = raw.get(key)
    if not isinstance(items, list):
        return _read_list(raw, key, "", complaints, read)
    at_once = read_at_once(items)
    good: list[P] = []
    for number, (item, found) in enumerate(zip(items, at_once, strict=True)):
        if found is not None and found.all_known:
            good.append(found.part)
            continue
        row = f"{key}[{number}]"
        part = read(item, row, complaints) if found is None else found.part
        if part is not None:
            complaints.remember(part, row, all_known=False)
            good.append(part)
    if len(good) < len(items):
        for number, found in enumerate(at_once):
            if found is not None and found.all_known:
                complaints.remember(found.part, f"{key}[{number}]")
    return good


def _reader[P: Part](kind: type[P], check: Callable[[P, str, Complaints], bool] | None = None) -> Reader[P]:
    def read(item: Any, row: str, complaints: Complaints) -> P | None:
        try:
            part = kind.model_validate(item)
        except ValidationError as error:
            complaints.add_validation_error(row, error, item)
            return None
        return part if check is None or check(part, row, complaints) else None

    return read


def _read_order(item: Any, row: str, complaints: Complaints) -> Order | None:
    if not isinstance(item, dict):
        return _reader(Order)(item, row, complaints)
    if "versions" not in item:
        complaints.add(row, "versions", "is missing; the order was left out", "Give the order its versions")
        return None
    order = _reader(Order)({**item, "versions": []}, row, complaints)
    if order is None:
        return None
    before = complaints.n_lost_starts
    order.versions = _read_list(item, "versions", row, complaints, _read_version)
    if complaints.n_lost_starts > before:
        complaints.add(
            row, "versions", "the order was left out: it is not known when one of its versions took effect",
            "Mend the version named above",
        )  # fmt: skip
        return None
    for version in order.versions:
        path = complaints.row_of(version, row)
        _drop_same_id(version.conditions, f"{path}.conditions", "condition", complaints)
        _drop_same_id(version.places, f"{path}.places", "place", complaints)
    return order


def _read_version(item: Any, row: str, complaints: Complaints) -> OrderVersion | None:
    parts = ("places", "conditions")
    shell = {k: v for k, v in item.items() if k not in parts} if isinstance(item, dict) else item
    try:
        version = OrderVersion.model_validate(shell)
    except ValidationError as error:
        complaints.add_validation_error(row, error, item)
        return _keep_start_only(item, row, complaints)
    version.places = _read_list(item, "places", row, complaints, _reader(Place, check_place))
    version.conditions = _read_list(item, "conditions", row, complaints, _reader(Condition, check_condition))
    return version


def _keep_start_only(item: Any, row: str, complaints: Complaints) -> OrderVersion | None:
    """An empty version in place of a bad one, so that the terms before it do not run on."""
    try:
        effective = _MOMENT.validate_python(item["effective_from_utc"])
    except (ValidationError, KeyError, TypeError, IndexError):
        complaints.n_lost_starts += 1
        return None
    number = item.get("version")
    number = number if isinstance(number, int) and number >= 1 else complaints.row_number(row) + 1
    complaints.add(
        row, None, "this version is read as empty: from when it took effect nothing is judged",
        "Mend the field named above", severity="warning",
    )  # fmt: skip
    return OrderVersion(version=number, effective_from_utc=effective)


def _drop_same_id(parts: list[Any], path: str, word: str, complaints: Complaints) -> None:
    """Of two parts with one id the first stays."""
    seen: set[str] = set()
    kept: list[Any] = []
    for part in parts:
        if part.id in seen:
            complaints.add(complaints.row_of(part, path), "id",
                           f"another {word} has the same id; this one was left out",
                           "Give each its own id", part.id)  # fmt: skip
        else:
            seen.add(part.id)
            kept.append(part)
    parts[:] = kept
