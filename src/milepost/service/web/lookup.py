"""A field in which somebody types what they know of a thing, and picks it from what was found.

With scripts the box lists what fits as one types (an ARIA combobox, ``lookup.js``). Without, the form is sent, and where
several things fit the page asks which, with radio buttons in the same form: nothing else that was filled in is lost.
Nothing is picked for anybody: only what was named whole (``exact``) is taken without asking.

    class StartForm(Form):
        person = LookupField(label=_("Who is it about?"))

        def __init__(self, *args, user, **kwargs):
            super().__init__(*args, **kwargs)
            self.fields["person"].look_in(PeopleFinder(user))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django import forms
from django.core.exceptions import ValidationError
from django.http import JsonResponse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

LONGEST = 200
AT_LEAST = 2
"""Letters before the box asks while one types."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that was found. ``hint`` tells it from its namesakes; ``more`` is for the page's scripts."""

    key: str
    text: str
    hint: str = ""
    more: Mapping[str, Any] | None = None


class Finder(Protocol):
    """Where a field looks. Only among what the user may see."""

    address: str
    """Of the list while one types: answers ``?q=`` with ``as_json``."""

    def exact(self, text: str) -> Any | None:
        """The one thing that the text names whole, such as by its reference."""

    def find(self, text: str) -> Sequence[Option]: ...

    def get(self, key: str) -> Any | None:
        """The thing of an option; None if there is none, or no more, or not for this user."""

    def nothing(self, text: str) -> str:
        """What to say where nothing was found; called once for each answer that finds nothing."""


class Typed(NamedTuple):
    """What comes from the form: the text, the option picked, and the text for which options were offered."""

    text: str = ""
    chosen: str = ""
    asked: str = ""


class LookupInput(forms.TextInput):
    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        parts = (data.get(name), data.get(f"{name}-chosen"), data.get(f"{name}-asked"))
        return Typed(*(" ".join(str(part or "").replace("\x00", "").split())[:LONGEST] for part in parts))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data


class LookupField(forms.Field):
    widget = LookupInput
    empty_values = [None, "", Typed()]  # noqa: RUF012 - Django's own way
    default_error_messages = {  # noqa: RUF012 - Django's own way
        "which": _("Select one of those that were found")
    }

    finder: Finder
    options: Sequence[Option] = ()
    """What the page asks about, once the form was checked."""
    chosen: str = ""
    """The key of what was picked, once the form was checked."""

    def look_in(self, finder: Finder) -> None:
        self.finder = finder

    def to_python(self, value: Typed | str | None) -> Any:
        typed = typed_of(value)
        if not typed.text:
            return None
        if typed.chosen and typed.asked == typed.text:
            found = self.finder.get(typed.chosen)
            if found is not None:
                self.chosen = typed.chosen
                return found
        found = self.finder.exact(typed.text)
        if found is not None:
            return found
        self.options = self.finder.find(typed.text)
        if not self.options:
            raise ValidationError(str(self.finder.nothing(typed.text)), code="nothing")
        raise ValidationError(self.error_messages["which"], code="which")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return typed_of(initial).text != typed_of(data).text


def typed_of(value: Typed | str | None) -> Typed:
    return value if isinstance(value, Typed) else Typed(str(value or ""))


def as_json(options: Sequence[Option], nothing: str = "") -> JsonResponse:
    """The answer to the box while one types."""
    said = ngettext("%(n)d found", "%(n)d found", len(options)) % {"n": len(options)}
    return JsonResponse({
        "options": [{"key": o.key, "text": o.text, "hint": o.hint, "more": o.more or {}} for o in options],
        "said": said if options else nothing or _now("Nothing was found"),
    })  # fmt: skip


def lookup_options(field: LookupField, value: Typed | str | None) -> dict[str, Any]:
    """What the macro needs beside the options of a text input."""
    typed = typed_of(value)
    return {
        "source": field.finder.address, "at_least": AT_LEAST, "asked": typed.text if field.options else typed.asked,
        "chosen": field.chosen, "value": typed.text,
        "items": [{"value": o.key, "text": o.text, "hint": {"text": o.hint} if o.hint else None} for o in field.options],
    }  # fmt: skip
