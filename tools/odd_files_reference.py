"""Writes ``docs/reference/odd-files.md``: what is said of each file of ``tests/tracks/odd_files.py``.

``PYTHONPATH=. python tools/odd_files_reference.py`` writes it; a test fails while the page is not current.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner
from tests.tracks.odd_files import OddFile, cases

from milepost.tracks.commands import group

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "odd-files.md"
HEAD = """# Files that are not as they should be

This page is made by `make reference` from what `milepost tracks inspect` says of each file of
`tests/tracks/odd_files.py`, and tested to be current. Exit codes: 0 all is in, 1 something was left out and is named,
2 nothing could be read. Read is kept and left out together. Of several problems the first error is shown.
[Signal formats](signal-formats.md) says how each is read.

| File | Exit | Read | Kept | What is said first |
|---|---|---|---|---|
"""


def render() -> str:
    with TemporaryDirectory() as folder:
        return HEAD + "".join(_line(case, Path(folder)) for case in cases())


def _line(case: OddFile, folder: Path) -> str:
    path = folder / case.name
    path.write_bytes(case.data)
    columns = ["--columns", case.columns] if case.columns else []
    result = CliRunner().invoke(group, ["inspect", str(path), "--json", *columns], catch_exceptions=False)
    if result.exit_code == 2:
        cells = ["2", "", "", result.stderr.removeprefix("Error: ").strip()]
    else:
        told = json.loads(result.stdout)
        kept = told["fixes"] + told["presence"] + told["device_events"]
        cells = [str(result.exit_code), str(told["rows_read"]), str(kept), _first(told["problems"])]
    return f"| {' | '.join(_plain(cell) for cell in (case.case, *cells))} |\n"


def _first(problems: list[dict[str, object]]) -> str:
    if not problems:
        return ""
    worst = next((p for p in problems if p["severity"] == "error"), problems[0])
    row, field = worst["row"], worst["field"]
    where = ", ".join(str(part) for part in (f"row {row}" if isinstance(row, int) else row, field) if part)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{worst['severity']}: {f'{where}: ' if where else ''}{worst['message']}. {worst['remedy']}{more}"


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
