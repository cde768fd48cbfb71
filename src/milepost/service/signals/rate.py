"""How often a token may ask: a bucket that fills at a rate and holds a burst. Counted in each process."""

from __future__ import annotations

import threading
import time

from milepost.service.signals.policy_data import limits
from milepost.service.signals.tokens import MOST_REMEMBERED, Pass

_buckets: dict[int, tuple[float, float]] = {}
_lock = threading.Lock()


def must_wait_s(token: Pass, now_s: float | None = None) -> float:
    """0 if the request may go on (and is counted), else after how many seconds the next one may."""
    rate = limits().rate
    per_s = rate.gateway_per_s if token.is_gateway else rate.device_per_s
    burst = rate.gateway_burst if token.is_gateway else rate.device_burst
    now_s = time.monotonic() if now_s is None else now_s
    with _lock:
        left, seen_s = _buckets.get(token.token_id, (burst, now_s))
        left = min(burst, left + (now_s - seen_s) * per_s)
        if left < 1:
            _buckets[token.token_id] = (left, now_s)
            return (1 - left) / per_s
        if len(_buckets) >= MOST_REMEMBERED:
            _buckets.clear()
        _buckets[token.token_id] = (left - 1, now_s)
        return 0.0


def forget() -> None:
    with _lock:
        _buckets.clear()
