"""Reads the order JSON of the ministry's create-an-order service (CEMO API models/Order, OrderVersion).

Such an order has no geometry, no home unit and no tag: places carry an address only, and zones are free
text. Each of these is reported plainly; ``orders.zones_geojson`` can add the geometry. The order as it
came is kept whole under ``x_cemo``. Times without an offset are read as Europe/London.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from milepost.orders.cemo_conditions import VersionReader
from milepost.orders.cemo_values import LONDON, find_regime, parse_date, parse_date_or_time
from milepost.orders.clock import FAR_FUTURE_US, FAR_PAST_US, start_us, us_to_utc
from milepost.orders.complaints import Complaints
from milepost.orders.json_file import load_json_object
from milepost.orders.model import Activation, Order, OrderFile, OrderVersion, Person
from milepost.orders.places import NO_GEOMETRY
from milepost.orders.storable_json import make_storable
from milepost.problems import Problem, UnreadableFile

_PERSON_IDS = (
    "nomisId", "deliusId", "pncId", "prisonNumber", "homeOfficeReferenceNumber",
    "complianceAndEnforcementPersonReference", "courtCaseReferenceNumber",
)  # fmt: skip
_MARKS = {"deviceWearer", "monitoringConditions", "curfewTimeTable", "enforcementZoneConditions"}
"""What only an order with terms has; a label of a version has none of them."""
_ENDING_TYPES = ("REVOCATION", "END_MONITORING")  # a tuple: what is compared may be of any type


def looks_like_cemo(raw: Any) -> bool:
    """Whether parsed JSON is an order, a version or a list of them from create-an-order."""
    if isinstance(raw, list):
        return any(looks_like_cemo(item) for item in raw if isinstance(item, dict))
    if not isinstance(raw, dict) or "milepost" in raw or "orders" in raw:
        return False
    versions = raw.get("versions")
    inner = versions if isinstance(versions, list) else []
    return bool(_MARKS & raw.keys()) or any(isinstance(v, dict) and _MARKS & v.keys() for v in inner)


def read_cemo(path: str | Path, activations: Sequence[Activation] = ()) -> tuple[OrderFile, list[Problem]]:
    """Reads a file of one order, one version, or a list of them.

    ``activations`` says who wore which device where the order does not. Raises ``UnreadableFile``.
    """
    path = Path(path)
    raw, problems = load_json_object(path, allow_list=True)
    if not looks_like_cemo(raw):
        raise UnreadableFile(
            Problem(path.name, None, None, "is not an order of the create-an-order service",
                    "Give the JSON of an order or of one of its versions")
        )  # fmt: skip
    order_file, more = parse_cemo(raw, path.name, activations)
    return order_file, [*problems, *more]


def parse_cemo(
    raw: Any, source: str, activations: Sequence[Activation] = ()
) -> tuple[OrderFile, list[Problem]]:
    """As ``read_cemo``, from parsed JSON. ``source`` is the name that problems give the file."""
    complaints = Complaints(source)
    raw = make_storable(raw, complaints)
    order_file = OrderFile(activations=list(activations))
    items = raw if isinstance(raw, list) else [raw]
    for number, item in enumerate(items):
        row = f"[{number}]" if isinstance(raw, list) else ""
        if not isinstance(item, dict) or not looks_like_cemo(item):
            complaints.add(
                row or None, None, "is not an order; it was left out", "Remove or correct it", item
            )
            continue
        _read_order(item, row, order_file, complaints)
    _report_what_is_missing(order_file, complaints)
    return order_file, complaints.problems


def _read_order(raw: dict[str, Any], row: str, order_file: OrderFile, complaints: Complaints) -> None:
    versions = _find_versions(raw, row, complaints)
    order_id = str(raw.get("id") if "versions" in raw else raw.get("orderId") or raw.get("id") or "order")
    order_id = order_id.strip()
    if order_id in {order.id for order in order_file.orders}:
        complaints.add(row or None, "id", "another order has the same id; this one was left out",
                       "Give all versions of one order under versions", order_id)  # fmt: skip
        return
    read: list[tuple[dict[str, Any], OrderVersion]] = []
    for item, at in versions:
        version = _read_version(item, at, len(versions) > 1, complaints)
        if version is not None:
            read.append((item, version))
    if not read:
        complaints.add(row or None, "versions", "no version of the order can be read; it was left out",
                       "Mend what is named above", order_id)  # fmt: skip
        return
    read.sort(key=lambda pair: (pair[1].effective_from_utc, pair[1].version))
    latest, _ = read[-1]
    regime = find_regime(_mapping(latest, "monitoringConditions"))
    if regime is None:
        complaints.add(row or None, "monitoringConditions.orderType",
                       "does not tell the regime (licence, bail, ...); the order was left out",
                       "Fill in orderType",
                       _mapping(latest, "monitoringConditions").get("orderType"))  # fmt: skip
        return
    person = _read_person(_mapping(latest, "deviceWearer"), order_id, row, complaints)
    if all(known.id != person.id for known in order_file.people):
        order_file.people.append(person)
    order_file.activations.extend(_read_activations(raw, person.id, row, complaints))
    order_file.orders.append(
        Order.model_validate({
            "id": order_id, "person_id": person.id, "regime": regime,
            "ends_utc": _find_end(*read[-1]), "versions": [version for _, version in read], "x_cemo": raw,
        })
    )  # fmt: skip


def _find_versions(raw: dict[str, Any], row: str, complaints: Complaints) -> list[tuple[Any, str]]:
    """The versions, each with the row of its terms.

    An order as the service's own database gives it has the terms of its latest version beside
    ``versions``, and in ``versions`` labels only (number, status, type): that label takes the terms. The
    terms of an earlier label are not in such a file, and it is left out by name.
    """
    given = raw.get("versions")
    if not isinstance(given, list):
        return [(raw, row)]
    paths = [f"{row}.versions[{number}]".lstrip(".") for number in range(len(given))]
    versions = list(zip(given, paths, strict=True))
    beside = {key: value for key, value in raw.items() if key not in ("id", "versions", "activations")}
    if not any(beside.get(mark) for mark in _MARKS):
        return versions
    if not versions:
        return [(beside, row)]
    bare = [n for n, (item, _) in enumerate(versions) if isinstance(item, dict) and not _has_terms(item)]
    latest = max(range(len(versions)), key=lambda n: (_number_of(versions[n][0]), n))
    for n in bare:
        item, path = versions[n]
        if n == latest:
            versions[n] = {**beside, **{key: v for key, v in item.items() if v is not None}}, row
        elif item.get("type") != "REJECTED":
            complaints.add(path, None, "is a label without terms: what it ordered is not in this file, so "
                           "nothing is judged before the version whose terms are here",
                           "Add the earlier version with its conditions, as its own export has them",
                           item.get("versionId"))  # fmt: skip
    return [versions[n] for n in range(len(versions)) if n == latest or n not in bare]


def _has_terms(item: dict[str, Any]) -> bool:
    return any(item.get(mark) for mark in _MARKS)


def _number_of(item: Any) -> int:
    number = item.get("versionId") if isinstance(item, dict) else None
    return number if type(number) is int else -1


def _mapping(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _read_version(item: Any, row: str, one_of_several: bool, complaints: Complaints) -> OrderVersion | None:
    at = row or None
    if not isinstance(item, dict):
        complaints.add(at, None, "is not an object; it was left out", "Correct it", item)
        return None
    if item.get("type") == "REJECTED":
        complaints.add(at, "type", "was replaced before it took effect; it was left out",
                       "Nothing to do", "REJECTED", "warning")  # fmt: skip
        return None
    if item.get("status") in ("IN_PROGRESS", "ERROR"):
        words = "was never submitted" + (
            "; it was left out" if one_of_several else ": a draft, read all the same"
        )
        complaints.add(at, "status", words, "Submit it in create-an-order", item["status"], "warning")
        if one_of_several:
            return None
    reader = VersionReader(item, row, complaints)
    reader.read()
    effective = _find_effective(item, reader)
    if effective is None:
        complaints.add(at, "monitoringConditions.startDate",
                       "nothing says from when this version holds; it was left out",
                       "Fill in the start date")  # fmt: skip
        return None
    number = item.get("versionId")
    return OrderVersion(
        # CEMO counts versions from 0.
        version=number + 1 if isinstance(number, int) and number >= 0 else 1,
        effective_from_utc=effective,
        places=reader.places,
        conditions=reader.conditions,
    )


def _find_effective(item: dict[str, Any], reader: VersionReader) -> dt.datetime | None:
    """A variation holds from its date, a first version from the first of its start dates and its first
    night, which the form lets be earlier than the start of the curfew."""
    try:
        variation = parse_date(_mapping(item, "variationDetails").get("variationDate"))
    except ValueError:
        variation = None
    if variation is not None:
        return _to_utc(start_us(variation, LONDON))
    starts = [start_us(condition.from_, LONDON) for condition in reader.conditions]
    starts += [start_us(c.first_night.date, LONDON) for c in reader.conditions if c.first_night is not None]
    try:
        monitoring = parse_date_or_time(_mapping(item, "monitoringConditions").get("startDate"), is_end=False)
    except ValueError:
        monitoring = None
    if monitoring is not None:
        starts.append(start_us(monitoring, LONDON))
    return _to_utc(min(starts)) if starts else None


def _to_utc(moment_us: int) -> dt.datetime:
    return us_to_utc(max(FAR_PAST_US, min(FAR_FUTURE_US, moment_us)))  # a mistyped year is still a date


def _find_end(latest: dict[str, Any], version: OrderVersion) -> dt.datetime | None:
    """Only a revocation or the end of monitoring ends the order; else each condition ends by itself."""
    return version.effective_from_utc if latest.get("type") in _ENDING_TYPES else None


def _read_person(wearer: dict[str, Any], order_id: str, row: str, complaints: Complaints) -> Person:
    given = [str(wearer[key]).strip() for key in _PERSON_IDS if wearer.get(key)]
    if not given:
        complaints.add(f"{row}.deviceWearer".lstrip("."), "nomisId",
                       "the person has no identifier; the order's own is used",
                       "Fill in an identifier, so that two orders of one person are joined",
                       severity="warning")  # fmt: skip
    names = [wearer.get(key) for key in ("firstName", "middleName", "lastName")]
    fields: dict[str, Any] = {"id": given[0] if given else f"wearer-of-{order_id}"}
    fields["name"] = " ".join(str(name) for name in names if name) or None
    try:
        fields["date_of_birth"] = parse_date(wearer.get("dateOfBirth"))
    except ValueError:
        complaints.add(f"{row}.deviceWearer".lstrip("."), "dateOfBirth", "is not a date; read as unknown",
                       "Write it as 1990-03-01", wearer.get("dateOfBirth"), "warning")  # fmt: skip
    return Person(**fields)


def _read_activations(
    raw: dict[str, Any], person_id: str, row: str, complaints: Complaints
) -> list[Activation]:
    """Activations beside the order, named as in the data-insights service's Device."""
    found: list[Activation] = []
    items = raw.get("activations")
    for number, item in enumerate(items if isinstance(items, list) else []):
        at = f"{row}.activations[{number}]".lstrip(".")
        try:
            until = parse_date_or_time(item.get("deactivationDate"), is_end=True)
            begins = parse_date_or_time(item["activationDate"], is_end=False)
            if begins is None:
                raise ValueError("has no start")
            found.append(Activation(
                id=str(item.get("id") or f"{item['deviceId']}-{number + 1}"),
                device_id=str(item["deviceId"]), person_id=person_id,
                from_utc=_to_utc(start_us(begins, LONDON)),
                until_utc=None if until is None else _to_utc(start_us(until, LONDON)),
            ))  # fmt: skip
        except (AttributeError, KeyError, TypeError, ValueError, ValidationError):
            complaints.add(at, None, "is not an activation; it was left out",
                           "Give deviceId, activationDate and deactivationDate", item)  # fmt: skip
    return found


def _report_what_is_missing(order_file: OrderFile, complaints: Complaints) -> None:
    for order in order_file.orders:
        named = dict.fromkeys(p.id for v in order.versions for p in v.places)
        if named:
            complaints.add(f"order {order.id}", "addresses", f"the address {NO_GEOMETRY}",
                           "Give a GeoJSON file of the places to `milepost orders convert --places`",
                           ", ".join(named), "warning")  # fmt: skip
        if all(activation.person_id != order.person_id for activation in order_file.activations):
            complaints.add(f"order {order.id}", "activations",
                           "nothing says which device the person wore, so no signal can be judged",
                           "Add activations to the converted file", severity="warning")  # fmt: skip
