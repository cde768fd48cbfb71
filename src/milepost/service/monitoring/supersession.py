"""What later signals made of the findings that somebody decided on. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding then and now. ``before`` is None for what was found later, ``now`` for what was withdrawn."""

    what: Literal["same", "changed", "withdrawn", "new"]
    before: Row | None
    now: Row | None

    @property
    def kind(self) -> str:
        row = self.now or self.before
        return str(row["kind"]) if row else ""


def differences(decided: Iterable[Row], current: Iterable[Row], revisions: Iterable[Row]) -> list[Difference]:
    """Pairs what was decided on with what stands now.

    A finding names the one it replaces (``supersedes``), so a chain of revisions leads back to what was decided
    on; where the chain is broken, the same kind under the same obligation is the same finding.

    Args:
        decided: rows of the findings that the decision named.
        current: rows that stand now.
        revisions: every row the incident ever had: the links between the two.
    """
    old = {row["finding_id"]: row for row in decided}
    before_of = {row["finding_id"]: row["supersedes"] for row in revisions}
    left, found = dict(old), []
    unpaired = []
    for row in current:
        root = _root(row["finding_id"], before_of, old)
        if root in left:
            before = left.pop(root)
            what: Literal["same", "changed"] = "same" if root == row["finding_id"] else "changed"
            found.append(Difference(what, before, row))
        else:
            unpaired.append(row)
    for row in unpaired:
        match = next((i for i, before in left.items() if _about(before) == _about(row)), None)
        found.append(
            Difference("new", None, row) if match is None else Difference("changed", left.pop(match), row)
        )
    found += [Difference("withdrawn", before, None) for before in left.values()]
    return sorted(found, key=lambda d: (d.now or d.before or {})["start_utc"])


def _root(finding_id: str, before_of: Mapping[str, str], old: Mapping[str, Row]) -> str:
    seen = set()
    while finding_id not in old and finding_id not in seen and before_of.get(finding_id):
        seen.add(finding_id)
        finding_id = before_of[finding_id]
    return finding_id


def _about(row: Row) -> tuple[Any, ...]:
    return row["kind"], row["order_id"], row["condition_id"], row["obligation_start_utc"]


def total_seconds(rows: Sequence[Row]) -> float:
    return float(sum(row["seconds"] for row in rows))
