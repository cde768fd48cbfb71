"""Finding a place on a form: by postcode, address, street or town."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from milepost.gazetteer.postcode import bare, spaced
from milepost.gazetteer.search import Found, Gazetteer, PlaceKind, WhyNone
from milepost.service.web.lookup import Option

SHOWN = 20
HINTS = {
    PlaceKind.POSTCODE: gettext_lazy(
        "The middle of the postcode, not a house. Move the point onto the house."
    ),
    PlaceKind.ADDRESS: gettext_lazy("Address"),
    PlaceKind.STREET: gettext_lazy("The middle of the street"),
    PlaceKind.TOWN: gettext_lazy("The middle of the place"),
}


def gazetteer() -> Gazetteer:
    """Of the folder that the settings name; one for the process."""
    return _of(Path(settings.GAZETTEER))


@lru_cache(maxsize=2)
def _of(folder: Path) -> Gazetteer:
    return Gazetteer(folder)


def address_source() -> str:
    """What the area says of its addresses, for the page that shows them; "" without an address file."""
    addresses = gazetteer().addresses
    return addresses.source if addresses else ""


class PlaceFinder:
    """For ``LookupField``. Nothing is asked outside this machine."""

    @property
    def address(self) -> str:
        return reverse("gazetteer:find")

    def exact(self, text: str) -> Found | None:
        """Never: that the middle of a postcode stands for a house is for somebody to say."""
        return None

    def find(self, text: str) -> list[Option]:
        return [option_of(found) for found in gazetteer().find(text, SHOWN).places]

    def get(self, key: str) -> Found | None:
        return gazetteer().get(key)

    def nothing(self, text: str) -> str:
        return why_none(gazetteer().find(text, SHOWN).why_none, text)


def option_of(found: Found) -> Option:
    more = {
        "lon": round(found.lon, 7),
        "lat": round(found.lat, 7),
        "kind": str(found.kind),
        "text": found.text,
    }
    return Option(found.key, found.text, str(HINTS[found.kind]), more)


def why_none(why: WhyNone | None, text: str) -> str:
    """What to do instead, in a sentence."""
    if why is WhyNone.NOT_A_POSTCODE:
        return _("There is no postcode %(code)s. Check it, or show the place on the map.") % {
            "code": spaced(bare(text))
        }
    if why is WhyNone.NO_PLACE:
        return _(
            "The list of postcodes gives no position for %(code)s: it has none for the Channel Islands, the Isle of Man and "
            "some large organisations. Show the place on the map."
        ) % {"code": spaced(bare(text))}
    if why is WhyNone.ONLY_POSTCODES:
        return _("Only postcodes are known here, such as SW1A 2AA. Type one, or show the place on the map.")
    return _("Nothing was found. Type less of the address, or its postcode, or show the place on the map.")
