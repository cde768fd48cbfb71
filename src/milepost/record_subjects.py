"""Rule tables and the order of today's work as subjects of records: what the room of records (risk) cannot know itself,
because rooms of the same height do not import each other."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import milepost
from milepost.compliance.rule_tables import ILLUSTRATIVE, Response, RuleSet, RuleTable, Total, read_rules
from milepost.risk.records.facts import Facts, InputFact
from milepost.risk.records.instrument_facts import count_numbers
from milepost.risk.records.subjects import register

RANK_FILE = Path(milepost.__file__).parent / "supervision" / "rank_rule.toml"
SIGNALS = (
    InputFact("position", "Positions of the tag or the phone", missing="time without knowledge, with its cause"),
    InputFact("presence", "Whether the home unit hears the tag", missing="time without knowledge, with its cause"),
    InputFact("device_events", "What devices say of themselves: strap, power, battery", missing="nothing is concluded"),
    InputFact("order", "What the order asks for, and when", missing="nothing is owed, so nothing is found"),
)  # fmt: skip


def register_rooms(rules: Path | None = None) -> None:
    """Makes rule tables (``rules:ID@VERSION``) and the rank (``rank``) known to the records.

    ``rules`` is the file or folder of the tables in force; the illustrative ones if not given.
    """
    folder = rules or ILLUSTRATIVE
    register(
        "rules",
        lambda: [f"rules:{table.name}" for table in _tables(folder).tables],
        lambda key: rule_facts(next(t for t in _tables(folder).tables if f"rules:{t.name}" == key)),
    )
    register("rank", lambda: ["rank"] if RANK_FILE.exists() else [], lambda key: rank_facts(_toml(RANK_FILE)))


@cache
def _tables(path: Path) -> RuleSet:
    return read_rules(path)


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def rule_facts(table: RuleTable) -> Facts:
    """The facts of one rule table, every row of it among them."""
    head, whole = table.table, table.model_dump(mode="json")
    regimes = ", ".join(str(regime).replace("_", " ") for regime in head.regimes)
    task = f"Says which findings from signals become an alert, how urgent, and what to do ({regimes})."
    return Facts(
        key=f"rules:{table.name}",
        kind="rule_table",
        name=f"Rules of monitoring: {head.id}",
        version=f"{head.version}, {head.status}, in force from {head.effective_from}",
        task=task,
        description=task,
        source=head.source_document,
        owner=head.owner,
        data_hash=_hash(whole),
        inputs=SIGNALS,
        outputs=(
            "Alerts at three levels: note, review, urgent; each with what to do and by when.",
            "Running totals of broken time, with and without what was excused.",
        ),
        architecture=(
            "Rules, written as a table. Of the rows that fit a finding the last one counts; with none it is a note.",
            *(_response(row) for row in table.response),
            *(_total(row) for row in table.total),
        ),
        numbers=sum(count_numbers(whole[part]) for part in ("evidence", "response", "total")),
        limits=(
            "It sees signals, not people: it does not know why somebody was late.",
            "No signal says nothing about where a person was.",
        ),
        state=head.status,
        illustrative=head.illustrative,
    )


def _response(row: Response) -> str:
    when = f" from {row.from_minutes:g} minutes" if row.from_minutes else ""
    often = f", {row.repeats} times" if row.repeats > 1 else ""
    within = f" within {row.within_days:g} days" if row.within_days else ""
    clock = f" Act within {row.act_within_minutes} minutes." if row.act_within_minutes is not None else ""
    kinds = ", ".join("any finding" if kind == "*" else kind.replace("_", " ") for kind in row.findings)
    return f"{row.id}: {kinds}{when}{often}{within}: {row.level}. {row.action.rstrip('.')}.{clock}"


def _total(row: Total) -> str:
    limits = "; ".join(f"{limit.minutes:g} minutes: {limit.level}" for limit in row.limits)
    return f"Total {row.id}, over {row.window_days:g} days: {limits}."


def rank_facts(rule: Mapping[str, Any]) -> Facts:
    """The facts of the order of today's work, from its file."""
    head, kinds = rule["table"], rule["kind"]
    task = "Puts today's work in order: who needs somebody first."
    return Facts(
        key="rank",
        kind="rank",
        name=f"Order of today's work: {head['id']}",
        version=f"{head['version']}, from {head['effective_from']}",
        task=task,
        description=f"{task} An event or a deadline puts somebody on the list; a score or a tier alone never does.",
        source=head["source_document"],
        owner=head["owner"],
        data_hash=_hash(rule),
        inputs=(
            *(InputFact(k["code"], k["title"], kind=k["set_by"], missing="not on the list for this") for k in kinds),
            InputFact("tier", "Tier, between people whose time left is the same",
                      missing=f"placed as if {rule['tier']['unknown_as']}"),
        ),
        outputs=("A list in order. Each place says what put it there and what placed it above the next.",),
        architecture=(
            "Rules. The class decides first, then the time left, then the tier. Classes, the most urgent first:",
            *(f"{c['title']}: {c['means']}" for c in rule["class"]),
            *(f"{k['title']}: {k['why']}" for k in kinds),
        ),
        numbers=count_numbers({"tier": rule["tier"], "kind": kinds}),
        limits=("It knows what is recorded. What nobody wrote down is not on the list.",),
        state="published",
        illustrative=bool(head.get("illustrative")),
    )  # fmt: skip
