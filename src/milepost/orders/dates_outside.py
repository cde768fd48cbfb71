"""Single dates of a condition that lie outside the time it runs: each is named, so that none is lost unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from milepost.orders.clock import FAR_FUTURE_US, FAR_PAST_US, us_to_local
from milepost.orders.model import Condition
from milepost.orders.schedules import find_condition_span, find_early_first_night


class DateOutside(NamedTuple):
    field: str
    words: str
    """What is wrong and what is made of it."""
    remedy: str


def find_dates_outside(condition: Condition) -> Iterator[DateOutside]:
    """The first night and the single dates before the condition's ``from`` or after its ``until``."""
    begins_us, ends_us = (max(FAR_PAST_US, min(FAR_FUTURE_US, us)) for us in find_condition_span(condition))
    first_day = us_to_local(begins_us, condition.timezone).date()
    last_day = us_to_local(ends_us - 1, condition.timezone).date()
    begins = f"{first_day:%d %B %Y}"
    night = condition.first_night
    if night is not None and find_early_first_night(condition) is not None:
        yield DateOutside(
            "first_night",
            f"the first night, {night.date:%d %B %Y}, is before the start of {condition.id} on {begins}: "
            "that night is owed, and nothing between the two",
            "Correct the date of the first night or of the start if that is not what was ordered",
        )
    elif night is not None and night.date > last_day:
        yield DateOutside(
            "first_night",
            f"the first night, {night.date:%d %B %Y}, is after the end of {condition.id}: nothing is owed on it",
            "Correct the date of the first night or the end",
        )
    for number, dated in enumerate(condition.dates or ()):
        after = dated.date > last_day
        if after or dated.date < first_day:
            where = "after the end" if after else f"before the start (on {begins})"
            yield DateOutside(
                f"dates[{number}]",
                f"{dated.date:%d %B %Y} is {where} of {condition.id}: nothing is owed on it",
                "Correct the date, or from when until when the condition runs",
            )
