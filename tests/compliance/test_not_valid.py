"""What a device itself calls not valid accuses nobody, whichever format it comes in."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.compliance.test_commands import HOME, OUT, TAG, orders, run


@pytest.mark.parametrize("format", ["csv", "traccar"])
@pytest.mark.parametrize(("valid", "kinds"), [(True, ["left_during"]), (False, [])])
def test_half_an_hour_far_from_home(tmp_path: Path, format: str, valid: bool, kinds: list[str]) -> None:
    rows = []
    for minute in range(150):
        at_home = not 60 <= minute < 90
        lon, lat = HOME if at_home else OUT
        when = f"2026-03-02T{19 + minute // 60}:{minute % 60:02}:00Z"
        rows.append({"device_id": "D1", "recorded_at_utc": when, "lon": lon, "lat": lat, "precision_m": 8,
                     "source": "GPS", "valid": int(at_home or valid)})  # fmt: skip
    path = tmp_path / f"signals.{format}"
    if format == "csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    else:
        positions = [
            {"uniqueId": "D1", "fixTime": row["recorded_at_utc"], "latitude": row["lat"], "longitude": row["lon"],
             "accuracy": 5, "valid": bool(row["valid"])}
            for row in rows
        ]  # fmt: skip
        path.write_text(json.dumps(positions))
    _, findings, _ = run(tmp_path, "--orders", orders(tmp_path, TAG), "--signals", path)
    assert [f["kind"] for f in findings if f["kind"] == "left_during"] == kinds
