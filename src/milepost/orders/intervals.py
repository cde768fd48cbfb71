"""Windows of time: cut, clipped and united. Half-open [start, end), microseconds UTC."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

PlaceKey = tuple[str, ...] | None
"""The ids of the places a window is tied to; None means the condition's own."""


class Window(NamedTuple):
    start_us: int
    end_us: int
    place: PlaceKey = None
    notes: tuple[str, ...] = ()


class Cut(NamedTuple):
    """A time in which the duty is lifted, and why."""

    start_us: int
    end_us: int
    note: str


def join_notes(*notes: Sequence[str]) -> tuple[str, ...]:
    """All notes, each once, in the order met."""
    return tuple(dict.fromkeys(note for group in notes for note in group))


def clip(windows: Iterable[Window], start_us: int, end_us: int) -> list[Window]:
    """The parts of the windows inside [start_us, end_us)."""
    return [
        window
        if start_us <= window.start_us and window.end_us <= end_us
        else window._replace(start_us=max(start_us, window.start_us), end_us=min(end_us, window.end_us))
        for window in windows
        if window.start_us < end_us and start_us < window.end_us
    ]


def unite(windows: Iterable[Window]) -> list[Window]:
    """Windows of the same place that overlap or touch become one. Sorted by start."""
    last: dict[PlaceKey, int] = {}
    united: list[Window] = []
    for window in sorted(windows):
        if window.end_us <= window.start_us:
            continue
        index = last.get(window.place)
        if index is not None and window.start_us <= united[index].end_us:
            kept = united[index]
            united[index] = kept._replace(
                end_us=max(kept.end_us, window.end_us), notes=join_notes(kept.notes, window.notes)
            )
        else:
            last[window.place] = len(united)
            united.append(window)
    return united


def cut(windows: Iterable[Window], cuts: Iterable[Cut]) -> list[Window]:
    """What is left of the windows outside the cuts; a piece carries the note of each cut that made it."""
    pieces = list(windows)
    for lifted in cuts:
        if lifted.end_us <= lifted.start_us:
            continue
        left: list[Window] = []
        for piece in pieces:
            if lifted.end_us <= piece.start_us or piece.end_us <= lifted.start_us:
                left.append(piece)
                continue
            notes = join_notes(piece.notes, (lifted.note,))
            if piece.start_us < lifted.start_us:
                left.append(piece._replace(end_us=lifted.start_us, notes=notes))
            if lifted.end_us < piece.end_us:
                left.append(piece._replace(start_us=lifted.end_us, notes=notes))
        pieces = left
    return pieces
