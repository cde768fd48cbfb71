"""The questions of a strengths and needs assessment, read from ``risk/data/needs/*.toml``.

Which sections and options there are, and what an option means for the instruments, follows the Ministry of
Justice's strengths and needs service (``data/needs/sections.toml`` names version and commit). The words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from milepost.risk.data_files import fingerprint, load
from milepost.risk.fields import CHOICES, field_table
from milepost.risk.needs.needed import instruments_reading

Kind = Literal["yes_no", "choice", "choices", "number", "date", "text"]
UNKNOWN = "unknown"
"""An answer to any question: it was asked, and nobody knows. A question without an answer was not asked."""

YES_NO = {"yes": ["Yes", "Yes"], "no": ["No", "No"]}
BAND_OPTIONS = {
    "low": ["Low", "Low"],
    "medium": ["Medium", "Medium"],
    "high": ["High", "High"],
    "very_high": ["Very high", "Very high"],
}
FOLDER = "needs/"
MAX_COUNT = 999


@dataclass(frozen=True, slots=True)
class Option:
    """``exclusive``: it cannot be chosen together with another. ``strength``: what good it says, or ""."""

    key: str
    label: str
    plain_label: str
    exclusive: bool = False
    strength: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``plain_label`` asks it of the person under supervision.

    ``options`` of a ``yes_no`` are yes and no. ``changeable``: a plan could change the answer.
    ``required_for``: keys of the instruments that read what this question fills. ``fills``: fields of
    ``risk.fields.Assessment``. ``asked_if``: it makes sense only if one of these questions has one of these
    answers; empty is always. ``minimum`` and ``maximum`` bound a number; ``pattern`` is what a text must match.
    """

    key: str
    label: str
    plain_label: str
    hint: str
    kind: Kind
    options: tuple[Option, ...]
    changeable: bool
    required_for: tuple[str, ...]
    fills: tuple[str, ...]
    asked_if: tuple[tuple[str, tuple[str, ...]], ...] = ()
    minimum: int = 0
    maximum: int = MAX_COUNT
    pattern: str = ""
    may_be_future: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """``it`` is what a sentence to the person calls the area, as in "Does {it} help you?"."""

    key: str
    title: str
    intro: str
    questions: tuple[Question, ...]
    it: str = ""


@cache
def sections() -> tuple[Section, ...]:
    """Every section, in the order of asking. Raises ``ValueError`` for data that contradicts itself."""
    found = tuple(_section(key, raw_section(key)) for key in load(FOLDER + "sections.toml")["order"])
    _check(found)
    return found


@cache
def questions() -> dict[str, Question]:
    """Every question by key, in order."""
    return {question.key: question for section in sections() for question in section.questions}


@cache
def version() -> str:
    """Names the wording and the mapping that an assessment was made with."""
    names = ("sections", *load(FOLDER + "sections.toml")["order"], "levels")
    hashed = fingerprint(*(f"{FOLDER}{name}.toml" for name in names))
    return f"{load(FOLDER + 'sections.toml')['version']} ({hashed})"


def is_relevant(question: Question, answers: Mapping[str, object]) -> bool:
    """Whether the other answers call for this question."""
    return all(is_chosen(answers.get(key), values) for key, values in question.asked_if)


def is_chosen(answer: object, values: tuple[str, ...]) -> bool:
    """Whether an answer is, or has among its choices, one of the values."""
    if isinstance(answer, bool):
        answer = "yes" if answer else "no"
    held = answer if isinstance(answer, list | tuple | set | frozenset) else (answer,)
    return any(value in values for value in held)


@cache
def raw_section(key: str) -> dict[str, Any]:
    """A section's file, with the shared questions added. The mapping reads ``fills`` and ``items`` from it."""
    raw = dict(load(f"{FOLDER}{key}.toml"))
    asked = list(raw["question"])
    if raw.get("shared"):
        asked += [_named(shared, key, raw["it"]) for shared in load(FOLDER + "sections.toml")["shared"]]
    for question in asked:
        if question["key"] in LINKED:
            question["fills"] = {LINKED[question["key"]]: True}
    return {**raw, "question": asked}


LINKED = {
    "accommodation_linked_to_harm": "accommodation_linked_to_risk",
    "relationships_linked_to_harm": "relationships_linked_to_risk",
    "health_linked_to_harm": "emotions_linked_to_risk",
    "thinking_linked_to_harm": "thinking_linked_to_risk",
}
"""OASys 3.98, 6.98, 10.98 and 11.98: the links that a screen reads."""


def _named(shared: dict[str, Any], key: str, it: str) -> dict[str, Any]:
    """A shared question in the words of one section."""
    made = {
        name: value.replace("{key}", key).replace("{it}", it) if isinstance(value, str) else value
        for name, value in shared.items()
    }
    if "asked_if" in shared:
        made["asked_if"] = {f"{key}_{name}": values for name, values in shared["asked_if"].items()}
    return made


def _section(key: str, raw: dict[str, Any]) -> Section:
    asked = tuple(_question(question, raw) for question in raw["question"])
    return Section(key, raw["title"], raw["intro"], asked, raw["it"])


def _question(raw: dict[str, Any], section: dict[str, Any]) -> Question:
    fills = tuple(raw.get("fills", {})) + tuple(DERIVED.get(raw["key"], ()))
    options = _options(raw, section)
    changeable = any(field_table()[name].changeable for name in fills)
    return Question(
        key=raw["key"],
        label=raw["label"],
        plain_label=raw["plain"],
        hint=raw.get("hint", ""),
        kind=raw["kind"],
        options=options,
        changeable=raw.get("changeable", changeable),
        required_for=instruments_reading(fills),
        fills=fills,
        asked_if=tuple((key, tuple(values)) for key, values in raw.get("asked_if", {}).items()),
        minimum=raw.get("min", 0),
        maximum=raw.get("max", MAX_COUNT),
        pattern=raw.get("pattern", ""),
        may_be_future=raw.get("may_be_future", False),
    )


def _options(raw: dict[str, Any], section: dict[str, Any]) -> tuple[Option, ...]:
    if raw.get("options_of") == "drug":
        words = {drug["key"]: [drug["label"], drug["plain"]] for drug in section["drug"]}
    elif raw.get("options_are") == "band":
        words = BAND_OPTIONS
    else:
        words = YES_NO if raw["kind"] == "yes_no" else raw.get("options", {})
    alone, strengths = raw.get("exclusive", ()), raw.get("strengths", {})
    return tuple(
        Option(key, label, plain, key in alone, strengths.get(key, ""))
        for key, (label, plain) in words.items()
    )


DRUG_FIELDS = tuple(drug["field"] for drug in load(FOLDER + "drugs.toml")["drug"] if drug["field"])
DERIVED: dict[str, tuple[str, ...]] = {
    "drug_use": (*DRUG_FIELDS, "drug_motivation", "drug_misuse_current"),
    "drugs_now": (*DRUG_FIELDS, "drug_misuse_current"),
    "alcohol_frequency": ("alcohol_current",),
    "alcohol_units": ("alcohol_current",),
    "learning_problems": ("literacy_problems",),
    "learning_problems_severity": ("literacy_problems",),
    "reliant_on_others": ("financial_reliance",),
    "income": ("financial_reliance",),
    "self_harm": ("self_harm",),
    "suicide": ("self_harm",),
    "living_with": ("partner_status",),
    "current_accommodation": ("partner_status",),
    "important_people": ("partner_status",),
    "domestic_abuse_of": ("domestic_abuse_partner", "domestic_abuse_family"),
    "ever_sexual_offence": ("ever_sexual_offence",),
    "offence_elements": ("ever_sexual_offence",),
    "offence_motivations": ("ever_sexual_offence",),
}
"""Fields that come from several questions together: ``mapping.py`` holds the rules."""


def _check(found: tuple[Section, ...]) -> None:
    """The data must name what exists: kinds, fields, options and other questions."""
    by_key: dict[str, Question] = {}
    for section in found:
        for question in section.questions:
            if question.key in by_key:
                raise ValueError(f"Two questions are called {question.key}.")
            by_key[question.key] = question
            if question.kind not in get_args(Kind):
                raise ValueError(f"{question.key}: there is no kind {question.kind!r}.")
    for section in found:
        for raw in raw_section(section.key)["question"]:
            question = by_key[raw["key"]]
            keys = {option.key for option in question.options}
            named: set[str] = {*raw.get("strengths", {}), *raw.get("exclusive", ())}
            for rule in (*raw.get("fills", {}).values(), *raw.get("items", {}).values()):
                if isinstance(rule, dict):
                    named |= set(rule)
                elif isinstance(rule, str) and rule not in CHOICES:
                    named.add(rule)
            if not named <= keys:
                raise ValueError(f"{question.key} has no option {', '.join(sorted(named - keys))}.")
            for other, values in question.asked_if:
                if other not in by_key or not set(values) <= {o.key for o in by_key[other].options}:
                    raise ValueError(f"{question.key} is asked if {other} is {values}, which cannot be.")
