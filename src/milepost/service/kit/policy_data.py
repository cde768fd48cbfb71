"""The policy files of the service, and the words in them in the language of the page.

Each app reads its own in a module ``policy_data``.
"""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from milepost.policy_files import PolicyFile, Strict, TableHead, read_policy_file

__all__ = ["Number", "PolicyFile", "Strict", "TableHead", "Titled", "WholeNumber", "read_policy_file"]


class Number(Strict):
    """One number with its own source."""

    value: float
    unit: str
    source: str


class WholeNumber(Number):
    value: int


class Titled(Strict):
    """A code with its words. ``title_cy`` is for a file of an area's own; without it the catalogue is asked."""

    code: str
    title: str
    title_cy: str = ""

    def __str__(self) -> str:
        if self.title_cy and (get_language() or "").startswith("cy"):
            return self.title_cy
        return gettext(self.title)
