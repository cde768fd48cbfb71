"""Which silences are gaps, by a device's own schedule (section 4 of "How the engine decides"): for showing.

One rule with the engine: the limit is the kernel's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from milepost.compliance import kernel as k
from milepost.compliance.parameters import row_of
from milepost.compliance.rule_tables import Evidence

USUAL = k.USUAL
"""Intervals from which a schedule is learned."""


class OwnSchedule:
    """Learns from one contact after the other, times in microseconds UTC and in order."""

    def __init__(self, evidence: Evidence) -> None:
        self._row = row_of(evidence)
        self._usual = np.zeros(k.USUAL, np.int64)
        self._last_us: int | None = None

    @property
    def longest_us(self) -> float:
        """The longest time after the last contact that is no gap."""
        return k.gap_limit(self._row, 0, self._usual, 0)

    def hear(self, time_us: int) -> bool:
        """Whether there was a gap before this contact."""
        last, self._last_us = self._last_us, time_us
        if last is None or time_us <= last:
            return False
        gap = time_us - last > self._row[k.P_GAP] and time_us - last > self.longest_us
        self._usual[1:] = self._usual[:-1].copy()
        self._usual[0] = time_us - last
        return bool(gap)


def gaps_between(times_us: Sequence[int], evidence: Evidence) -> list[tuple[int, int]]:
    """The gaps between contacts, as (from, until). Times in microseconds UTC and in order."""
    schedule = OwnSchedule(evidence)
    heard = [schedule.hear(time_us) for time_us in times_us]
    return [pair for pair, gap in zip(pairwise(times_us), heard[1:], strict=True) if gap] if times_us else []


def longest_after_us(times_us: Iterable[int], evidence: Evidence) -> float:
    """The longest time after the last of these contacts that is no gap, microseconds."""
    schedule = OwnSchedule(evidence)
    for time_us in times_us:
        schedule.hear(time_us)
    return schedule.longest_us
