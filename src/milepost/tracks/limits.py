"""The numbers behind the quality flags, read from a data file that says who owns them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

DEFAULT_FILE = Path(__file__).with_name("quality_limits.toml")


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """What readers hold times, places and speeds against. Meaning of each: ``quality_limits.toml``."""

    future_tolerance_s: float
    stale_after_s: float
    rollover_weeks: int
    rollover_agreement_s: float
    earliest_plausible_utc: datetime
    placeholder_dates: tuple[date, ...]
    alone_after_days: float
    alone_share_at_most: float
    swapped_further_than_m: float
    swapped_back_within_m: float
    max_speed_mps: float
    speed_escape_fixes: int
    radians_at_most: float
    gap_s: float

    @property
    def earliest_plausible_us(self) -> int:
        return to_us(self.earliest_plausible_utc)

    @property
    def rollover_us(self) -> int:
        return self.rollover_weeks * 7 * 86_400_000_000

    @property
    def placeholder_days(self) -> tuple[int, ...]:
        """Placeholder dates as days since 1970-01-01."""
        return tuple((day - date(1970, 1, 1)).days for day in self.placeholder_dates)


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch of an aware ``moment``, exact."""
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def load_limits(path: Path = DEFAULT_FILE) -> QualityLimits:
    """Reads a limits file. Raises ``KeyError`` or ``TypeError`` for one that is not complete."""
    parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    clock, place, speed = parsed["clock"], parsed["place"], parsed["speed"]
    clock["placeholder_dates"] = tuple(clock["placeholder_dates"])
    return QualityLimits(**clock, **place, **speed, **parsed["gaps"])


@cache
def default_limits() -> QualityLimits:
    return load_limits()
