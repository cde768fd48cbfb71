"""Rules on whether an order makes sense: ends after starts, patterns of weeks, devices, geometry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from milepost.orders.answers import Answer, Subject
from milepost.orders.clock import FAR_FUTURE_US, aware_to_us, end_us, start_us
from milepost.orders.dates_outside import find_dates_outside
from milepost.orders.model import Activation, Condition, ConditionKind, OrderFile
from milepost.orders.places import TargetCache, find_target, place_ids
from milepost.orders.schedules import NEEDS_HOURS, find_condition_span
from milepost.orders.weekly import LONG_RULE, LONG_RULE_REMEDY, find_long_rules


def check_shape(subject: Subject) -> Iterator[Answer]:
    cache = TargetCache()
    for condition in subject.version.conditions:
        yield from _check_ends(subject, condition)
        for outside in find_dates_outside(condition):
            yield subject.answer("date_outside", "warning", f"{condition.id}: {outside.words}.",
                                 outside.remedy, condition.id)  # fmt: skip
        for number, hours in find_long_rules(condition):
            yield subject.answer(
                "weeks_pattern", "warning", f"{condition.id}, rule {number + 1}: {LONG_RULE.format(hours=hours)}.",
                LONG_RULE_REMEDY, condition.id, hours, unit="hours",
            )  # fmt: skip
        yield from _check_weeks_pattern(subject, condition)
        yield from _check_evaluable(subject, condition, cache)
    for absence in subject.version.suspensions:
        if end_us(absence.until, "Europe/London") <= start_us(absence.from_, "Europe/London"):
            yield subject.answer("end_before_start", "error", "A suspension ends before it starts.",
                                 "Correct its dates")  # fmt: skip
    ends = subject.order.ends_utc
    if ends is not None and ends <= subject.version.effective_from_utc:
        yield subject.answer(
            "end_before_start", "warning",
            f"Version {subject.version.version} takes effect when the order has ended.", "Correct the dates",
        )  # fmt: skip


def _check_ends(subject: Subject, condition: Condition) -> Iterator[Answer]:
    begins, ends = find_condition_span(condition)
    if ends <= begins:
        yield subject.answer("end_before_start", "error", f"{condition.id} ends before it starts.",
                             "Correct its dates", condition.id)  # fmt: skip
    for number, absence in enumerate(condition.exceptions, start=1):
        if end_us(absence.until, condition.timezone) <= start_us(absence.from_, condition.timezone):
            yield subject.answer(
                "end_before_start", "error",
                f"Absence {number} of {condition.id} ends before it starts, and lifts nothing.",
                "Correct its times", condition.id,
            )  # fmt: skip


def _check_weeks_pattern(subject: Subject, condition: Condition) -> Iterator[Answer]:
    for rule in condition.schedule or ():
        cycle = rule.weeks_on + rule.weeks_off
        if rule.weeks_offset and (rule.weeks_off == 0 or rule.weeks_offset >= cycle):
            yield subject.answer(
                "weeks_pattern", "warning",
                f"{condition.id}: an offset of {rule.weeks_offset} weeks in a cycle of {cycle} is the "
                f"same as one of {rule.weeks_offset % cycle}.",
                "Check weeks_on, weeks_off and weeks_offset", condition.id, rule.weeks_offset, unit="weeks",
            )  # fmt: skip


def _check_evaluable(subject: Subject, condition: Condition, cache: TargetCache) -> Iterator[Answer]:
    dated = condition.dates or condition.first_night
    if condition.kind in NEEDS_HOURS and not condition.schedule and not dated:
        yield subject.answer("evaluable", "error", f"{condition.id} has no hours, cannot be evaluated.",
                             "Give it a schedule or dates", condition.id)  # fmt: skip
    keys = {place_ids(rule.place) for rule in condition.schedule or ()} or {None}
    for key in sorted(keys, key=str):
        _, reason = find_target(condition, subject.version, key, cache)
        if reason is not None:
            yield subject.answer("evaluable", "error", f"{condition.id}: {reason}.",
                                 "Give the place a circle or a polygon", condition.id)  # fmt: skip


def check_devices(order_file: OrderFile) -> Iterator[Answer]:
    """One device on two people at once, ends before starts, home units without a place, nobody tagged."""
    by_device: dict[str, list[Activation]] = defaultdict(list)
    for activation in order_file.activations:
        by_device[activation.device_id].append(activation)
        if _end_of(activation) <= aware_to_us(activation.from_utc):
            yield Answer("end_before_start", "error", f"Activation {activation.id} ends before it starts.",
                         "Correct its dates", activation.person_id)  # fmt: skip
    for device_id, activations in by_device.items():
        activations.sort(key=lambda a: aware_to_us(a.from_utc))
        latest = activations[0]
        for activation in activations[1:]:
            if aware_to_us(activation.from_utc) < _end_of(latest):
                same = activation.person_id == latest.person_id
                words = "twice at once" if same else f"and {activation.person_id} at once"
                yield Answer(
                    "activation_overlap", "warning" if same else "error",
                    f"Device {device_id} is on {latest.person_id} {words}, "
                    f"by activations {latest.id} and {activation.id}.",
                    "End the earlier activation when the device was taken off", activation.person_id,
                )  # fmt: skip
            latest = max(latest, activation, key=_end_of)
    yield from _check_home_units(order_file)
    worn = {activation.person_id for activation in order_file.activations}
    for order in order_file.orders:
        if order.person_id not in worn:
            yield Answer("activation_missing", "warning",
                         f"Nothing says which device {order.person_id} wore, so no signal can be judged.",
                         "Add an activation", order.person_id, order.id)  # fmt: skip


def _end_of(activation: Activation) -> int:
    return FAR_FUTURE_US if activation.until_utc is None else aware_to_us(activation.until_utc)


def _check_home_units(order_file: OrderFile) -> Iterator[Answer]:
    known: dict[str, set[str]] = defaultdict(set)
    curfew_places: dict[str, set[str]] = defaultdict(set)
    for order in order_file.orders:
        for version in order.versions:
            known[order.person_id].update(place.id for place in version.places)
            for condition in version.conditions:
                if condition.kind is ConditionKind.CURFEW:
                    curfew_places[order.person_id].update(place_ids(condition.place) or ())
                    for rule in condition.schedule or ():
                        curfew_places[order.person_id].update(place_ids(rule.place) or ())
    for unit in order_file.activations:
        if unit.device_kind != "home_unit":
            continue
        person = unit.person_id
        if unit.place is not None and unit.place not in known[person]:
            yield Answer("home_unit_place", "error",
                         f"Home unit {unit.device_id} stands in place {unit.place}, which no order of "
                         f"{person} has.", "Correct the place", person)  # fmt: skip
        elif unit.place is None and len(curfew_places[person]) > 1:
            yield Answer("home_unit_place", "warning",
                         f"Home unit {unit.device_id} has no place, and {person} has "
                         f"{len(curfew_places[person])} curfew places: it speaks for all of them.",
                         "Say in which place it stands", person)  # fmt: skip
