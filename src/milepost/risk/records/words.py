"""What every record says of itself, the same in Markdown and on the page."""

from __future__ import annotations

from milepost.risk.records.document import Entry, RecordDocument


def about(record: RecordDocument) -> list[tuple[str, str]]:
    filled = sum(not entry.gap for entry in record.entries)
    total = sum(1 for _ in record.entries)
    return [
        ("Generated from what runs", f"Milepost {record.software_version}, on {record.made_on}"),
        ("Subject", f"{record.subject} ({record.key}), version {record.subject_version}"),
        ("Hash of the data it uses", record.data_hash or "none"),
        ("Hash of this record", record.content_hash),
        ("Form", record.standard),
        ("Filled in", f"{filled} of {total} fields; {len(record.gaps)} gaps"),
    ]


def warnings(record: RecordDocument) -> list[str]:
    found = []
    if record.illustrative:
        found.append("An illustration: these numbers are not official.")
    if record.synthetic:
        found.append("Fitted on made-up people: nothing here says anything of real ones.")
    if record.gaps:
        found.append("Not complete: do not publish it before the gaps are filled.")
    return found


def gap_words(entry: Entry) -> str:
    guidance = f" {entry.guidance}" if entry.guidance else ""
    return f"GAP. To be filled in by {entry.who}.{guidance}"
