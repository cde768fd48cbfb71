"""Where people whom this service knows most likely are. Only used to suspect a mistake, and never to leave anything out."""

from __future__ import annotations

WEST, SOUTH, EAST, NORTH = -9.5, 49.0, 3.0, 61.5
"""The United Kingdom with its waters, degrees."""


def is_likely(lon: float, lat: float) -> bool:
    """Whether a place (degrees, WGS 84) lies there."""
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH
