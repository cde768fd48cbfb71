"""The life of an incident as data: what may follow what, by whose hand. Its diagram in the docs is made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from milepost.service.monitoring.models import IncidentState as S


class Step(StrEnum):
    CLAIM = "claim"
    RELEASE = "release"
    HAND_OVER = "hand over"
    DECIDE = "decide"
    DECIDE_WITH_SECOND = "decide, where two are needed"
    CONFIRM = "second person confirms"
    REFUSE = "second person refuses"
    DECIDE_AGAIN = "decide again"
    STILL_STANDS = "decision still stands"
    RISE = "later signals make it worse"
    NOTHING_LEFT = "later signals show nothing"


@dataclass(frozen=True, slots=True)
class Change:
    before: S
    step: Step
    after: S
    by_engine: bool = False


CHANGES = (
    Change(S.OPEN, Step.CLAIM, S.CLAIMED),
    Change(S.OPEN, Step.HAND_OVER, S.CLAIMED),
    Change(S.CLAIMED, Step.HAND_OVER, S.CLAIMED),
    Change(S.CLAIMED, Step.RELEASE, S.OPEN),
    Change(S.OPEN, Step.DECIDE, S.DECIDED),
    Change(S.CLAIMED, Step.DECIDE, S.DECIDED),
    Change(S.OPEN, Step.DECIDE_WITH_SECOND, S.WAITING_FOR_SECOND),
    Change(S.CLAIMED, Step.DECIDE_WITH_SECOND, S.WAITING_FOR_SECOND),
    Change(S.WAITING_FOR_SECOND, Step.CONFIRM, S.DECIDED),
    Change(S.WAITING_FOR_SECOND, Step.REFUSE, S.CLAIMED),
    # The decision that stands goes on standing until a second person has confirmed the new one.
    Change(S.DECIDED, Step.DECIDE_AGAIN, S.DECIDED),
    Change(S.DECIDED, Step.DECIDE_WITH_SECOND, S.DECIDED),
    Change(S.DECIDED, Step.CONFIRM, S.DECIDED),
    Change(S.DECIDED, Step.REFUSE, S.DECIDED),
    Change(S.DECIDED, Step.STILL_STANDS, S.DECIDED),
    Change(S.DECIDED, Step.RISE, S.OPEN, by_engine=True),
    Change(S.OPEN, Step.NOTHING_LEFT, S.CLOSED_BY_ITSELF, by_engine=True),
)
_AFTER = {(c.before, c.step): c.after for c in CHANGES}


def after(state: str, step: Step) -> S | None:
    """The state that follows, or None where the step may not be taken."""
    return _AFTER.get((S(state), step))


def as_mermaid() -> str:
    """The diagram for the docs. A dotted look is not to be had in a state diagram: the engine's steps say so."""
    lines = ["stateDiagram-v2", f"    [*] --> {S.OPEN}: the engine finds something to look at"]
    for change in CHANGES:
        whose = " (engine)" if change.by_engine else ""
        lines.append(f"    {change.before} --> {change.after}: {change.step}{whose}")
    lines += [f"    {S.DECIDED} --> [*]", f"    {S.CLOSED_BY_ITSELF} --> [*]"]
    return "\n".join(lines) + "\n"
