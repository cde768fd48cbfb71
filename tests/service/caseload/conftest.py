from __future__ import annotations

from tests.service.monitoring.conftest import the_morning_after

__all__ = ["the_morning_after"]
