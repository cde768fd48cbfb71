"""One small town, made once and read by many tests."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from milepost.synth.life import Life, Period, build_people
from milepost.synth.noise import Noise, read_noise
from milepost.synth.write import make_town

START = dt.date(2026, 3, 2)
PEOPLE, DAYS, SEED = 130, 3, 11
TOWN: dict[str, Any] = {
    "people": PEOPLE,
    "days": DAYS,
    "seed": SEED,
    "start": START,
    "csv": True,
    "true_positions": True,
}


@pytest.fixture(scope="session")
def noise() -> Noise:
    return read_noise()


@pytest.fixture(scope="session")
def period() -> Period:
    return Period(seed=SEED, first_day=START, days=DAYS)


@pytest.fixture(scope="session")
def lives(period: Period, noise: Noise) -> list[Life]:
    return build_people(period, noise, range(PEOPLE))


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    make_town(folder, workers=1, **TOWN)
    return folder


@pytest.fixture(scope="session")
def town_arguments() -> dict[str, Any]:
    """What the town in ``town_folder`` was made from: three blocks of people."""
    return TOWN
