"""The number of the request that is being answered, if one is. Set by the web app's middleware."""

from __future__ import annotations

from collections.abc import Callable

_source: list[Callable[[], str]] = []


def take_request_ids_from(source: Callable[[], str]) -> None:
    _source[:] = [source]


def current_request_id() -> str:
    return _source[0]() if _source else ""
