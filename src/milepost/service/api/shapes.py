"""Types that parameters and bodies share: what they accept is what the document says, no more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from milepost.service.api.policy_data import numbers
from milepost.service.api.problems import wrong
from milepost.times import from_us

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_EARLIEST, _LATEST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(2999, 12, 30, tzinfo=dt.UTC)
_DAY = dt.timedelta(days=1)


def _is_text(value: Any) -> Any:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("is no time as RFC 3339 writes it, with its offset: 2025-03-01T18:00:00Z")
    return value


def _in_reach(value: dt.datetime) -> dt.datetime:
    try:
        utc = value.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("is not between 1970 and 2999") from None
    if not _EARLIEST <= utc <= _LATEST:
        raise ValueError("is not between 1970 and 2999")
    return utc


Moment = Annotated[AwareDatetime, BeforeValidator(_is_text), AfterValidator(_in_reach)]
"""An instant with its offset, read and written as RFC 3339, kept in UTC."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def _is_date(value: Any) -> Any:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("is no date as RFC 3339 writes it: 2025-03-01")
    return value


Day = Annotated[dt.date, BeforeValidator(_is_date)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$")
]
"""A reference or a code."""
_NO_CONTROLS = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f]*$"
Words = Annotated[str, StringConstraints(max_length=500, pattern=_NO_CONTROLS)]
LongWords = Annotated[str, StringConstraints(max_length=2000, pattern=_NO_CONTROLS)]
Cursor = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class Asked(BaseModel):
    """A body: an unknown field is an error, so that a misspelt one is not lost."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid")


class Page[Row](Told):
    """Some rows of a list. Ask again with ``cursor`` for those after them."""

    items: list[Row]
    next_cursor: str | None = Field(description="For the next page; null where this is the last")


def check_window(from_utc: dt.datetime, until_utc: dt.datetime, longest_days: int) -> None:
    """Raises ApiProblem: it ends before it begins, or is longer than one request may ask about."""
    if until_utc <= from_utc:
        raise wrong("until_utc", "The window ends before it begins.", "Give a later end.")
    if until_utc - from_utc > longest_days * _DAY:
        raise wrong("until_utc", f"The window is longer than {longest_days} days.", "Ask for it in parts.")


def rows_wanted(limit: int | None) -> int:
    return limit or numbers().pages.rows


def of_us(us: int | None) -> dt.datetime | None:
    return None if us is None else from_us(us)
