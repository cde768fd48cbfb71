"""What lies beneath a map, from the settings.

``TILES`` (``MILEPOST_TILES``): path of an area's own ``.pmtiles`` file, or empty.
``STREETS`` (``MILEPOST_STREETS``): path of a GeoJSON file of streets, or empty.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.urls import reverse

BASEMAP = Path(__file__).parent / "static" / "maps" / "basemap.pmtiles"


def area_tiles() -> Path | None:
    return _file(settings.TILES)


def streets() -> Path | None:
    return _file(settings.STREETS)


def tile_files() -> dict[str, Path]:
    """The only files that the tiles' view serves, by the name in its address."""
    files = {"base": BASEMAP}
    area = area_tiles()
    if area is not None:
        files["area"] = area
    return files


def map_addresses() -> dict[str, str]:
    """``base``, ``tiles`` and ``streets``: addresses on this server, empty where the settings name none."""
    return {
        "base": reverse("maps:tiles", args=["base"]),
        "tiles": reverse("maps:tiles", args=["area"]) if area_tiles() else "",
        "streets": reverse("maps:streets") if streets() else "",
    }


def _file(setting: str) -> Path | None:
    return Path(setting) if setting else None
