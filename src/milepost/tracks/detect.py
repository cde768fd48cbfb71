"""Which format a file is in, by its first bytes, and by its name where the bytes leave it open."""

from __future__ import annotations

import json
import re
from pathlib import Path

from milepost.problems import Problem, UnreadableFile

FORMATS = (
    "csv",
    "parquet",
    "arrow",
    "plt",
    "gpx",
    "kml",
    "geojson",
    "mfjson",
    "owntracks",
    "traccar",
    "osmand",
    "overland",
    "google",
    "datainsights",
    "athena",
    "ndjson",
)
"""Names that ``format=`` and ``--format`` accept."""

HEAD_BYTES = 1 << 16
MILEPOST = ("fix", "presence", "device_event")
"""Types of Milepost's own live messages."""
TIMELINE = {"timelinePath", "activity", "visit", "timelineMemory"}
"""What a segment of a phone's Timeline holds."""


def detect(path: Path) -> str:
    """One of ``FORMATS``. Raises ``UnreadableFile`` for an empty file or one of no known kind."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise _unknown(
            path, f"The file cannot be opened ({error.strerror})", "Check the name and rights."
        ) from None
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise _unknown(path, "The file is empty", "Give a file with signals in it.")
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"ARROW1") or (head.startswith(b"\xff\xff\xff\xff") and path.suffix != ".csv"):
        return "arrow"
    if head.startswith(b"PK\x03\x04"):
        message = "This is a zip archive or a spreadsheet's own file"
        raise _unknown(path, message, "Unpack it, or save the sheet as CSV.")
    return _text_kind(path, _decode(head))


def _decode(head: bytes) -> str:
    for mark, encoding in (
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8"),
    ):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace")
    return head.decode("utf-8", "replace")


def _text_kind(path: Path, text: str) -> str:
    start = text.lstrip()
    if start.startswith(("Geolife trajectory", "OziExplorer Track")):
        return "plt"
    if start.startswith("<"):
        root = re.search(r"<(?:\w+:)?(gpx|kml)\b", text)
        if root:
            return root[1]
        if re.match(r"<(?:!doctype )?html\b", start, re.IGNORECASE):
            message = "This is a web page and holds no signals: perhaps a page to sign in"
            raise _unknown(path, message, "Download the file again.")
        raise _unknown(path, "This XML is neither GPX nor KML", "Give GPX or KML.")
    if start.startswith(("{", "[")):
        return json_kind(path, start)
    from milepost.tracks.formats.owntracks_recorder import is_rec  # commands name formats and may read none

    if is_rec(start):
        return "owntracks"
    first = start.split("\n", 1)[0]
    if re.match(r"^(?:(?:GET|POST) )?(?:https?://|/)?\S*\?\S*=", first) or re.match(
        r"^(?:id|deviceid)=[^,;\t]*&", first
    ):
        return "osmand"
    return "csv"


def json_kind(path: Path, text: str) -> str:
    """Which JSON, by the names it uses: the first complete value decides, else the names in view."""
    first = _first_value(text)
    is_list = isinstance(first, list) or text.lstrip().startswith("[")
    if isinstance(first, list):
        first = next((item for item in first if isinstance(item, dict)), None)
    met = set(re.findall(r'"([^"\\]{1,40})"\s*:', text[:HEAD_BYTES]))
    names = set(first) if isinstance(first, dict) else met
    if isinstance(first, dict) and first.get("type") in MILEPOST:
        return "ndjson"
    if "_type" in names or ("data" in names and "_type" in met):
        return "owntracks"
    if "locations" in names and (kind := _kind_of_locations(met)):
        return kind
    if "semanticSegments" in names or (is_list and "startTime" in names and names & TIMELINE):
        return "google"
    if "ResultSet" in names:
        return "athena"
    if (
        names & {"temporalGeometry", "temporalProperties"}
        or '"temporalGeometry"' in text
        or re.search(r'"Moving(?:Geom|Geog)?Point"', text)
    ):
        return "mfjson"
    if '"MovingFeature' in text or '"Trajectory"' in text:
        return "mfjson"
    if re.search(r'"type"\s*:\s*"(?:FeatureCollection|Feature|Point|LineString|MultiPoint)"', text):
        return "geojson"
    if "location" in names or "coords" in names:
        return "osmand"
    if names & {"fixTime", "deviceTime", "serverTime"} or "position" in names or "positions" in names:
        return "traccar"
    if "device_id" in met and re.search(r'"type"\s*:\s*"(?:fix|presence|device_event)"', text):
        return "ndjson"  # its first line is not one of them
    raise _unknown(
        path, "This JSON is of no kind that is known", "Name it to `milepost tracks convert --format`."
    )


def _kind_of_locations(met: set[str]) -> str | None:
    """Three services call their list ``locations``: told apart by what is in it, ``met`` anywhere in view."""
    if met & {"latitudeE7", "longitudeE7"}:
        return "google"
    if "geometry" in met and "properties" in met:
        return "overland"
    return "datainsights" if met & {"gpsDate", "positionId"} else None


def _first_value(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _unknown(path: Path, message: str, remedy: str) -> UnreadableFile:
    return UnreadableFile(Problem(path.name, None, None, message, remedy))
