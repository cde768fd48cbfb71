"""Whether ``kernel.py`` is being loaded to be compiled or to be run as it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_decorate: Callable[[Any], Any] | None = None


def jit[F: Callable[..., Any]](function: F) -> F:
    """Compiles the function if ``compiled.load`` is at work, else leaves it alone."""
    return function if _decorate is None else _decorate(function)
