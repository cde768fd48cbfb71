"""Every instrument, every answer and every source is in the documents."""

from __future__ import annotations

import re
import tomllib

from people import ROOT

from milepost.risk.data_files import DATA
from milepost.risk.fields import field_table
from milepost.risk.instruments import instruments
from milepost.risk.tier import TierInputs

PAGE = (ROOT / "docs" / "reference" / "risk-instruments.md").read_text(encoding="utf-8")
FIRST_CELLS = set(re.findall(r"^\| `([^`]+)`", PAGE, re.M))


def test_every_instrument_and_every_answer_is_described() -> None:
    assert {*instruments(), *field_table()} == FIRST_CELLS


def test_every_input_of_the_tier_is_described() -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE.split("## The tier")[1]))
    scores = ("arp_", "csrp_", "dc_srp_")
    assert {f for f in TierInputs.__dataclass_fields__ if not f.startswith(scores)} <= named


def test_every_data_file_names_its_source_and_owner() -> None:
    for path in DATA.rglob("*.toml"):
        head = path.read_text(encoding="utf-8")
        tomllib.loads(head)
        if head.startswith("# Version, source, commit and owner: sections.toml."):
            assert path.with_name("sections.toml").exists()
            continue
        assert re.search(r"owner", head, re.I), path.name
        if path.name not in ("labels.toml", "input_names.toml"):
            assert 'source = "' in head, path.name
            assert 'version = "' in head, path.name
