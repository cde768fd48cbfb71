"""Somebody asked for a record that is not there for them.

Whether there is no such record or they may not see it is never asked: the answer, the entry in the log and the
questions to the database are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db import transaction

from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write

WHAT = "record.not_there"
REFERENCE = re.compile(r"(?=.*\d)[\w.:/-]{1,60}")
"""What may be a reference: no space, and a digit. Anything else may be a name, and no name goes into the log."""
EACH = 50
AT_ONCE = 500


def log_unseen(by: Actor, where: str, asked: Iterable[str]) -> None:
    """Writes down that ``by`` asked for these references and got none of them. ``where``: code of the page or call.

    Up to fifty have an entry each, under which a person's own log finds them; of more there is one for 500.
    """
    references = [reference if REFERENCE.fullmatch(reference) else "" for reference in asked]
    if not references:
        return
    with transaction.atomic():
        if len(references) <= EACH:
            for reference in references:
                _entry(by, where, [reference], subject=reference)
            return
        for start in range(0, len(references), AT_ONCE):
            _entry(by, where, references[start : start + AT_ONCE])


def _entry(by: Actor, where: str, asked: Sequence[str], subject: str = "") -> None:
    details = {"where": where, "asked": [reference or "no reference" for reference in asked]}
    write(by=by, operation=Operation.DENIED, what=WHAT, subject=subject, details=details)
