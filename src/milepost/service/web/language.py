"""The library speaks the language of the page: Django's translations, and numbers and dates as pages write them."""

from __future__ import annotations

import datetime as dt

from django.utils import dateformat
from django.utils.translation import gettext, ngettext

from milepost.language import Language
from milepost.service.web.formats import local_date, number


def _day(day: dt.date) -> str:
    return dateformat.format(day, "l j F")


def _short_day(day: dt.date) -> str:
    return dateformat.format(day, "D j M")


LANGUAGE = Language(gettext, ngettext, number, date=local_date, day=_day, short_day=_short_day)
"""Of whatever page is being made: each of its functions asks for the language when it is called."""
