"""``demo.toml``, read once."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class About(_Strict):
    source: str
    owner: str
    date: dt.date


class TownNumbers(_Strict):
    seed: int
    people: int
    first_day: dt.date
    past_days: int
    live_days: int
    recent_days: int


class PastNumbers(_Strict):
    step_minutes: int
    told_after_minutes: int


class StartNumbers(_Strict):
    before_minutes: float
    from_local_hour: int
    late_minutes: float
    seen_share: float


class PlayNumbers(_Strict):
    speed: float
    engine_workers: int
    web_threads: int
    send_every_s: float


class PeopleNumbers(_Strict):
    restricted: int
    welsh_share: float
    needs_share: float
    staff_risk_share: float
    notes_share: float


class OfficerNumbers(_Strict):
    urgent: tuple[float, float]
    review: tuple[float, float]
    leave_hours: float
    leave_one_in: int
    left_since_hours: float


class PredictorNumbers(_Strict):
    name: str
    trained_on_people: int
    trained_on: dt.date
    in_shadow_on: dt.date
    people: int
    score_every_days: int
    more_unemployed: float
    outcomes_on: tuple[dt.date, ...]
    watched_on: tuple[dt.date, ...]


class DemoNumbers(_Strict):
    about: About
    town: TownNumbers
    past: PastNumbers
    start: StartNumbers
    play: PlayNumbers
    people: PeopleNumbers
    officers: OfficerNumbers
    predictor: PredictorNumbers


@cache
def numbers() -> DemoNumbers:
    text = (Path(__file__).parent / "demo.toml").read_text(encoding="utf-8")
    return DemoNumbers.model_validate(tomllib.loads(text))
