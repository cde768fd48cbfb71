"""What changed between two versions of an order, field by field, by ids and not by list positions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from milepost.orders.model import Condition, Order, OrderFile, OrderVersion, Part
from milepost.orders.write import to_plain

_DAY_WORDS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_FIELD_WORDS = {
    "from": "starts",
    "until": "ends",
    "from_time": "starts",
    "until_time": "ends",
    "until_day": "ends on",
    "effective_from_utc": "in force from",
    "place": "place",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs. ``before`` or ``after`` is None where the field was added or taken away."""

    path: str
    before: Any
    after: Any
    words: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def diff_versions(before: OrderVersion, after: OrderVersion) -> list[Change]:
    """The changes from one version to another, the version number and start aside."""
    return _diff_version("", before, after)


def diff_orders(before: OrderFile, after: OrderFile) -> list[Change]:
    """The changes between two files: people, activations, and each version of each order by its number."""
    changes: list[Change] = []
    for name in ("people", "activations"):
        changes += _diff_by_id(name, getattr(before, name), getattr(after, name), name)
    olds, news = _by_id(before.orders), _by_id(after.orders)
    for order_id in dict.fromkeys([*olds, *news]):
        path, old, new = f"orders[{order_id}]", olds.get(order_id), news.get(order_id)
        if old is None or new is None:
            changes.append(_whole(path, f"Order {order_id}", old, new))
        else:
            changes += _diff_order(path, old, new)
    return changes


def _diff_order(path: str, old: Order, new: Order) -> list[Change]:
    changes = _diff_fields(path, f"Order {old.id}", _fields(old, "versions"), _fields(new, "versions"))
    olds, news = ({v.version: v for v in order.versions} for order in (old, new))
    for number in sorted(olds.keys() | news.keys()):
        before, after = olds.get(number), news.get(number)
        at = f"{path}.versions[{number}]"
        if before is None or after is None:
            changes.append(_whole(at, f"Order {old.id}, version {number}", before, after))
            continue
        if before.effective_from_utc != after.effective_from_utc:
            given = {"effective_from_utc": to_plain(before.effective_from_utc)}
            changes += _diff_fields(at, f"Order {old.id}, version {number}", given,
                                    {"effective_from_utc": to_plain(after.effective_from_utc)})  # fmt: skip
        changes += _diff_version(f"{at}.", before, after)
    return changes


def _diff_version(prefix: str, before: OrderVersion, after: OrderVersion) -> list[Change]:
    changes = _diff_fields(
        prefix.rstrip("."), "Version",
        _fields(before, "places", "conditions", "version", "effective_from_utc"),
        _fields(after, "places", "conditions", "version", "effective_from_utc"),
    )  # fmt: skip
    changes += _diff_by_id(f"{prefix}places", before.places, after.places, "place")
    olds, news = _by_id(before.conditions), _by_id(after.conditions)
    for condition_id in dict.fromkeys([*olds, *news]):
        path = f"{prefix}conditions[{condition_id}]"
        old, new = olds.get(condition_id), news.get(condition_id)
        if old is None or new is None:
            present = old or new
            changes.append(_whole(path, _called(present) if present else "", old, new))
        else:
            changes += _diff_condition(path, old, new)
    return changes


def _diff_condition(path: str, old: Condition, new: Condition) -> list[Change]:
    called = _called(new)
    changes = _diff_fields(path, called, _fields(old, "schedule"), _fields(new, "schedule"))
    if (old.schedule is None) != (new.schedule is None):
        words = (
            "has hours now, was always in force" if old.schedule is None else "is always in force, had hours"
        )
        changes.append(Change(f"{path}.schedule", to_plain(old.schedule), to_plain(new.schedule),
                              f"{called}: {words}"))  # fmt: skip
        return changes
    olds, news = _rules_by_day(old), _rules_by_day(new)
    for key in dict.fromkeys([*olds, *news]):
        day, number = key
        at, words = f"{path}.schedule[{day}{f'.{number}' if number else ''}]", f"{called}, {_DAY_WORDS[day]}"
        before, after = olds.get(key), news.get(key)
        if before is None or after is None:
            changes.append(_whole(at, words, before, after, _say_rule(before or after or {})))
        else:
            changes += _diff_fields(at, words, before, after)
    return changes


def _rules_by_day(condition: Condition) -> dict[tuple[str, int], dict[str, Any]]:
    """Rules keyed by the day they start on and, where a day has several, their order by start."""
    keyed: dict[tuple[str, int], dict[str, Any]] = {}
    for rule in sorted(condition.schedule or [], key=lambda rule: rule.from_time):
        number = sum(1 for day, _ in keyed if day == rule.from_day)
        keyed[rule.from_day, number] = _fields(rule, "from_day")
    return keyed


def _by_id(parts: list[Any]) -> dict[str, Any]:
    return {part.id: part for part in parts}


def _diff_by_id(name: str, before: list[Any], after: list[Any], word: str) -> list[Change]:
    olds, news = _by_id(before), _by_id(after)
    changes: list[Change] = []
    for part_id in dict.fromkeys([*olds, *news]):
        old, new = olds.get(part_id), news.get(part_id)
        path, called = f"{name}[{part_id}]", f"{word.capitalize()} {part_id}"
        if old is None or new is None:
            changes.append(_whole(path, called, old, new))
        else:
            changes += _diff_fields(path, called, _fields(old), _fields(new))
    return changes


def _fields(part: Part, *leave_out: str) -> dict[str, Any]:
    """The fields of a part as JSON knows them, defaults included, so that a default is no change."""
    plain = {
        field.alias or name: to_plain(getattr(part, name))
        for name, field in type(part).model_fields.items()
        if name not in leave_out
    }
    return {**plain, **to_plain(part.model_extra or {})}


def _diff_fields(path: str, called: str, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    changes: list[Change] = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old != new:
            words = f"{called}: {_FIELD_WORDS.get(name, name.replace('_', ' '))} {_show(old)} → {_show(new)}"
            changes.append(Change(f"{path}.{name}".lstrip("."), old, new, words))
    return changes


def _whole(path: str, called: str, old: Any, new: Any, detail: str = "") -> Change:
    words = f"{called}: {'added' if old is None else 'taken away'}{f' ({detail})' if detail else ''}"
    return Change(path, to_plain(old), to_plain(new), words)


def _say_rule(rule: dict[str, Any]) -> str:
    return (
        f"{rule.get('from_time')} to {_DAY_WORDS.get(rule.get('until_day', ''), '')} {rule.get('until_time')}"
    )


def _called(condition: Condition) -> str:
    kind = condition.kind.value.replace("_", " ").capitalize()
    return kind if condition.id == condition.kind.value else f"{kind} {condition.id}"


def _show(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict) and "coordinates" in value:
        return "another shape"
    if isinstance(value, dict) and "radius_m" in value:
        return f"{value['radius_m']:g} m around {value.get('lat')}, {value.get('lon')}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."
