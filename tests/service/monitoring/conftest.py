from __future__ import annotations

import time

import pytest

from milepost.service import clock
from tests.service.monitoring.factory import MONDAY, at


@pytest.fixture(autouse=True)
def the_morning_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service's clock begins at 08:00 on the Tuesday after the incidents' evening, and goes on as clocks do."""
    offset_us = at(MONDAY, "08:00+1") - time.time_ns() // 1000
    monkeypatch.setattr(clock, "now_us", lambda: time.time_ns() // 1000 + offset_us)
