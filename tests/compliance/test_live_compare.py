"""``compare``: from what a database says to what the engine says, after any crash, without doubling or losing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.compliance.identity import identify
from milepost.compliance.live_record import Change, compare
from milepost.compliance.results import FINDINGS

MINUTE_US = 60_000_000


def finding(person: str, kind: str, condition: str, start: int, length: int) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(FINDINGS.names, "")
    row |= {
        "person_id": person, "order_id": f"O-{person}", "condition_id": condition, "kind": kind,
        "obligation_start_utc": None if condition == "" else 0, "start_utc": start * MINUTE_US,
        "end_utc": (start + length) * MINUTE_US, "seconds": length * 60.0, "coverage": 0.1 + length / 7,
        "revision": 1, "supersedes": "",
    }  # fmt: skip
    return {**row, "finding_id": identify(row)}


FINDINGS_DRAWN = st.builds(
    finding,
    st.sampled_from(["P1", "P2"]),
    st.sampled_from(["late_return", "left_during", "zone_entry", "no_contact"]),
    st.sampled_from(["", "C1"]),
    st.integers(0, 4),
    st.integers(0, 3),
)
STATES = st.lists(st.lists(FINDINGS_DRAWN, max_size=6), min_size=1, max_size=6)


class Database:
    """Current findings and the record of changes, all through JSON as a real one would hold them."""

    def __init__(self) -> None:
        self.current: dict[str, str] = {}
        self.told: list[tuple[str, str, int]] = []

    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.current.values()]

    def apply(self, changes: list[Change]) -> None:
        for change in changes:
            gone = change.previous or (change.finding if change.what == "withdrawn" else None)
            if gone is not None:
                del self.current[gone["finding_id"]]
            if change.what != "withdrawn":
                assert change.finding["finding_id"] not in self.current, "the same finding twice"
                self.current[change.finding["finding_id"]] = json.dumps(change.finding)
            self.told.append((change.what, change.finding["finding_id"], change.finding["revision"]))

    def copy(self) -> Database:
        other = Database()
        other.current, other.told = dict(self.current), list(self.told)
        return other


@settings(deadline=None)
@given(states=STATES, data=st.data())
def test_a_crash_at_any_point_leads_to_the_same_record(states: list[Any], data: st.DataObject) -> None:
    """Each state is written in one transaction, which a crash undoes; then it is all compared again."""
    smooth, crashing = Database(), Database()
    for state in states:
        smooth.apply(compare(smooth.rows(), state))
        saved = crashing.copy()
        changes = compare(crashing.rows(), state)
        crashing.apply(changes[: data.draw(st.integers(0, len(changes)))])
        crashing = saved  # rolled back
        shuffled = data.draw(st.permutations(crashing.rows())), data.draw(st.permutations(state))
        crashing.apply(compare(*shuffled))
        assert crashing.current.keys() == {row["finding_id"] for row in state}
    assert {k: json.loads(v) for k, v in smooth.current.items()} == {
        k: json.loads(v) for k, v in crashing.current.items()
    }
    assert sorted(smooth.told) == sorted(crashing.told)


@settings(deadline=None)
@given(old=st.lists(FINDINGS_DRAWN, max_size=6), new=st.lists(FINDINGS_DRAWN, max_size=6))
def test_comparing_again_changes_nothing_and_alters_nothing(old: list[Any], new: list[Any]) -> None:
    database = Database()
    database.apply(compare([], old))
    given_rows = json.dumps([database.rows(), new])
    rows = database.rows()
    database.apply(compare(rows, new))
    assert json.dumps([rows, new]) == given_rows
    assert compare(database.rows(), new) == []


def test_a_revision_names_the_one_it_replaces_by_what_the_database_counted() -> None:
    first = finding("P1", "left_during", "C1", 1, 1) | {"revision": 7, "supersedes": "F-6"}
    grown = finding("P1", "out_at_end", "C1", 1, 3)
    (change,) = compare([first], [grown])
    assert (change.what, change.finding["revision"]) == ("revised", 8)
    assert change.finding["supersedes"] == first["finding_id"]


def test_an_id_survives_json() -> None:
    row = finding("P1", "late_return", "C1", 1, 3)
    assert identify(json.loads(json.dumps(row))) == row["finding_id"]
