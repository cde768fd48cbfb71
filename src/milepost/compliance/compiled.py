"""The kernel, compiled: ``kernel.py`` (and what else ``loaded_compiled`` is given) loaded a second time through numba.

One source, two ways to run it. Small inputs run as plain Python, because importing and loading a
compiler takes longer than judging them; large ones run compiled, on all cores by threads that each
take whole tracks. ``nogil`` frees the threads; there is no ``parallel=True`` (see ``kernel.py``).
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

from milepost.compliance import jit, kernel

COMPILED_NAME = "milepost.compliance._compiled_{}"
WORTH_COMPILING = 300_000
"""Fixes times streams from which compiled code is quicker, its loading included (benchmarks/cold_start)."""
SMALL = 64
"""Fewer pieces of work than this are not worth threads."""
WORTH_THREADS = 50_000
"""Fixes from which it is quicker to start threads; the state machine runs over so many in two milliseconds."""
CORES = os.cpu_count() or 1
_loading = threading.Lock()
_warm = threading.Event()
_share = threading.local()


def load() -> ModuleType:
    """``kernel``, compiled. The machine code is kept beside the file (numba's cache)."""
    return loaded_compiled(kernel, None)


def loaded_compiled(plain: ModuleType, kernel_in_use: ModuleType | None) -> ModuleType:
    """``plain``, a module of jitted functions, as the kernel in use is: as it stands beside the plain one, else
    compiled."""
    if kernel_in_use is kernel:
        return plain
    with _loading:  # two threads at once would load half of it plain
        return _load(plain)


@cache
def _load(plain: ModuleType) -> ModuleType:
    import numba

    name = COMPILED_NAME.format(plain.__name__.rpartition(".")[2])
    spec = importlib.util.spec_from_file_location(name, plain.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # No division here can be by zero; checking each for it would cost more than half of the time. Nothing here is
    # allocated either: with numba's counts of references (_nrt) each call would lock and alter one for each array given,
    # which threads would then wait for.
    options: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy", "_nrt": False}
    jit._decorate = numba.njit(**options)
    try:
        spec.loader.exec_module(module)
    finally:
        jit._decorate = None
    return module


def in_pieces(work: Callable[[int, int], None], n: int, module: ModuleType) -> None:
    """Calls ``work(from, until)`` over 0 to ``n``: at once in plain Python, in pieces on all cores if compiled."""
    pieces = 1 if module is kernel or n < SMALL or cores() == 1 else 4 * CORES
    cuts = [n * i // pieces for i in range(pieces + 1)]
    if pieces == 1:
        work(0, n)
        return
    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(work, cuts[:-1], cuts[1:]))


def cores() -> int:
    """On how many cores this thread may spread its work: one, where it does a share of what all cores do."""
    return CORES if getattr(_share, "turn", None) is None else 1


def side_by_side[Share, Answer](work: Callable[[Share], Answer], shares: Sequence[Share]) -> list[Answer]:
    """``work`` on each share: while the kernel runs over some (``at_work``), Python gets another ready.

    Only one runs Python at a time, and until it hands over: threads that take turns every few milliseconds, as the
    interpreter would have it, take half as long again.
    """
    if len(shares) < 2 or CORES < 2:
        return [work(share) for share in shares]
    turn = threading.Lock()

    def in_turn(share: Share) -> Answer:
        _share.turn = turn  # the thread is the pool's, and ends with it
        with turn:
            return work(share)

    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(in_turn, shares))


@contextmanager
def at_work() -> Iterator[None]:
    """Around what runs long in the kernel: meanwhile it is another share's turn in Python."""
    turn: threading.Lock | None = getattr(_share, "turn", None)
    if turn is None:
        yield
        return
    turn.release()
    try:
        yield
    finally:
        turn.acquire()


def choose(n_fix_streams: int) -> ModuleType:
    """The plain kernel for small inputs, the compiled one for large, and for all once it is warm."""
    return load() if n_fix_streams >= WORTH_COMPILING or _warm.is_set() else kernel


def stay_warm() -> None:
    """Says that the machine code has run in this process: from now on it is quicker for small inputs too."""
    _warm.set()
