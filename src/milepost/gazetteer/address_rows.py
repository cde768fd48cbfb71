"""Rows of an address file: each an address with its place, or a problem that names the row, the field and the remedy."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from milepost.gazetteer.grid import GREAT_BRITAIN, to_degrees
from milepost.gazetteer.layouts import Layout, layout_of
from milepost.gazetteer.national_postcodes import Postcode
from milepost.gazetteer.postcode import spaced, whole
from milepost.problems import Problem, ProblemList, UnreadableFile

METRES_A_DEGREE = 111_195.0
"""Of a great circle on a sphere of 6,371 km: good enough to tell 50 km from 5."""
BRITAIN = (-9.0, 49.5, 2.1, 61.0)
"""West, south, east, north of the United Kingdom in degrees: a coordinate outside is no place in it."""
LONGEST = 200
QUOTATION = "Is a quotation mark missing in it?"

FindPostcode = Callable[[str], Postcode | None]


@dataclass(frozen=True, slots=True)
class Address:
    text: str
    """As it is shown: "12 Acacia Road, Exampletown, LS1 4AP"."""
    street: str
    town: str
    postcode: str
    """With its space, or empty."""
    lon: float
    lat: float


class _Wrong(Exception):
    def __init__(self, field: str, message: str, remedy: str, value: str | None = None) -> None:
        self.said = field, message, remedy, value


class AddressFile:
    """One pass over a CSV file: ``for address in file``; then ``n_rows`` and ``problems`` say how it went.

    Raises, when it is made:
        UnreadableFile: no file, empty, not text, or not the columns that the layout names.
    """

    def __init__(
        self, path: Path, layout: Layout | None, find_postcode: FindPostcode, furthest_km: float
    ) -> None:
        self.source, self.path, self.n_rows = path.name, path, 0
        self.problems = ProblemList()
        self._find_postcode, self._furthest_m = find_postcode, furthest_km * 1000
        headings = self._headings()
        self.layout = layout or layout_of(headings, self.source)
        twice = [name for name in self.layout.columns() if headings.count(name) > 1]
        if twice:
            remedy = "Take one of them out, or name it otherwise."
            raise UnreadableFile(Problem(self.source, 1, twice[0], "two columns are called so", remedy))
        missing = [name for name in self.layout.columns() if name not in headings]
        if missing:
            remedy = f"The file has {', '.join(headings[:20])}. Correct the column map, or the headings."
            raise UnreadableFile(Problem(self.source, 1, missing[0], "there is no such column", remedy))

    def _headings(self) -> list[str]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                headings = next(csv.reader(file), None)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            remedy = _why_unreadable(error)
            raise UnreadableFile(
                Problem(self.source, None, None, f"cannot be read as CSV: {error}", remedy)
            ) from None
        if not headings:
            raise UnreadableFile(
                Problem(
                    self.source, 1, None, "the file is empty", "Give a line of headings and at least one row."
                )
            )
        if len(headings) == 1 and (mark := next((mark for mark in ";\t|" if mark in headings[0]), "")):
            raise UnreadableFile(
                Problem(
                    self.source, 1, None, f"the columns are parted by {mark!r}", "Save it with commas between columns.",
                )
            )  # fmt: skip
        return [heading.strip() for heading in headings]

    def __iter__(self) -> Iterator[Address]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.DictReader(file, fieldnames=None)
                reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
                for row in reader:
                    self.n_rows += 1
                    try:
                        yield self._read(row)
                    except _Wrong as wrong:
                        field, message, remedy, value = wrong.said
                        if any("\n" in cell for cell in row.values() if isinstance(cell, str)):
                            remedy = f"The row goes on over several lines. {QUOTATION}"
                        self.problems.add(
                            Problem(self.source, reader.line_num, field, message, remedy, value)
                        )
        except (UnicodeDecodeError, csv.Error) as error:
            problem = Problem(
                self.source, self.n_rows + 2, None, f"cannot be read: {error}", _why_unreadable(error)
            )
            raise UnreadableFile(problem) from None
        if not self.n_rows:
            raise UnreadableFile(
                Problem(self.source, 2, None, "there are headings and no row", "Give at least one row.")
            )

    def _read(self, row: dict[str, str | None]) -> Address:
        told = self.layout
        street, town = self._first(row, told.street), self._first(row, told.town)
        postcode = self._postcode(row)
        house = ", ".join(piece for name in told.address if (piece := _tidy(row.get(name))))
        text = house
        if street and street.casefold() not in house.casefold():
            text += f"{' ' if house[-1:].isdigit() else ', '}{street}" if house else street
        for more in (town, postcode):
            if more.casefold() not in text.casefold():
                text += f", {more}"
        if not house and not street:
            raise _Wrong(told.address[0], "there is no address", "Fill it in, or take the row out.")
        lon, lat = self._place(row)
        self._near_its_postcode(row, postcode, lon, lat)
        return Address(text[:LONGEST], street, town, postcode, lon, lat)

    @staticmethod
    def _first(row: dict[str, str | None], names: list[str]) -> str:
        return next((text for name in names if (text := _tidy(row.get(name)))), "")

    def _postcode(self, row: dict[str, str | None]) -> str:
        given = self._first(row, self.layout.postcode)
        if not given:
            return ""
        code = whole(given)
        if code is None:
            raise _Wrong(
                self.layout.postcode[0],
                "is no postcode",
                "Write it as LS1 4AP. Are columns exchanged?",
                given,
            )
        return spaced(code)

    def _place(self, row: dict[str, str | None]) -> tuple[float, float]:
        told = self.layout
        if told.latitude and told.longitude and (_tidy(row.get(told.latitude)) or not told.easting):
            lat, lon = _number(row, told.latitude), _number(row, told.longitude)
            west, south, east, north = BRITAIN
            if not (south <= lat <= north and west <= lon <= east):
                exchanged = south <= lon <= north and west <= lat <= east
                raise _Wrong(
                    told.latitude, "latitude and longitude are exchanged" if exchanged else "is not in the United Kingdom",
                    f"Latitudes are from {south} to {north}, longitudes from {west} to {east}.", f"{lat}, {lon}",
                )  # fmt: skip
            return lon, lat
        east_m, north_m = _number(row, told.easting), _number(row, told.northing)
        grid = GREAT_BRITAIN
        if not (0 <= east_m <= grid.most_east_m and 0 <= north_m <= grid.most_north_m):
            exchanged = 0 <= north_m <= grid.most_east_m and 0 <= east_m <= grid.most_north_m
            raise _Wrong(
                told.easting, "easting and northing are exchanged" if exchanged else "is not on the National Grid",
                f"Eastings are from 0 to {grid.most_east_m:,.0f} m, northings to {grid.most_north_m:,.0f} m.",
                f"{east_m}, {north_m}",
            )  # fmt: skip
        lons, lats = to_degrees(np.array([east_m]), np.array([north_m]))
        return float(lons[0]), float(lats[0])

    def _near_its_postcode(self, row: dict[str, str | None], postcode: str, lon: float, lat: float) -> None:
        known = self._find_postcode(postcode.replace(" ", "")) if postcode else None
        if known is None or known.lon is None or known.lat is None:
            return
        away_m = METRES_A_DEGREE * float(
            np.hypot((known.lon - lon) * np.cos(np.radians(lat)), known.lat - lat)
        )
        if away_m > self._furthest_m:
            told = self.layout
            field = told.latitude if told.latitude and _tidy(row.get(told.latitude)) else told.easting
            raise _Wrong(
                field, f"the place is {away_m / 1000:,.0f} km from the middle of {postcode}",
                "Are two columns exchanged, or is the postcode another's?", f"{lon:.5f}, {lat:.5f}",
            )  # fmt: skip


def _tidy(text: str | None) -> str:
    """One line without signs that cannot be seen: a database refuses some, and others turn what is read around."""
    return "".join(c for c in " ".join((text or "").split()) if c.isprintable())


def _why_unreadable(error: Exception) -> str:
    """The remedy."""
    if isinstance(error, csv.Error):
        return f"Take this row out, or correct it. {QUOTATION}"
    return "Save it as CSV in UTF-8."


def _number(row: dict[str, str | None], name: str) -> float:
    given = _tidy(row.get(name))
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise _Wrong(name, "is not a number", "Write it in figures, such as 53.79650 or 430000.", given)
    return value
