"""One form for each kind of thing in a draft: places, curfews, zones, attendance, the rest."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.gazetteer.finder import PlaceFinder
from milepost.service.orders.address_source import FIELD, address_source
from milepost.service.orders.forms.moments import (
    ConditionSpanForm,
    PlausibleYear,
    span_initial,
    time_field,
)
from milepost.service.orders.forms.shapes import ShapeForm
from milepost.service.web.forms import DateField, Form, LookupField

YEAR = [PlausibleYear()]
Part = dict[str, Any]


def _metres_around(label: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, min_value=1, max_value=500_000,
                            widget=forms.TextInput(attrs={"width": "5"}))  # fmt: skip


class PlaceForm(ShapeForm):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Short, such as Home, or Mother's house")
    )
    find = LookupField(
        label=_("Postcode or address"), required=False,
        help_text=_("Such as SW1A 2AA, or a house and a street. Or show the place on the map below."),
    )  # fmt: skip
    radius_m = _metres_around(_("How many metres around it count as being there?"))
    address = forms.CharField(
        label=_("Address as the order words it"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Leave it empty to take the one that was found"),
    )  # fmt: skip
    field_order = ("name", "find", "radius_m", "address", "latitude", "longitude", "geojson")
    folded: ClassVar[Any] = {
        _("I have coordinates"): ["latitude", "longitude"],
        _("I have the outline as GeoJSON"): ["geojson"],
    }

    def __init__(self, *args: Any, before: Part, name: str = "", **kwargs: Any) -> None:
        initial = {"name": before.get("name") or before.get("id"), "address": before.get("address")}
        initial = {**initial, **self.shape_initial(before)} if before else {"name": name}
        super().__init__(*args, initial=initial, **kwargs)
        self.before = before
        self.fields["find"].look_in(PlaceFinder())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("geojson"):
            return cleaned
        if any(cleaned.get(name) is not None for name in ("latitude", "longitude")):
            self.need_circle(cleaned)
        elif cleaned.get("find") and cleaned.get("radius_m") is None and "radius_m" not in self.errors:
            self.add_error("radius_m", _("Enter how many metres around it count as being there"))
        elif cleaned.get("radius_m") is not None and not cleaned.get("find") and "find" not in self.errors:
            self.add_error("find", _("Enter a postcode or an address, or show the place on the map"))
        return cleaned

    def shape(self, before: Part) -> Part:
        """What was drawn, else coordinates that were written, else what was found: of a place that there is, its own
        coordinates stand in the boxes and are no answer."""
        data = self.cleaned_data
        found = data.get("find")
        if found is None or data.get("geojson") or {"latitude", "longitude"} & set(self.changed_data):
            return super().shape(before)
        return {
            "circle": {"lon": found.lon, "lat": found.lat, "radius_m": data["radius_m"]},
            "geometry": None,
        }

    def changes(self) -> Part:
        found = self.cleaned_data.get("find")
        shape = self.shape(self.before)
        told = address_source(found, shape["circle"])
        if told is None and shape["circle"] == self.before.get("circle"):
            told = self.before.get(FIELD)
        address = self.cleaned_data["address"] or (found.text if found else None)
        return {"name": self.cleaned_data["name"], "address": address, **shape, FIELD: told}


def _ids(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def _one_or_many(ids: list[str]) -> str | list[str] | None:
    return ids[0] if len(ids) == 1 else ids or None


class ConditionForm(ConditionSpanForm):
    """What every condition has; the kinds below add their own."""

    from_date = DateField(label=_("First day"), validators=YEAR)
    from_time = time_field(_("Time on the first day"), hint=_("Leave it empty for the start of the day"))
    until_date = DateField(
        label=_("Last day"),
        required=False,
        validators=YEAR,
        help_text=_("Leave it empty: until the order ends"),
    )
    until_time = time_field(_("Time on the last day"), hint=_("Leave it empty for the end of the day"))
    description = forms.CharField(label=_("More about it"), max_length=1000, required=False,
                                  help_text=_("As the order words it"),
                                  widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    source_document = forms.CharField(label=_("Source document"), max_length=200, required=False)
    field_order: tuple[str, ...] | None = None

    def __init__(self, *args: Any, before: Part, places: list[tuple[str, str]], **kwargs: Any) -> None:
        self.before, self.places = before, places
        self.timezone = before.get("timezone", "Europe/London")
        super().__init__(*args, initial=kwargs.pop("initial", None) or self.initial_of(before), **kwargs)
        for name in ("place", "first_place"):
            if name in self.fields:
                self.fields[name].choices = places  # type: ignore[attr-defined]

    def places_of(self, before: Part) -> list[str]:
        """Those of the condition; of a new one the only place there is."""
        told = _ids(before.get("place"))
        return told or ([self.places[0][0]] if len(self.places) == 1 and "id" not in before else [])

    def initial_of(self, before: Part) -> dict[str, Any]:
        return {
            **span_initial(before, self.timezone),
            "description": before.get("description"), "source_document": before.get("source_document"),
            "purpose": before.get("purpose"),
        }  # fmt: skip

    def changes(self) -> Part:
        data = self.cleaned_data
        changed = {**self.span(), "description": data["description"] or None,
                   "source_document": data["source_document"] or None}  # fmt: skip
        if "purpose" in self.fields:
            changed["purpose"] = data["purpose"] or None
        return changed


class PlacesMixin(forms.Form):
    place = forms.MultipleChoiceField(
        label=_("Where?"), widget=forms.CheckboxSelectMultiple,
        help_text=_("If there are several, being at any of them counts"),
        error_messages={"required": _("Select at least one place. Add it under addresses first.")},
    )  # fmt: skip


class CurfewForm(PlacesMixin, ConditionForm):
    holiday_nation = forms.ChoiceField(
        label=_("Whose public holidays?"),
        choices=[("england_and_wales", _("England and Wales")), ("scotland", _("Scotland")),
                 ("northern_ireland", _("Northern Ireland"))],
    )  # fmt: skip
    first_date = DateField(label=_("First night, if its hours differ"), required=False, validators=YEAR)
    first_from = time_field(_("First night: from"))
    first_until = time_field(_("First night: until"))
    first_place = forms.MultipleChoiceField(label=_("First night: where, if elsewhere"), required=False,
                                            widget=forms.CheckboxSelectMultiple)  # fmt: skip
    field_order = ("place", "from_date", "from_time", "until_date", "until_time", "first_date", "first_from",
                   "first_until", "first_place", "holiday_nation", "description", "source_document")  # fmt: skip

    def initial_of(self, before: Part) -> dict[str, Any]:
        night = before.get("first_night") or {}
        return {
            **super().initial_of(before), "place": self.places_of(before),
            "holiday_nation": before.get("holiday_nation", "england_and_wales"),
            "first_date": _date(night.get("date")), "first_from": night.get("from_time"),
            "first_until": night.get("until_time"), "first_place": _ids(night.get("place")),
        }  # fmt: skip

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        names = ("first_date", "first_from", "first_until")
        if any(cleaned.get(name) for name in names):
            for name in names:
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, _("The first night needs a date, a start and an end"))
        return cleaned

    def changes(self) -> Part:
        data = self.cleaned_data
        night = None
        if data["first_date"]:
            night = {
                **(self.before.get("first_night") or {}), "date": data["first_date"].isoformat(),
                "from_time": f"{data['first_from']:%H:%M}", "until_time": f"{data['first_until']:%H:%M}",
            }  # fmt: skip
            night.pop("place", None)
            if data["first_place"]:
                night["place"] = _one_or_many(data["first_place"])
        nation = data["holiday_nation"]
        told = "holiday_nation" in self.before or nation != "england_and_wales"
        return {**super().changes(), "place": _one_or_many(data["place"]), "first_night": night,
                **({"holiday_nation": nation} if told else {})}  # fmt: skip


def _date(text: str | None) -> Any:
    import datetime as dt

    return dt.date.fromisoformat(text) if text else None


class AttendanceForm(PlacesMixin, ConditionForm):
    purpose = forms.CharField(label=_("What is it for?"), max_length=200, required=False)
    field_order = ("place", "purpose", "from_date", "from_time", "until_date", "until_time", "description",
                   "source_document")  # fmt: skip

    def initial_of(self, before: Part) -> dict[str, Any]:
        return {**super().initial_of(before), "place": self.places_of(before)}

    def changes(self) -> Part:
        return {**super().changes(), "place": _one_or_many(self.cleaned_data["place"])}


class PlainConditionForm(ConditionForm):
    """Alcohol, trail, charge and wear: when, and words."""


class ZoneForm(ShapeForm, ConditionForm):
    kind = forms.ChoiceField(
        label=_("What kind of zone is it?"), widget=forms.RadioSelect,
        choices=[("exclusion_zone", _("Exclusion zone: must not go in")),
                 ("inclusion_zone", _("Inclusion zone: must be in it")),
                 ("restriction_zone", _("Restriction zone: must not leave it"))],
    )  # fmt: skip
    zone_name = forms.CharField(label=_("Name of the zone"), max_length=80, required=False)
    purpose = forms.CharField(label=_("What is it for?"), max_length=200, required=False)
    how = forms.ChoiceField(
        label=_("Where is it?"), widget=forms.RadioSelect,
        choices=[("found", _("Around a postcode or an address")), ("place", _("Around one of the addresses of this order")),
                 ("drawn", _("Drawn on the map below")), ("circle", _("I have coordinates"))],
    )  # fmt: skip
    find = LookupField(label=_("Postcode or address"), required=False,
                       help_text=_("Such as SW1A 2AA, or a house and a street"))  # fmt: skip
    found_m = _metres_around(_("How many metres around it?"))
    around = forms.ChoiceField(label=_("Around which address?"), required=False)
    around_m = _metres_around(_("How many metres around it?"))
    reveals: ClassVar[Any] = {"how": {
        "found": ["find", "found_m"], "place": ["around", "around_m"], "drawn": ["geojson"],
        "circle": ["latitude", "longitude", "radius_m"],
    }}  # fmt: skip
    field_order = ("kind", "zone_name", "purpose", "how", "find", "found_m", "around", "around_m", "geojson", "latitude",
                   "longitude", "radius_m", "from_date", "from_time", "until_date", "until_time", "description",
                   "source_document")  # fmt: skip

    def __init__(self, *args: Any, centres: dict[str, tuple[float, float]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.centres = centres
        self.fields["find"].look_in(PlaceFinder())  # type: ignore[attr-defined]
        names = dict(kwargs["places"])
        self.fields["around"].choices = [("", ""), *((i, names[i]) for i in centres)]  # type: ignore[attr-defined]

    def initial_of(self, before: Part) -> dict[str, Any]:
        how = "drawn" if before.get("geometry") else "circle" if before.get("circle") else "found"
        return {
            **super().initial_of(before), **self.shape_initial(before), "kind": before.get("kind"), "how": how,
            "zone_name": before.get("x_name"),
        }  # fmt: skip

    def shape(self, before: Part) -> Part:
        data = self.cleaned_data
        if data["how"] == "place":
            lon, lat = self.centres[data["around"]]
            return {"circle": {"lon": lon, "lat": lat, "radius_m": data["around_m"]}, "geometry": None}
        if data["how"] == "found":
            centre = data["find"]
            return {
                "circle": {"lon": centre.lon, "lat": centre.lat, "radius_m": data["found_m"]},
                "geometry": None,
            }
        return super().shape(before)

    def changes(self) -> Part:
        data = self.cleaned_data
        shape = self.shape(self.before)
        told = address_source(data["find"], shape["circle"])
        if told is None and shape["circle"] == self.before.get("circle"):
            told = self.before.get(FIELD)
        return {
            **super().changes(),
            "kind": data["kind"],
            "x_name": data["zone_name"] or None,
            **shape,
            FIELD: told,
        }


class AppointmentForm(Form):
    """One dated appointment of an attendance condition."""

    date = DateField(label=_("Day"), validators=YEAR)
    from_clock = time_field(_("From"), required=True)
    until_clock = time_field(_("Until"), required=True)

    def appointment(self) -> Part:
        data = self.cleaned_data
        return {"date": data["date"].isoformat(), "from_time": f"{data['from_clock']:%H:%M}",
                "until_time": f"{data['until_clock']:%H:%M}"}  # fmt: skip
