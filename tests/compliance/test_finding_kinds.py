"""The recipe "Add a finding" of CONTRIBUTING.md: its list of files is whole, and a kind described once is known to all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from milepost.compliance import finding_kinds
from milepost.compliance.finding_kinds import (
    DESCRIPTIONS,
    SHOWS_PLACE_ONLY,
    Description,
    Family,
    FindingKind,
    JudgedFrom,
)
from milepost.service.monitoring.grouping import group_key
from milepost.tracks.record import DeviceEventKind

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a finding")[1].split("\n## ")[0]
EVENTS = {event.value for event in DeviceEventKind}
DEMO_STORY = "src/milepost/service/demo/town.py"
"""Looks in the truth of the town for somebody who comes late; no list of kinds."""


def names_a_kind(text: str) -> bool:
    """As a member, or as a string that cannot be the device report of the same name."""
    own = "|".join(kind for kind in FindingKind if kind not in EVENTS)
    return bool(re.search(rf"\bFindingKind\.[A-Z]|[\"'](?:{own})[\"']", text))


def test_every_file_that_names_a_kind_is_in_the_recipe() -> None:
    naming = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.py")
        if "migrations" not in path.parts and names_a_kind(path.read_text(encoding="utf-8"))
    } - {DEMO_STORY}
    listed = re.findall(r"`(src/milepost/[a-z_/.]+)`", RECIPE)
    assert listed
    assert not [
        name for name in naming if not any(name == entry or name.startswith(entry) for entry in listed)
    ]
    assert not [entry for entry in listed if not (ROOT / entry).exists()]


def test_each_name_is_described_once_and_on_the_page_of_findings() -> None:
    assert [each.kind for each in DESCRIPTIONS] == list(FindingKind)
    page = (ROOT / "docs" / "reference" / "findings-and-coverage.md").read_text(encoding="utf-8")
    rows = [
        line for line in page.split("## Kinds of finding")[1].split("\n## ")[0].splitlines() if "`" in line
    ]
    for each in DESCRIPTIONS:
        [row] = [line for line in rows if f"`{each.kind}`" in line]
        source = "position" if each.of_places else "device" if each.of_device else "both"
        assert row.rstrip(" |").rsplit("|", 1)[1].strip() == source


def test_what_a_device_says_of_itself_is_not_said_to_show_where_the_tag_was() -> None:
    assert {each.of_places for each in DESCRIPTIONS if each.limits == SHOWS_PLACE_ONLY} == {True}


def test_a_kind_that_reports_begin_and_end_needs_its_description_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    toy: Any = "tag_in_water"
    description = Description(
        toy, Family.FAULT, "Tag in water", "The tag reported water {when}.", "It does not show where.",
        JudgedFrom.REPORTS, (DeviceEventKind.HEARTBEAT,), (DeviceEventKind.OTHER,),
    )  # fmt: skip
    monkeypatch.setattr(finding_kinds, "DESCRIPTIONS", (*DESCRIPTIONS, description))
    monkeypatch.setitem(finding_kinds.OF_KIND, toy, description)
    assert finding_kinds.kinds_judged_from(JudgedFrom.REPORTS)[-1] is description
    row = {"kind": toy, "activation_id": "A-1", "start_utc": 0}
    assert group_key(row, "Europe/London") == "device|A-1|fault|1970-01-01"
