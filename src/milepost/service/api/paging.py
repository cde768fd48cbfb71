"""Pages by cursor: the place after the last row shown, so that rows that come or go do not shift the next page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from ninja import Query
from pydantic import BeforeValidator, Field

from milepost.service.api.policy_data import numbers
from milepost.service.api.problems import wrong
from milepost.service.api.shapes import Cursor, rows_wanted


def digits(value: Any) -> Any:
    if isinstance(value, str) and not value.isdecimal():
        raise ValueError("is no whole number")
    return value


Limit = Annotated[
    Annotated[int, BeforeValidator(digits), Field(ge=1, le=numbers().pages.rows_at_most)] | None,
    Query(description=f"Rows on a page; {numbers().pages.rows} if not given"),
]
After = Annotated[Cursor | None, Query(description="next_cursor of the page before")]


def pack(place: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def unpack(cursor: str, *kinds: type) -> list[Any]:
    """The place a cursor stands for.

    Raises:
        ApiProblem: it is none of ours.
    """
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fits = isinstance(place, list) and [type(part) for part in place] == list(kinds)
        if fits and all(not isinstance(part, int) or abs(part) < 1 << 62 for part in place):
            return list(place)
    except ValueError:
        pass
    raise wrong("cursor", "This is no cursor of this list.", "Give next_cursor of the page before as it is.")


def page_of(
    rows: QuerySet[Any], by: Sequence[str], cursor: str | None, limit: int | None
) -> tuple[list[Any], str | None]:
    """Some rows in the order of integer columns ``by`` (rising; "-name" falling; the last one unique), and the
    next cursor. One query, however far back the page is."""
    if cursor:
        rows = rows.filter(_after(by, unpack(cursor, *[int] * len(by))))
    wanted = rows_wanted(limit)
    found = list(rows.order_by(*by)[: wanted + 1])
    if len(found) <= wanted:
        return found, None
    last = found[wanted - 1]
    return found[:wanted], pack([getattr(last, name.lstrip("-")) for name in by])


def _after(by: Sequence[str], place: Sequence[int]) -> Q:
    beyond = Q()
    for i, name in enumerate(by):
        same = {other.lstrip("-"): value for other, value in zip(by[:i], place, strict=False)}
        sign = "lt" if name.startswith("-") else "gt"
        beyond |= Q(**same, **{f"{name.lstrip('-')}__{sign}": place[i]})
    return beyond
