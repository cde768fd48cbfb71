"""Garbage collection while many objects are made that all stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
