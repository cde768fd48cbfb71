"""The language in which the library speaks: English, unless the caller brings another.

A sentence is a whole template with named ``{places}``, written where it is said:
``language.say("Think of {base} people.", base=100)``. What cannot stand in such a call (a table of words) is marked
with :func:`to_say` where it is written. ``tools/messages.py`` finds both. The library knows no catalogue of
translations: the service passes its own ``gettext`` and ``ngettext``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

Place = str | float | dt.date


def to_say(message: str) -> str:
    """The same text: marks it for translation where it is written. It is translated where it is said."""
    return message


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence apart from its language, so that a record that was frozen in one is read in another.

    A text in ``places`` is a word that is translated too. A name that ends in ``_on`` is a day as YYYY-MM-DD.
    """

    message: str
    places: Mapping[str, str | float]


def _one_or_many(one: str, many: str, n: int) -> str:
    return one if n == 1 else many


def _number(value: float) -> str:
    return f"{int(value) if value == int(value) else value:,}"


def _decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}"


@lru_cache(maxsize=1024)
def _day(day: dt.date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


@lru_cache(maxsize=1024)
def _short_day(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


@dataclass(frozen=True, slots=True)
class Language:
    """How to speak. ``gettext`` and ``ngettext`` have the signatures of Python's module of that name.

    ``number``, ``percent`` and ``date`` write what stands in a place and is no text: 10000 as "10,000", and in a
    place whose name ends in ``_percent`` 6.9 as "6.90%". The others write a text to put in a place: ``decimal`` a value
    with so many digits after the point ("3.40"), ``clock`` a moment in its own time zone ("19:04"), ``day`` and
    ``short_day`` a day without its year ("Monday 2 March", "Mon 2 Mar").
    """

    gettext: Callable[[str], str] = str
    ngettext: Callable[[str, str, int], str] = _one_or_many
    number: Callable[[float], str] = _number
    percent: Callable[[float], str] = "{:.2f}%".format
    date: Callable[[dt.date], str] = dt.date.isoformat
    decimal: Callable[[float, int], str] = _decimal
    clock: Callable[[dt.datetime], str] = "{:%H:%M}".format
    day: Callable[[dt.date], str] = _day
    short_day: Callable[[dt.date], str] = _short_day

    def say(self, message: str, /, **places: Place) -> str:
        """The sentence with its places filled. A text in a place is already in this language.

        Raises ``KeyError`` for a place that was not given.
        """
        return self._filled(self.gettext(message), places) if message else ""

    def say_n(self, one: str, many: str, n: int, /, **places: Place) -> str:
        """As ``say``, in the form that the language has for ``n``, which is also the place ``{n}``."""
        return self._filled(self.ngettext(one, many, n), {"n": n, **places})

    def of(self, said: Said) -> str:
        """A sentence that was kept apart from its language."""
        places: dict[str, Place] = {}
        for name, value in said.places.items():
            if isinstance(value, str):
                places[name] = dt.date.fromisoformat(value) if name.endswith("_on") else self.say(value)
            else:
                places[name] = value
        return self.say(said.message, **places)

    def remembering(self) -> Language:
        """The same language, which looks each text up once: for a page that says the same in hundreds of rows.

        To be kept no longer than that page: it goes on in the language that it has found.
        """
        return replace(self, gettext=cache(self.gettext), short_day=cache(self.short_day))

    def _filled(self, text: str, places: Mapping[str, Place]) -> str:
        return (
            text.format_map({name: self._shown(name, value) for name, value in places.items()})
            if places
            else text
        )

    def _shown(self, name: str, value: Place) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, dt.date):
            return self.date(value)
        return self.percent(value) if name.endswith("_percent") else self.number(value)


ENGLISH = Language()
