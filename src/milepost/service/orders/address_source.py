"""How the position of a place was come by: kept beside it, and said wherever it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from milepost.gazetteer.search import Found

FIELD = "x_found_by"
"""Beside the circle in an order file: ``kind`` and ``text`` of what was found, and whether the point was moved then."""
STAYED_DEGREES = 2e-6
"""The map writes six places: what is nearer than that was not moved."""


def address_source(found: Found | None, circle: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """None where the position has nothing to do with what was found."""
    if found is None or circle is None:
        return None
    moved = abs(circle["lon"] - found.lon) > STAYED_DEGREES or abs(circle["lat"] - found.lat) > STAYED_DEGREES
    return {"kind": str(found.kind), "text": found.text, "moved": moved}


def address_source_words(part: Any) -> str:
    """A sentence for the page that is checked; "" where nothing was found by a search."""
    told = (part.model_extra or {}).get(FIELD)
    if not isinstance(told, dict):
        return ""
    text = {"text": str(told.get("text", ""))}
    if told.get("moved"):
        return _("Found as %(text)s, then moved on the map.") % text
    if told.get("kind") == "postcode":
        return (
            _("The middle of postcode %(text)s, not a house: check that the circle covers the house.") % text
        )
    if told.get("kind") in ("street", "town"):
        return _("The middle of %(text)s.") % text
    return _("At the address %(text)s.") % text
