"""How many processors fitting may use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

THREADS = 1


def few_threads() -> AbstractContextManager[Any]:
    """One thread: on a shared machine, threads that wait for each other cost more than they give."""
    from threadpoolctl import threadpool_limits

    limited: AbstractContextManager[Any] = threadpool_limits(THREADS)
    return limited
