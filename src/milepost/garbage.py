"""Garbage collection while many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def take_as_old() -> None:
    """Counts all objects there are as old, without the look through them by which they would become so: after a large
    file has been read they are millions, and stay.

    Not where objects have been frozen (``gc.freeze``): they would be thawed.
    """
    if gc.get_freeze_count() < _FROZEN_ON_PURPOSE:
        gc.freeze()
        gc.unfreeze()


_FROZEN_ON_PURPOSE = 1_000
"""The interpreter freezes some hundred objects when it starts; who freezes does so to hundreds of thousands."""


@contextmanager
def collection_paused() -> Iterator[None]:
    """Nothing is looked through for cycles meanwhile: a file of millions of objects is else gone over again and
    again, for nothing. What is no longer referred to is freed all the same.

    Of two threads that do so at once the first to end lets collection go on for both.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
