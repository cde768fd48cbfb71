"""Coordinates in degrees, minutes and seconds: ``51°30'26.5"N``, ``51 30.441 N``, ``W 0°7'40"``, ``51.5074N``.

The letter must be one of the axis: a latitude that says E or W is no latitude. Minutes and seconds are below
60, and only the last number may have a fraction.
"""

from __future__ import annotations

import re

_FORM = re.compile(
    r"""\s*(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*
    (?P<degrees>\d{1,3}(?:[.,]\d+)?)\s*(?:[°º˚:\s]\s*
    (?:(?P<minutes>\d{1,2}(?:[.,]\d+)?)\s*(?:['’′:\s]\s*
    (?:(?P<seconds>\d{1,2}(?:[.,]\d+)?)\s*(?:"|”|″|''|’’|′′)?\s*)?)?)?)?
    (?P<after>[NSEW])?\s*""",
    re.VERBOSE | re.IGNORECASE,
)
LETTERS = {"lat": "NS", "lon": "EW"}


def parse_dms(text: str, axis: str) -> float | None:
    """Decimal degrees, south and west negative; None if ``text`` is no such coordinate of ``axis``
    ("lat" or "lon"). A plain number is not: it needs a letter, minutes, or a degree sign."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    before, after, sign = found["before"], found["after"], found["sign"]
    letter = (before or after or "").upper()
    minutes, seconds = found["minutes"], found["seconds"]
    if (before and after) or (letter and sign) or not (letter or minutes or re.search("[°º˚]", text)):
        return None
    if letter and letter not in LETTERS.get(axis, ""):
        return None
    said = [part.replace(",", ".") for part in (found["degrees"], minutes, seconds) if part]
    if any("." in part for part in said[:-1]):
        return None
    parts = [float(part) for part in said]
    if any(part >= 60 for part in parts[1:]):
        return None
    value = sum(part / 60**n for n, part in enumerate(parts))
    return -value if letter in ("S", "W") or sign == "-" else value
