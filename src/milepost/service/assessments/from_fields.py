"""From the fields that instruments read back to the questions that fill them: what a record's table says, as answers.

Only where one value of a field can come from one answer alone. Where several answers mean the same to an instrument,
an officer has to say which.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from milepost.risk import needs
from milepost.risk.fields import Assessment, field_table
from milepost.risk.needs.mapping import fields as filled_by
from milepost.risk.needs.questions import raw_section
from milepost.service.assessments.vocabulary import questions

Answers = dict[str, Any]


def answers_from(person: Assessment) -> Answers:
    """Answers by question, as they are kept, for those fields that one question answers alone."""
    found: Answers = {}
    for name in field_table():
        value = getattr(person, name)
        if value is None or name not in one_question():
            continue
        key, by_value = one_question()[name]
        kept = value.isoformat() if isinstance(value, dt.date) else value
        if by_value is not None:
            if value not in by_value:
                continue
            kept = by_value[value]
        found[key] = kept
    for key, options in groups().items():
        values = {name: getattr(person, name) for name in options}
        if None not in values.values():
            chosen = [option for name, option in options.items() if values[name]]
            found[key] = chosen or ["none"]
    return found


@cache
def one_question() -> dict[str, tuple[str, Mapping[Any, str] | None]]:
    """Field to the question that answers it alone, and its values as answers (None: the value is the answer)."""
    found: dict[str, tuple[str, Mapping[Any, str] | None]] = {}
    for question in needs.questions().values():
        if question.key not in questions():
            continue
        for name in question.fills:
            if name in found:
                continue
            if question.kind in ("number", "date", "text") and question.fills == (name,):
                found[name] = (question.key, None)
            elif question.kind in ("yes_no", "choice") and (by_value := _by_value(question, name)):
                found[name] = (question.key, by_value)
    return found


def _by_value(question: needs.Question, name: str) -> dict[Any, str]:
    """Empty if two answers give the same value."""
    found: dict[Any, str] = {}
    room = {key: values[0] for key, values in question.asked_if}
    for option in question.options:
        value = filled_by({**room, question.key: option.key}).get(name)
        if value is None:
            continue
        if value in found:
            return {}
        found[value] = option.key
    return found if len(found) > 1 else {}


@cache
def groups() -> dict[str, dict[str, str]]:
    """Questions of several choices whose every choice, "none" aside, is a field: field to choice."""
    found = {}
    for section in needs.sections():
        for raw in raw_section(section.key)["question"]:
            fills = {name: rule for name, rule in raw.get("fills", {}).items() if isinstance(rule, str)}
            options = set(raw.get("options", {}))
            if raw["kind"] == "choices" and fills and set(fills.values()) == options - {"none"}:
                found[raw["key"]] = fills
    return found


@cache
def columns() -> frozenset[str]:
    """Fields that a table of records may hold, those of the person aside."""
    return frozenset(one_question()) | {name for options in groups().values() for name in options}
