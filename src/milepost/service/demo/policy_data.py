"""``demo.toml`` and ``characteristics.toml``, read once."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from milepost.service.kit.policy_data import PolicyFile, Strict, read_policy_file


class TownNumbers(Strict):
    seed: int
    people: int
    first_day: dt.date
    past_days: int
    live_days: int
    recent_days: int


class PastNumbers(Strict):
    step_minutes: int
    told_after_minutes: int


class StartNumbers(Strict):
    before_minutes: float
    from_local_hour: int
    late_minutes: float
    seen_share: float


class PlayNumbers(Strict):
    speed: float
    engine_workers: int
    web_threads: int
    send_every_s: float


class PeopleNumbers(Strict):
    restricted: int
    welsh_share: float
    needs_share: float
    staff_risk_share: float
    notes_share: float


class OfficerNumbers(Strict):
    urgent: tuple[float, float]
    review: tuple[float, float]
    leave_hours: float
    leave_one_in: int
    left_since_hours: float


class PredictorNumbers(Strict):
    name: str
    trained_on_people: int
    trained_on: dt.date
    in_shadow_on: dt.date
    people: int
    score_every_days: int
    more_unemployed: float
    outcomes_on: tuple[dt.date, ...]
    watched_on: tuple[dt.date, ...]


class DemoNumbers(PolicyFile):
    town: TownNumbers
    past: PastNumbers
    start: StartNumbers
    play: PlayNumbers
    people: PeopleNumbers
    officers: OfficerNumbers
    predictor: PredictorNumbers


@cache
def numbers() -> DemoNumbers:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("demo.toml"), DemoNumbers)


class AssessmentShares(Strict):
    signed: float
    drafts: int


class Shares(PolicyFile):
    """Answer to share, of each characteristic."""

    sex: dict[str, float]
    ethnicity: dict[str, float]
    religion: dict[str, float]
    disability: dict[str, float]
    sexual_orientation: dict[str, float]
    assessments: AssessmentShares


@cache
def shares() -> Shares:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(Path(__file__).with_name("characteristics.toml"), Shares)
