"""Writes ``docs/reference/needs-questions.md`` from the questions and what their answers mean.

``python tools/needs_reference.py`` writes it; a test fails while the page is not current.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from milepost.risk.data_files import load
from milepost.risk.fields import CHOICES, field_table
from milepost.risk.needs import Question, Section, questions, sections
from milepost.risk.needs.levels import ITEM_LABELS
from milepost.risk.needs.mapping import ITEMS, RULES
from milepost.risk.needs.questions import FOLDER, raw_section

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "needs-questions.md"
HEAD = """# Questions of an assessment

This page is made from `src/milepost/risk/data/needs/*.toml` by `make reference`, and tested to be current.

Milepost asks a person about their life, not for the fields of an instrument. Each answer fills the fields that
the [instruments](risk-instruments.md) read. Sections, options and their meaning follow the strengths and needs
service of the Ministry of Justice; the words are ours, and each question also has plain words for the person.

* **Unknown is an answer.** It was asked and nobody knows. A question without an answer was not asked. Neither
  becomes "no" or 0: the field stays missing, and each instrument says what it did about that.
* A question may depend on another ("asked if"). An answer that another one rules out is kept but not used.
* Nothing about race, religion, disability or sexuality is part of a score. The one question about a disability
  (difficulty in learning) serves the learning screen, which finds support.

## From Python

```python
import datetime as dt

from milepost.risk import needs
from milepost.risk.score import score

answers = {{
    "setting": "community",
    "offence_code": "12511",
    "conviction_date": "2025-01-31",
    "community_date": "2025-01-31",
    "sanctions": 3,
    "violent_sanctions": 1,
    "age_at_first_sanction": 19,
    "ever_sexual_offence": "no",
    "current_accommodation": "settled",
    "accommodation_suitable": "with_concerns",
    "employment_status": "looking",
    "temper": needs.UNKNOWN,
    "drug_use": "no",
}}
assert needs.check(answers) == []

person = needs.to_assessment(
    answers, date_of_birth=dt.date(1990, 2, 28), sex="male", assessed_on=dt.date(2026, 6, 1)
)
result = score(person, ["arp"])["arp"]
print(result.shown, result.basis, len(result.missing), "answers missing")

levels = needs.need_levels(answers)
home = levels["accommodation"]
print(home.level, "now;", home.at_most, "at most, without", home.missing[0])
print(needs.strengths(answers))
for paragraph in needs.for_person({{"arp": result}}, None, answers, levels)[2:3]:
    for sentence in paragraph.sentences:
        print(sentence.replace(". ", ".\\n"))
```

```text title="prints"
11.64% static 8 answers missing
no_need now; standard at most, without Location of accommodation
['A settled home', 'No drug use, ever']
A new crime: think of 100 people with the same answers as you.
About 12 of them were found guilty of one in the next 2 years.
We call this low.
We used just your record for this.
Some answers are missing.
This is about a group.
It cannot tell what you will do.
```

## Where this differs from the published mapping

Of {cases} published expected values, {same} hold exactly. The others make something of nothing, and here stay missing:

| field | published | here |
|---|---|---|
| Current drug misuse (8.4) | 0 if no question about drugs is answered | missing |
| Self-harm or attempted suicide (10.5) | no, if one of the two questions is no | no only if both are |
| Current psychiatric treatment (10.7) | no, if it is unknown | missing |
| Over-reliance on others (5.5) | 0, if family gives money and nobody asked how much | missing |
| Living with a partner (6.8) | none, if nobody asked; not living together, if nobody asked who lives there | missing |
| Current use of alcohol (9.1) | frequency or units that are missing count 0 | missing unless both are answered |

Three things are our own: use of a drug is one list of the last 6 months instead of three questions for each drug;
ketamine has an option, because an instrument reads it; "record" and "screens" are sections, so that one
assessment fills everything. Evidence of domestic abuse (6.7) is abuse by the person; the published service takes
"evidence", and the ministry's own check of it takes abuse of a partner only.

## How large a need is

A need's score is the sum of its answers (0, 1 or 2; yes is 2). Missing answers add nothing; the page says how high the
level could be with them. Source: {levels}.

| area | answers | standard from | severe from |
|---|---|---|---|
{areas}

With the questions that are asked, attitudes can reach 4, so that "severe" cannot occur there. It is published so.

## Sources

{source}, at {commit}. {licence}.
"""


KINDS = {
    "yes_no": "yes or no",
    "choice": "one choice",
    "choices": "any number of choices",
    "number": "a whole number",
    "date": "a day",
    "text": "text",
}


def render() -> str:
    """The whole page."""
    about, levels = load(FOLDER + "sections.toml"), load(FOLDER + "levels.toml")
    parts = [
        HEAD.format(
            cases=299, same=291, areas="\n".join(_areas(levels["areas"])), source=about["source"],
            commit=about["commit"], licence=about["licence"],
            levels=f"{levels['source']} at {levels['commit'][:7]}",
        )
    ]  # fmt: skip
    for section in sections():
        parts.append("\n".join(_section(section)))
    return "\n".join(parts)


def _areas(areas: dict[str, Any]) -> Iterator[str]:
    thresholds = load("tier.toml")["needs"]
    for key, area in areas.items():
        edges = thresholds[key]
        names = ", ".join(_name(item) for item in area["items"])
        standard, severe = (edges.get(f"san_{word}", edges[word]) for word in ("standard", "severe"))
        yield f"| {area['title']} | {names} | {standard} | {severe} |"


def _name(item: str) -> str:
    if item in ITEM_LABELS:
        return f"{ITEM_LABELS[item]} ({item})"
    info = field_table()[item]
    return f"{info.label} ({info.item})" if info.item else info.label


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}\n\n{section.intro}\n"
    for raw in raw_section(section.key)["question"]:
        question = questions()[raw["key"]]
        yield f"### {question.label}\n"
        yield f"`{question.key}`, {KINDS[question.kind]}. To the person: {question.plain_label}\n"
        if question.asked_if:
            yield f"Asked if {' and '.join(_condition(key, keys) for key, keys in question.asked_if)}.\n"
        if question.options and question.kind != "yes_no":
            yield from (f"* `{option.key}` {option.label}" for option in question.options)
            yield ""
        yield from _meaning(question, raw)


def _condition(key: str, keys: tuple[str, ...]) -> str:
    return f"`{key}` is {' or '.join(f'`{value}`' for value in keys)}"


def _meaning(question: Question, raw: dict[str, Any]) -> Iterator[str]:
    rows = [(name, _rule(name, raw.get("fills", {}).get(name))) for name in question.fills]
    rows += [(item, _rule(item, rule)) for item, rule in raw.get("items", {}).items()]
    if rows:
        yield "| fills | how |\n|---|---|"
        yield from (f"| {_name(name)} | {how} |" for name, how in rows)
        yield ""
    if question.required_for:
        yield f"Read by {', '.join(question.required_for)}.\n"


def _rule(name: str, rule: Any) -> str:
    if rule is None:
        doc = ((RULES.get(name) or ITEMS[name]).__doc__ or "").strip().splitlines()
        return doc[0] if doc else "together with other answers: see `milepost.risk.needs.mapping`"
    if rule is True or rule in (name, *CHOICES):
        return "the answer"
    if isinstance(rule, dict):
        return ", ".join(f"`{key}` is {_value(value)}" for key, value in rule.items())
    return f"`{rule}` is among the answers"


def _value(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
