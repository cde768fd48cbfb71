"""Which GOV.UK or MoJ component shows a form field, and with which options.

Pure: a bound field in, the component's name and its options out. The templates only pass them on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from milepost.service.web.fields import PARTS, DatePartsInput, DatePickerInput
from milepost.service.web.lookup import LookupField, lookup_options

Options = dict[str, Any]
DEFAULT_ROWS = 5
#: attrs of a widget that the component has an option for, or that GOV.UK leaves to the style sheet
NOT_ATTRIBUTES = ("autocomplete", "width", "inline", "multiple", "rows", "cols", "inputmode")


def component(bound: BoundField, heading: bool = False) -> tuple[str, Options]:
    """The component's name and its options, plain data with Django's escaping left to the template.

    `heading` makes the label the page's one heading, for a page that asks one question.
    """
    widget = bound.field.widget
    options = _common(bound)
    if isinstance(widget, forms.HiddenInput):
        return "hidden", {"name": bound.html_name, "value": _text(bound.value()), "id": bound.id_for_label}
    if isinstance(widget, DatePartsInput):
        return "date-input", {**options, **_date_parts(bound), "fieldset": _legend(bound, heading)}
    if isinstance(widget, forms.CheckboxInput):
        return "checkboxes", {**_one_checkbox(bound), **_hint_and_error(bound)}
    if isinstance(widget, forms.CheckboxSelectMultiple):
        chosen = [str(value) for value in bound.value() or []]
        items = _choices(bound, chosen, "checked")
        return "checkboxes", {**options, "items": items, "fieldset": _legend(bound, heading)} | _prefix(bound)
    if isinstance(widget, forms.RadioSelect):
        items = _choices(bound, [_text(bound.value())], "checked")
        few = {"classes": "govuk-radios--inline"} if widget.attrs.get("inline") else {}
        return (
            "radios",
            {**options, "items": items, "fieldset": _legend(bound, heading)} | _prefix(bound) | few,
        )
    options["label"] = _label(bound, heading)
    if isinstance(widget, forms.SelectMultiple):
        raise TypeError(
            f"field [{bound.name}] is a list of several choices: give it the widget CheckboxSelectMultiple"
        )
    if isinstance(widget, forms.Select):
        return "select", {**options, "items": _choices(bound, [_text(bound.value())], "selected")}
    if isinstance(widget, forms.Textarea):
        return _textarea(bound, {**options, "value": _lines(_text(bound.value()))})
    if isinstance(widget, forms.FileInput):
        return "file-upload", {**options, "multiple": bool(widget.attrs.get("multiple"))}
    if isinstance(widget, forms.PasswordInput):
        autocomplete = widget.attrs.get("autocomplete")
        return "password-input", {**options, "autocomplete": autocomplete, **_password_words()}
    if isinstance(bound.field, LookupField):
        return "lookup", {**options, **_input_kind(bound), **lookup_options(bound.field, bound.value())}
    options["value"] = _text(widget.format_value(bound.value()))
    if isinstance(widget, DatePickerInput):
        return "date-picker", {**options, **widget.options}
    return "input", {**options, **_input_kind(bound)}


def _common(bound: BoundField) -> Options:
    attributes = {
        name: value for name, value in bound.field.widget.attrs.items() if name not in NOT_ATTRIBUTES
    }
    options: Options = {
        "id": bound.auto_id,
        "name": bound.html_name,
        "attributes": attributes,
        "disabled": bound.field.disabled,
    }
    return options | _hint_and_error(bound)


def _hint_and_error(bound: BoundField) -> Options:
    said: Options = {}
    if bound.help_text:
        said["hint"] = {"text": str(bound.help_text)}
    if bound.errors:
        said["errorMessage"] = {
            "text": " ".join(str(text) for text in bound.errors),
            "visuallyHiddenText": _("Error"),
        }
    return said


def _label_text(bound: BoundField) -> str:
    asked = bound.field.required or bound.name in getattr(bound.form, "required_when_revealed", set)()
    optional = getattr(bound.form, "mark_optional", True) and not asked
    return _("%(label)s (optional)") % {"label": bound.label} if optional else str(bound.label)


def _label(bound: BoundField, heading: bool) -> Options:
    label: Options = {"text": _label_text(bound)}
    return label | ({"classes": "govuk-label--l", "isPageHeading": True} if heading else {})


def _legend(bound: BoundField, heading: bool) -> Options:
    classes = "govuk-fieldset__legend--l" if heading else "govuk-fieldset__legend--s"
    return {"legend": {"text": _label_text(bound), "classes": classes, "isPageHeading": heading}}


def _prefix(bound: BoundField) -> Options:
    return {"idPrefix": bound.auto_id}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _lines(text: str) -> str:
    """Ends of lines as references: the macros indent what is inside a fieldset, and would indent people's words."""
    return Markup(escape(text.replace("\r\n", "\n")).replace("\n", Markup("&#10;")))


def _choices(bound: BoundField, chosen: list[str], mark: str) -> list[Options]:
    """The choices as items; a lazy hint may be given as ``hints`` of the form: {field: {value: text}}."""
    hints = getattr(bound.form, "hints", {}).get(bound.name, {})
    items: list[Options] = []
    for value, label in _flat(bound.field.choices):  # type: ignore[attr-defined]
        item: Options = {"value": str(value), "text": str(label), mark: str(value) in chosen}
        if str(value) in hints:
            item["hint"] = {"text": str(hints[str(value)])}
        items.append(item)
    return items


def _flat(choices: Iterable[Any]) -> Iterable[tuple[object, object]]:
    for value, label in choices:
        if isinstance(label, str | Promise) or not isinstance(label, Iterable):
            yield ("" if value is None else value), label
        else:
            yield from label


def _one_checkbox(bound: BoundField) -> Options:
    item = {"value": "true", "text": str(bound.label), "checked": bool(bound.value())}
    return {"idPrefix": bound.auto_id, "name": bound.html_name, "items": [item]}


def _textarea(bound: BoundField, options: Options) -> tuple[str, Options]:
    attrs = bound.field.widget.attrs
    django_default = (str(attrs.get("cols")), str(attrs.get("rows"))) == ("40", "10")
    options["rows"] = DEFAULT_ROWS if django_default else int(attrs.get("rows", DEFAULT_ROWS))
    longest = getattr(bound.field, "max_length", None)
    if longest is None:
        return "textarea", options
    # The browser must not cut the text off: people paste, then shorten.
    options["attributes"] = {
        name: value for name, value in options["attributes"].items() if name not in ("maxlength", "minlength")
    }
    return "character-count", {**options, "maxlength": longest, **_counter_words()}


def _counter_words() -> Options:
    """What the counter says, in the page's language: its script knows only English."""
    return {
        "textareaDescriptionText": _("You can enter up to %%{count} characters") % {},
        "charactersUnderLimitText": {
            "one": _("You have %%{count} character remaining") % {},
            "other": _("You have %%{count} characters remaining") % {},
        },
        "charactersAtLimitText": _("You have 0 characters remaining"),
        "charactersOverLimitText": {
            "one": _("You have %%{count} character too many") % {},
            "other": _("You have %%{count} characters too many") % {},
        },
    }


def _password_words() -> Options:
    """What the button beside a password says, in the page's language: its script knows only English."""
    return {
        "showPasswordText": _("Show"),
        "hidePasswordText": _("Hide"),
        "showPasswordAriaLabelText": _("Show password"),
        "hidePasswordAriaLabelText": _("Hide password"),
        "passwordShownAnnouncementText": _("Your password is visible"),
        "passwordHiddenAnnouncementText": _("Your password is hidden"),
    }


def _input_kind(bound: BoundField) -> Options:
    attrs = bound.field.widget.attrs
    kind: Options = {"type": "text", "autocomplete": attrs.get("autocomplete")}
    if isinstance(bound.field, forms.EmailField):
        kind |= {"type": "email", "spellcheck": False}
    elif isinstance(bound.field, forms.FloatField | forms.DecimalField):
        kind |= {"inputmode": "decimal"}
    elif isinstance(bound.field, forms.IntegerField):
        kind |= {"inputmode": "numeric"}
    elif getattr(bound.field.widget, "input_type", "text") in ("tel", "url", "search"):
        kind |= {"type": bound.field.widget.input_type}
    if "inputmode" in attrs:
        kind["inputmode"] = attrs["inputmode"]
    if "width" in attrs:  # 2, 3, 4, 5, 10, 20 or 30 characters
        kind["classes"] = f"govuk-input--width-{attrs['width']}"
    return kind


def _date_parts(bound: BoundField) -> Options:
    values = DatePartsInput.parts(bound.value())
    wrong = wrong_date_parts(bound)
    labels = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    items = []
    for part in PARTS:
        width = "govuk-input--width-4" if part == "year" else "govuk-input--width-2"
        items.append(
            {
                "name": f"{bound.html_name}-{part}",
                "id": f"{bound.auto_id}-{part}",
                "label": labels[part],
                "value": values[part],
                "classes": f"{width} govuk-input--error" if part in wrong else width,
            }
        )
    return {"id": bound.auto_id, "items": items}


def wrong_date_parts(bound: BoundField) -> tuple[str, ...]:
    """Which of the three inputs to mark: those the error names, or all."""
    if not bound.errors:
        return ()
    for error in bound.errors.as_data():
        if error.params and error.params.get("parts"):
            return tuple(error.params["parts"])
    return PARTS
