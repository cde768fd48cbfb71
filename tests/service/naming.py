"""Whom an answer names, and whom the log says it named: asked of the database, not of the service's own net."""

from __future__ import annotations

import html
import re
from typing import Any

from django.db import connection
from django.db.models import Max

from milepost.service.audit.models import Entry, Shown
from milepost.service.people.models import Person


def last_entry() -> int:
    return Entry.objects.aggregate(last=Max("number"))["last"] or 0


def text_of(response: Any) -> str:
    """All of an answer, a stream too; of characters that are written in another way, the characters."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode("utf-8", "replace")
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return html.unescape(text)


def named_in(text: str) -> set[str]:
    """References of the people of the database whose reference or whole name stands in a text."""
    people = Person.objects.values_list("reference", "name")
    return {
        reference
        for reference, name in people
        if any(re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) for value in (reference, name) if value)
    }


def logged_since(number: int) -> set[str]:
    """References of everybody whom an entry after ``number`` names."""
    entries = Entry.objects.filter(number__gt=number)
    shown = Shown.objects.filter(entry__number__gt=number).values_list("reference", flat=True)
    return set(entries.values_list("subject", flat=True)) | set(shown)


def assert_all_are_logged(response: Any, before: int, given: str = "") -> int:
    """Everybody whom the answer names and who was not in the question (``given``) stands in an entry made since.

    Returns how many it names.
    """
    if connection.needs_rollback or str(response.headers.get("Content-Type", "")).startswith(
        "text/event-stream"
    ):
        return 0
    named = named_in(text_of(response)) - named_in(given)
    missing = named - logged_since(before)
    assert not missing, f"names {sorted(missing)} and leaves no entry"
    return len(named)
