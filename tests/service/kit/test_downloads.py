"""What leaves the service is an attachment with a safe name, and no spreadsheet runs it."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import milepost.service
from milepost.service.kit.downloads import CSV, FORMULA_STARTS, attachment, csv_lines


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_cell_is_run_as_a_formula(start):
    lines = "".join(csv_lines(["a", "b"], [[f"{start}HYPERLINK(1)", -5]]))
    (_, (text, number)) = csv.reader(io.StringIO(lines, newline=""))
    assert text == f"'{start}HYPERLINK(1)"
    assert number == "-5", "a number stays a number"


@pytest.mark.parametrize("content", [b"x", "x", iter(["x"])])
def test_an_attachment_is_never_run_or_drawn(content):
    answer = attachment(content, '../evil"\r\nSet-Cookie: a=b;.svg', CSV)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="evilSet-Cookie a=b.svg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_nobody_else_writes_the_header():
    service = Path(milepost.service.__file__).parent
    found = [
        str(path.relative_to(service))
        for path in service.rglob("*.py")
        if re.search(r"Content-Disposition|import csv$", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    # Outcomes, and what was uploaded, are read from CSV, not written; the demo's own address file is no download.
    assert sorted(found) == [
        "algorithms/outcomes/read.py", "demo/addresses_of_town.py", "kit/downloads.py", "upkeep/traces.py",
    ]  # fmt: skip
