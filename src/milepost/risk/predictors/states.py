"""The states of a predictor as data, and what each step asks for. Only a person moves a predictor on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from milepost.risk.predictors.data_files import load


class NotAllowed(Exception):
    """This step may not be taken. The message says why and what would allow it."""


def may_move(
    facts: dict[str, Any],
    to: str,
    *,
    by: str,
    evaluation_hash: str | None,
    at: dt.datetime,
    demonstration: bool,
) -> None:
    """Raises ``NotAllowed`` with the reason. ``facts`` are those of the entry; ``at`` has a time zone."""
    table = load("states")["states"]
    if to not in table:
        raise NotAllowed(f"There is no state {to!r}. There are: {', '.join(table)}.")
    if to not in table[facts["state"]]["to"]:
        allowed = " or ".join(table[facts["state"]]["to"]) or "nothing"
        raise NotAllowed(f"From {facts['state']} it can only become {allowed}, not {to}.")
    if not by.strip():
        raise NotAllowed("Say who does this, by name.")
    if to == "retired":
        return
    if facts["retrospective"]:
        raise NotAllowed(
            "Its study uses what was known only after the index date. It may be measured, and never score anyone."
        )
    if to == "approved":
        _may_approve(facts, by, evaluation_hash, at, demonstration)


def _may_approve(
    facts: dict[str, Any], by: str, evaluation_hash: str | None, at: dt.datetime, demonstration: bool
) -> None:
    if facts["synthetic"] and not demonstration:
        raise NotAllowed(
            "It was trained on synthetic people. It may be shown, and never be approved for use."
        )
    if evaluation_hash != facts["evaluation_hash"]:
        raise NotAllowed(
            f"Name the evaluation that is approved by its hash, {facts['evaluation_hash']}: read it first."
        )
    earlier = {event["by"].strip().casefold() for event in facts["history"]}
    if by.strip().casefold() in earlier:
        raise NotAllowed("Whoever trained it or put it into shadow cannot approve it. Ask a second person.")
    since = dt.datetime.fromisoformat(next(e["at"] for e in facts["history"] if e["to"] == "shadow"))
    days = load("limits")["approve"]["shadow_days"]
    if (at - since).days < days and not demonstration:
        raise NotAllowed(
            f"It has been in shadow for {(at - since).days} days; {days} are asked for (limits.toml, approve)."
        )
