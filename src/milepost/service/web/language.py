"""The library speaks the language of the page: Django's translations, and numbers and dates as pages write them."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from milepost.risk.language import Language
from milepost.service.web.formats import local_date, number

LANGUAGE = Language(gettext, ngettext, number, date=local_date)
"""Of whatever page is being made: each of its functions asks for the language when it is called."""
