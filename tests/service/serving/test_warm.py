"""What a web process does behind its first requests."""

from __future__ import annotations

import gc
import threading

import pytest

from milepost.compliance import compiled
from milepost.service import warm


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    monkeypatch.setattr(compiled, "_warm", threading.Event())
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_loaded_is_taken_out_of_the_collectors_rounds():
    warm.warm_up()
    assert compiled.choose(1) is compiled.load()
    assert gc.get_freeze_count() > 100_000
    assert gc.get_threshold()[0] == warm.NEW_OBJECTS


def test_without_a_compiler_the_service_answers_all_the_same(monkeypatch, caplog):
    def missing() -> None:
        raise ImportError("no numba here")

    monkeypatch.setattr(warm.engine, "warm_up", missing)
    warm.warm_up()
    assert "takes longer" in caplog.text
