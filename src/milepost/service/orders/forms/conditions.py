"""One form for each kind of thing in a draft: places, curfews, zones, attendance, the rest."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from milepost.service.orders.forms.moments import (
    ConditionSpanForm,
    PlausibleYear,
    span_initial,
    time_field,
)
from milepost.service.orders.forms.shapes import ShapeForm
from milepost.service.web.forms import DateField, Form

YEAR = [PlausibleYear()]
Part = dict[str, Any]


class PlaceForm(ShapeForm):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Short, such as Home, or Mother's house")
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False,
                              widget=forms.Textarea(attrs={"rows": 3}))  # fmt: skip
    field_order = ("name", "address", "latitude", "longitude", "radius_m", "geojson")

    def __init__(self, *args: Any, before: Part, places: Any = None, **kwargs: Any) -> None:
        initial = {"name": before.get("name") or before.get("id"), "address": before.get("address")}
        super().__init__(*args, initial={**initial, **self.shape_initial(before)} if before else {}, **kwargs)
        self.before = before
        self.fields["geojson"].label = _("Or the outline as GeoJSON")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        given = [cleaned.get(name) for name in ("latitude", "longitude", "radius_m")]
        if not cleaned.get("geojson") and any(value is not None for value in given):
            self.need_circle(cleaned)
        return cleaned

    def changes(self) -> Part:
        address = self.cleaned_data["address"] or None
        return {"name": self.cleaned_data["name"], "address": address, **self.shape(self.before)}


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
        self.before = before
        self.timezone = before.get("timezone", "Europe/London")
        super().__init__(*args, initial=kwargs.pop("initial", None) or self.initial_of(before), **kwargs)
        for name in ("place", "first_place"):
            if name in self.fields:
                self.fields[name].choices = places  # type: ignore[attr-defined]

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
            **super().initial_of(before), "place": _ids(before.get("place")),
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
        return {**super().initial_of(before), "place": _ids(before.get("place"))}

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
        label=_("How is the area given?"), widget=forms.RadioSelect,
        choices=[("circle", _("A circle around a point")), ("place", _("A circle around one of the addresses")),
                 ("drawn", _("Drawn on the map, or pasted as GeoJSON"))],
    )  # fmt: skip
    around = forms.ChoiceField(label=_("Around which address?"), required=False)
    around_m = forms.FloatField(label=_("How many metres around it?"), required=False, min_value=1, max_value=500_000,
                                widget=forms.TextInput(attrs={"width": "5"}))  # fmt: skip
    reveals: ClassVar[Any] = {"how": {"circle": ["latitude", "longitude", "radius_m"], "place": ["around", "around_m"],
                       "drawn": ["geojson"]}}  # fmt: skip
    field_order = ("kind", "zone_name", "purpose", "how", "latitude", "longitude", "radius_m", "around", "around_m",
                   "geojson", "from_date", "from_time", "until_date", "until_time", "description",
                   "source_document")  # fmt: skip

    def __init__(self, *args: Any, centres: dict[str, tuple[float, float]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.centres = centres
        names = dict(kwargs["places"])
        self.fields["around"].choices = [("", ""), *((i, names[i]) for i in centres)]  # type: ignore[attr-defined]

    def initial_of(self, before: Part) -> dict[str, Any]:
        how = "drawn" if before.get("geometry") else "circle" if before.get("circle") else None
        return {
            **super().initial_of(before), **self.shape_initial(before), "kind": before.get("kind"), "how": how,
            "zone_name": before.get("x_name"),
        }  # fmt: skip

    def shape(self, before: Part) -> Part:
        data = self.cleaned_data
        if data["how"] == "place":
            lon, lat = self.centres[data["around"]]
            return {"circle": {"lon": lon, "lat": lat, "radius_m": data["around_m"]}, "geometry": None}
        return super().shape(before)

    def changes(self) -> Part:
        data = self.cleaned_data
        return {**super().changes(), "kind": data["kind"], "x_name": data["zone_name"] or None,
                **self.shape(self.before)}  # fmt: skip


class AppointmentForm(Form):
    """One dated appointment of an attendance condition."""

    date = DateField(label=_("Day"), validators=YEAR)
    from_clock = time_field(_("From"), required=True)
    until_clock = time_field(_("Until"), required=True)

    def appointment(self) -> Part:
        data = self.cleaned_data
        return {"date": data["date"].isoformat(), "from_time": f"{data['from_clock']:%H:%M}",
                "until_time": f"{data['until_clock']:%H:%M}"}  # fmt: skip
