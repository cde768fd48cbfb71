"""Which kind of file of orders or zones this is, by its content."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from milepost.orders.cemo import looks_like_cemo
from milepost.orders.json_file import load_json_object
from milepost.orders.traccar_geofences import is_geofences

Kind = Literal["milepost", "cemo", "geojson", "traccar"]


def find_kind(path: Path) -> Kind:
    """``milepost`` where it is none of the others: its reader says what is wrong.

    Raises ``UnreadableFile`` if the file is empty or is not JSON.
    """
    raw, _ = load_json_object(path, allow_list=True)
    if is_geofences(raw):
        return "traccar"
    if isinstance(raw, dict) and raw.get("type") in ("Feature", "FeatureCollection"):
        return "geojson"
    return "cemo" if looks_like_cemo(raw) else "milepost"
