"""Says loudly when the published values cannot be compared because the shared data folder is not there."""

import pytest
from people import SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SHARED.exists():
        return
    skip = pytest.mark.skip(reason=f"PUBLISHED VALUES NOT COMPARED: {SHARED} is not there")
    for item in items:
        if item.get_closest_marker("shared_data") and "risk" in item.path.parts:
            item.add_marker(skip)
