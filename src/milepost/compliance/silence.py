"""Section 8: ``no_contact``, a tag that was fitted and not heard of at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from milepost.compliance.device_findings import begin, reference_to_event
from milepost.compliance.device_log import DeviceEvent
from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.presence import UnitStream
from milepost.compliance.proof import reference_to_presence
from milepost.compliance.standing import Standings
from milepost.compliance.worn import Wearings
from milepost.tracks.record import PresenceState

Span = tuple[int, int]
Sign = tuple[int, str]
"""A sign of life: its time and its reference."""


def overlaps(a: Iterable[Span], b: list[Span]) -> list[Span]:
    """Where both hold."""
    return [(max(x0, y0), min(x1, y1)) for x0, x1 in a for y0, y1 in b if max(x0, y0) < min(x1, y1)]


def other_signs(events: list[DeviceEvent], units: list[UnitStream]) -> list[Sign]:
    """What tells of life besides fixes: events of tags, and home units that hear the tag."""
    signs = [
        (e.t, reference_to_event(e)) for e in events if e.wearing and e.wearing.device_kind != "home_unit"
    ]
    heard = sorted(e for u in units for e in u.events if e.state == PresenceState.IN_RANGE)
    signs += [(e.t, reference_to_presence(e)) for e in heard]
    return sorted(signs, key=lambda sign: sign[0])


def silence_findings(
    person_id: str,
    gaps: list[tuple[int, int, str, str]],
    signs: list[Sign],
    wearings: Wearings,
    standings: Standings,
    begin_us: int,
    until_us: int,
) -> list[dict[str, Any]]:
    """Silences of one person.

    ``gaps``: times without a contact from fixes (start, end, references of the contacts at both ends,
    "" where there is none); ``signs``: other signs of life, in time order.
    """
    tags = [w for w in wearings.by_person.get(person_id, []) if w.device_kind == "tag"]
    spans = overlaps(wearings.fitted(person_id, ("tag",)), standings.in_force(person_id))
    rows: list[dict[str, Any]] = []
    for span_start, span_end in spans:
        window = max(span_start, begin_us), min(span_end, until_us)
        for gap_start, gap_end, first, last in gaps:
            start, end = max(gap_start, window[0]), min(gap_end, window[1])
            if start >= end:
                continue
            heard = [s for s in signs if start <= s[0] <= end]
            at = dict(reversed(heard))  # the first of an instant
            latest = dict(heard)  # the last of an instant
            if start == gap_start and first:
                latest.setdefault(start, first)
            if end == gap_end and last:
                at[end] = last
            for earlier, later in itertools.pairwise(sorted({start, end, *at})):
                lasting = _begin(person_id, earlier, tags, standings)
                if lasting is None or later - earlier <= lasting.table.evidence.no_contact_after_s * 1e6:
                    continue
                lasting.evidence = [r for r in (latest.get(earlier), at.get(later)) if r]
                is_open = span_end > until_us and later == window[1] and later not in at
                rows.append(lasting.row(later, is_open=is_open))
    return rows


def _begin(person_id: str, when_us: int, tags: list[Any], standings: Standings) -> Any:
    worn = [w for w in tags if w.from_us <= when_us < w.until_us]
    if not worn:
        return None
    return begin(
        FindingKind.NO_CONTACT, min(worn, key=lambda w: (-w.from_us, w.activation_id)), when_us, standings
    )
