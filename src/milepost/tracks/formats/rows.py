"""A batch of rows on its way into the record: what is still good, and what was said about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from milepost.problems import Problem, ProblemList, Severity
from milepost.tracks.record import Quality

Mask = np.ndarray
"""Boolean, one value per row of the batch."""


@dataclass(slots=True)
class Rows:
    """Rows of one source as columns. ``numbers[i]`` is the line, feature or message number of row i, or words
    for its place within one that holds several.

    A row is rejected at most once, so rows kept plus rows rejected is always the number of rows met.
    """

    frame: pl.DataFrame
    numbers: np.ndarray
    source: str
    problems: ProblemList
    rejected: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.rejected = np.zeros(self.frame.height, dtype=bool)

    def has(self, column: str) -> bool:
        return column in self.frame.columns

    def put(self, *columns: pl.Series) -> None:
        self.frame = self.frame.with_columns(*columns)

    def reject(self, mask: Mask, column: str | None, message: str, remedy: str, text: str = "") -> None:
        """Leaves out the rows of ``mask`` that are not out yet, each with an error."""
        if not mask.any():
            return
        fresh = mask & ~self.rejected
        self._report(fresh, column, message, remedy, text, "error")
        self.rejected |= fresh

    def warn(self, mask: Mask, column: str | None, message: str, remedy: str, text: str = "") -> None:
        """Keeps the rows of ``mask`` and says what was done about them."""
        if mask.any():
            self._report(mask & ~self.rejected, column, message, remedy, text, "warning")

    def _report(
        self, mask: Mask, column: str | None, message: str, remedy: str, text: str, severity: Severity
    ) -> None:
        where = np.flatnonzero(mask)
        shows = text or column or ""
        shown = self.frame[shows] if shows in self.frame.columns else None
        for n, i in enumerate(where):
            value = None if shown is None else shown[int(i)]
            number = self.numbers[i]
            problem = Problem(
                self.source,
                number if isinstance(number, str) else int(number),
                column,
                message,
                remedy,
                None if value is None else str(value),
                severity,
            )
            if n >= self.problems.keep:
                # The list keeps no more in full: the rest only count.
                self.problems.add(problem, times=len(where) - n)
                return
            self.problems.add(problem)

    def part(self, mask: Mask) -> Rows:
        """The rows of ``mask``, none of them rejected yet, reporting to the same list."""
        return Rows(self.frame.filter(mask), self.numbers[mask], self.source, self.problems)


def is_null(series: pl.Series) -> Mask:
    if not series.null_count():
        return np.zeros(len(series), dtype=bool)
    return series.is_null().to_numpy()


def set_flag(quality: np.ndarray, mask: Mask, flag: Quality) -> None:
    """Sets ``flag`` in the 16-bit ``quality`` of the rows of ``mask``."""
    quality[mask] |= np.uint16(flag.value)
