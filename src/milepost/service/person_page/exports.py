"""A trail as a file that leaves the service: CSV, GPX or GeoJSON, marked with what it is and whom it was given to."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa

from milepost.service.kit.files import CSV, harmless
from milepost.tracks.write import sort_by_device_and_time, write_fixes

CONTENT_TYPES = {
    "csv": CSV,
    "gpx": "application/gpx+xml",
    "geojson": "application/geo+json",
}


@dataclass(frozen=True, slots=True)
class Marking:
    """What stands at the top of the file. ``number`` is that of the disclosure in the audit log."""

    person: str
    synthetic: bool
    from_utc: dt.datetime
    until_utc: dt.datetime
    recipient: str
    legal_basis: str
    number: int

    def lines(self) -> list[str]:
        return [
            "SYNTHETIC DATA: this person is not real" if self.synthetic
            else "SENSITIVE PERSONAL DATA: location of a person under supervision. Handle, share and destroy as agreed",
            f"Person: {self.person}",
            f"Positions recorded from {self.from_utc:%Y-%m-%dT%H:%M:%SZ} until before {self.until_utc:%Y-%m-%dT%H:%M:%SZ}",
            f"Disclosed to: {self.recipient}",
            f"Legal basis: {self.legal_basis}",
            f"Disclosure number: {self.number}",
            "precision_m is the radius that holds the true place 95 times in 100; empty means not known",
            "No position means no knowledge: a gap shows neither presence nor absence",
        ]  # fmt: skip


def export(fixes: pa.Table, kind: str, marking: Marking) -> bytes:
    """The file's bytes. ``kind``: a key of ``CONTENT_TYPES``. ``fixes``: in the schema ``tracks.record.FIXES``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"trail.{kind}"
        write_fixes(sort_by_device_and_time(_neutral(fixes) if kind == "csv" else fixes), path, kind)
        text = path.read_text(encoding="utf-8")
    return {"csv": _csv, "gpx": _gpx, "geojson": _geojson}[kind](text, marking.lines()).encode()


def _neutral(fixes: pa.Table) -> pa.Table:
    """Texts that came from devices, made harmless for spreadsheets. Numbers stay numbers."""
    for n, column in enumerate(fixes.schema):
        if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
            texts = [
                None if text is None else harmless(" ".join(text.split()))
                for text in fixes.column(n).cast(pa.string()).to_pylist()
            ]
            fixes = fixes.set_column(n, column, pa.array(texts, pa.string()).cast(column.type))
    return fixes


def _csv(text: str, lines: list[str]) -> str:
    """Lines of the header begin with "#", each one quoted cell: what a person typed cannot start a formula."""
    quoted = ['"# {}"'.format(" ".join(line.split()).replace('"', '""')) for line in lines]
    return "\n".join([*quoted, text])


def _gpx(text: str, lines: list[str]) -> str:
    clean = "".join(c if c in "\t\n" or c >= " " else " " for c in "\n".join(lines))
    head, mark, rest = text.partition("<trk>")
    if not mark:
        head, mark, rest = text.partition("</gpx>")
    return f"{head}<metadata><desc>{escape(clean)}</desc></metadata>\n{mark}{rest}"


def _geojson(text: str, lines: list[str]) -> str:
    return text.replace('{"type":', f'{{"milepost_notice":{json.dumps(lines)},"type":', 1)
