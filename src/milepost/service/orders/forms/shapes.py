"""Where: a circle, or GeoJSON that was drawn or pasted. The same readers and checks as the command line's."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from milepost.orders.write import to_plain
from milepost.orders.zones_geojson import parse_zones
from milepost.problems import UnreadableFile
from milepost.service.web.forms import Form

LONGEST_GEOJSON = 500_000


class ShapeForm(Form):
    """Asks for a shape; ``shape()`` gives ``circle`` and ``geometry`` as an order keeps them."""

    latitude = forms.FloatField(label=_("Latitude"), required=False, help_text=_("Degrees, such as 53.70000"),
                                widget=forms.TextInput(attrs={"width": "10", "inputmode": "text"}))  # fmt: skip
    longitude = forms.FloatField(
        label=_("Longitude"), required=False, help_text=_("Degrees; west of Greenwich has a minus, such as -1.54321"),
        widget=forms.TextInput(attrs={"width": "10", "inputmode": "text"}),
    )  # fmt: skip
    radius_m = forms.FloatField(label=_("Radius in metres"), required=False, min_value=1, max_value=500_000,
                                widget=forms.TextInput(attrs={"width": "5"}))  # fmt: skip
    geojson = forms.CharField(
        label=_("The area as GeoJSON"), required=False, strip=True, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Draw it on the map, or paste a Polygon, a MultiPolygon or a Point with radius_m"),
    )  # fmt: skip

    @staticmethod
    def shape_initial(part: dict[str, Any]) -> dict[str, Any]:
        circle, geometry = part.get("circle") or {}, part.get("geometry")
        return {
            "latitude": circle.get("lat"), "longitude": circle.get("lon"), "radius_m": circle.get("radius_m"),
            "geojson": json.dumps(geometry) if geometry else "",
        }  # fmt: skip

    def clean_latitude(self) -> float | None:
        return self._degrees("latitude", 90)

    def clean_longitude(self) -> float | None:
        return self._degrees("longitude", 180)

    def _degrees(self, name: str, most: int) -> float | None:
        value: float | None = self.cleaned_data[name]
        if value is not None and abs(value) > most:
            raise forms.ValidationError(
                _("Degrees are between -%(most)s and %(most)s. Are latitude and longitude exchanged?"),
                params={"most": most},
            )
        return value

    def clean_geojson(self) -> dict[str, Any] | None:
        """``{"circle": ...}`` or ``{"geometry": ...}``; None where nothing was given."""
        text = self.cleaned_data["geojson"]
        if not text:
            return None
        if len(text) > LONGEST_GEOJSON:
            raise forms.ValidationError(_("The area has too many corners. Simplify it first."))
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("This is not JSON. Copy all of it.")) from None
        return read_shape(raw)

    def circle(self, before: dict[str, Any]) -> dict[str, Any] | None:
        data = self.cleaned_data
        given = [data.get("latitude"), data.get("longitude"), data.get("radius_m")]
        if any(value is None for value in given):
            return None
        return {**(before.get("circle") or {}), "lat": given[0], "lon": given[1], "radius_m": given[2]}

    def need_circle(self, cleaned: dict[str, Any]) -> None:
        for name in ("latitude", "longitude", "radius_m"):
            if cleaned.get(name) is None and name not in self.errors:
                self.add_error(name, _("Enter a number"))

    def shape(self, before: dict[str, Any]) -> dict[str, Any]:
        """``circle`` and ``geometry``; the GeoJSON wins where both are given."""
        drawn = self.cleaned_data.get("geojson")
        if drawn:
            return {"circle": drawn.get("circle"), "geometry": drawn.get("geometry")}
        return {"circle": self.circle(before), "geometry": None}


def read_shape(raw: Any) -> dict[str, Any]:
    """A feature, a collection of one feature, or a bare geometry. Raises ``ValidationError`` with the remedy."""
    if isinstance(raw, dict) and raw.get("type") not in ("Feature", "FeatureCollection"):
        raw = {"type": "Feature", "geometry": raw, "properties": {}}
    features = raw.get("features") if isinstance(raw, dict) and "features" in raw else [raw]
    if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], dict):
        raise forms.ValidationError(_now("Give one area. Add the others as zones of their own."))
    properties = features[0].get("properties")
    properties = properties if isinstance(properties, dict) else {}
    feature = {**features[0], "type": "Feature", "properties": {**properties, "name": "zone"}}
    try:
        zones, problems = parse_zones(feature, "GeoJSON")
    except UnreadableFile as error:
        raise forms.ValidationError(f"{error.problem.message}. {error.problem.remedy}") from None
    if not zones:
        words = "; ".join(f"{p.message}. {p.remedy}" for p in problems)
        raise forms.ValidationError(words.replace("feature 1 (zone): ", "").replace("; it was left out", ""))
    zone = zones[0]
    return {"circle": to_plain(zone.circle)} if zone.circle else {"geometry": to_plain(zone.geometry)}
