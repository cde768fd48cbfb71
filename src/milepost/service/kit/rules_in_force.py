"""The rule tables of this service, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from milepost.compliance.rule_tables import ILLUSTRATIVE, RuleSet, read_rules
from milepost.record_subjects import register_rooms


@cache
def _read(path: str) -> RuleSet:
    return read_rules(Path(path) if path else ILLUSTRATIVE)


def register_records() -> None:
    """Makes the rule tables in force known to the records of algorithms."""
    register_rooms(Path(settings.RULES) if settings.RULES else None)


def rules_in_force() -> RuleSet:
    """Raises UnreadableFile: a table is wrong; it is never used in part."""
    return _read(settings.RULES)
