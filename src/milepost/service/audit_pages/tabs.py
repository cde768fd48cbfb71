"""The tabs of the log's pages: what is exceptional and what people did before all that machines wrote."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

BY_PEOPLE = "by=people"
"""The search for what people did, machines left out: the first page too, which asks for nothing."""
ALL = "by=any"
TABS = (
    (_("What people did"), "audit:search", BY_PEOPLE),
    (_("Exceptional access"), "audit:exceptional", ""),
    (_("Worth a look"), "audit:patterns", ""),
    (_("Refused"), "audit:denied", ""),
    (_("All entries"), "audit:search", ALL),
    (_("Is the log intact?"), "audit:status", ""),
)


def tabs(here: str, by: str = "") -> list[dict[str, Any]]:
    """``here``: the view; ``by``: whose entries a search shows."""
    query = "" if here != "audit:search" else BY_PEOPLE if by == "people" else ALL
    return [
        {
            "text": text, "href": reverse(view) + (f"?{asked}" if asked else ""),
            "active": (view, asked) == (here, query),
        }
        for text, view, asked in TABS
    ]  # fmt: skip
