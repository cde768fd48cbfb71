"""Shared by the tests of signal formats: where fixtures are, and a short way to write a file and read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from milepost.tracks.read import read_signals
from milepost.tracks.record import Signals

ReadText = Callable[..., Signals]


@pytest.fixture
def fixtures() -> Path:
    return Path(__file__).with_name("fixtures")


@pytest.fixture
def read_text(tmp_path: Path) -> ReadText:
    def read(text: str | bytes, name: str = "signals.csv", **options: object) -> Signals:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        signals = read_signals(path, **options)  # type: ignore[arg-type]
        assert signals.n_rows_read == signals.n_rows + signals.problems.n_errors
        return signals

    return read
