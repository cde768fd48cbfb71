"""One search over postcodes and addresses: what was typed in, places out, or why there are none."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from milepost.gazetteer.address_store import FILE, AddressStore, Stored
from milepost.gazetteer.national_postcodes import NationalPostcodes, Postcode
from milepost.gazetteer.postcode import beginning, first_word, inside, spaced, spread, whole


class PlaceKind(StrEnum):
    POSTCODE = "postcode"
    ADDRESS = "address"
    STREET = "street"
    TOWN = "town"


class WhyNone(StrEnum):
    """Why a search found nothing."""

    NOT_A_POSTCODE = "not_a_postcode"
    """It has the form of a postcode, and the directory has none such."""
    NO_PLACE = "no_place"
    """There is such a postcode, and the directory gives no place: Channel Islands, Isle of Man, some large users."""
    NOTHING = "nothing"
    ONLY_POSTCODES = "only_postcodes"
    """Not a postcode, and there is no address file here to look in."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place. Degrees are WGS 84."""

    key: str
    kind: PlaceKind
    text: str
    postcode: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Answer:
    places: Sequence[Found]
    why_none: WhyNone | None = None


class Gazetteer:
    """Safe to share between threads. ``folder`` holds what was made: the postcodes, and an area's addresses if any."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._postcodes: NationalPostcodes | None = None
        self._addresses: tuple[tuple[int, int], AddressStore] | None = None

    @property
    def postcodes(self) -> NationalPostcodes:
        with self._lock:
            if self._postcodes is None:
                self._postcodes = NationalPostcodes.open(self.folder)
            return self._postcodes

    @property
    def addresses(self) -> AddressStore | None:
        """The newest import, opened anew when another has taken its place; None without one."""
        path = self.folder / FILE
        try:
            state = path.stat()
        except FileNotFoundError:
            return None
        stamp = state.st_ino, state.st_mtime_ns
        with self._lock:
            if self._addresses is None or self._addresses[0] != stamp:
                self._addresses = stamp, AddressStore(path)
            return self._addresses[1]

    def find(self, text: str, most: int = 20) -> Answer:
        """Places that the text may mean, at most so many.

        A whole postcode: its addresses, and its middle. The beginning of one: the postcodes that begin so. Anything
        else: addresses, streets and towns with all these words; of an address with a postcode in it, at least that.
        """
        code = whole(text)
        if code is not None:
            return self._of_postcode(code, most)
        addresses = self.addresses
        listed = self._stored(text, most) if addresses else []
        start = beginning(text)
        if start is not None:
            first = first_word(text)
            begun = self.postcodes.beginning_with(start)
            meant = (one for one in begun if first is None or one.code[:-3] == first)
            listed += [_middle(one) for one in islice(meant, most - len(listed))]
        mentioned = inside(text)
        if not listed and mentioned:
            return self._of_postcode(mentioned, most)
        if listed:
            return Answer(listed)
        return Answer([], WhyNone.NOTHING if addresses else WhyNone.ONLY_POSTCODES)

    def get(self, key: str) -> Found | None:
        """The place that a search named so; None after another import, or of a key that was made up."""
        kind, _, rest = key.partition(":")
        if kind == "postcode":
            code = whole(rest)
            found = self.postcodes.find(code) if code else None
            return _middle(found) if found is not None and found.lon is not None else None
        addresses = self.addresses
        stored = addresses.get(rest) if addresses and kind == "row" else None
        return None if stored is None else _row(stored)

    def _of_postcode(self, code: str, most: int) -> Answer:
        known = self.postcodes.find(code)
        listed = [one for one in self._stored(spaced(code), most) if one.postcode == spaced(code)]
        if known is not None and known.lon is not None:
            listed.append(_middle(known))
        if listed:
            return Answer(listed)
        return Answer([], WhyNone.NOT_A_POSTCODE if known is None else WhyNone.NO_PLACE)

    def _stored(self, text: str, most: int) -> list[Found]:
        addresses = self.addresses
        return [_row(one) for one in addresses.find(spread(text), most)] if addresses else []


def _middle(found: Postcode) -> Found:
    assert found.lon is not None
    assert found.lat is not None
    shown = spaced(found.code)
    return Found(f"postcode:{found.code}", PlaceKind.POSTCODE, shown, shown, found.lon, found.lat)


def _row(stored: Stored) -> Found:
    return Found(
        f"row:{stored.key}", PlaceKind(stored.kind), stored.text, stored.postcode, stored.lon, stored.lat
    )
