"""What every test shares: how generated tests run on a slow or busy machine."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Time on a shared machine says nothing about the code. What remains are the checks of the test itself,
# such as a fixture that one example leaves changed for the next.
settings.register_profile(
    "milepost",
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.large_base_example,
    ],
)
settings.load_profile("milepost")
