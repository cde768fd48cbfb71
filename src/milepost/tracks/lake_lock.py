"""Locks between processes that share a lake. The kernel releases them when a process dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class WritingLock:
    """Many may write new files; a sweep of unreferenced files needs to be alone.

    A file that is written but not yet committed looks exactly like one that is left over. Writers hold
    the lock shared from their first file until their commit, so a sweep never takes a file from them.
    A sweep that waits shuts the gate behind it, so that a stream of writers cannot keep it waiting.
    """

    def __init__(self, folder: Path) -> None:
        self._gate = folder / "_gate.lock"
        self._writing = folder / "_writing.lock"

    @contextmanager
    def writing(self) -> Iterator[None]:
        with self._writing.open("a") as writing:
            with self._gate.open("a") as gate:
                fcntl.flock(gate, fcntl.LOCK_SH)
                fcntl.flock(writing, fcntl.LOCK_SH)
            yield

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        with self._gate.open("a") as gate, self._writing.open("a") as writing:
            fcntl.flock(gate, fcntl.LOCK_EX)
            fcntl.flock(writing, fcntl.LOCK_EX)
            yield


@contextmanager
def erasing_alone(folder: Path) -> Iterator[None]:
    """Waits until no other process erases in this lake."""
    with (folder / "_erasing.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
