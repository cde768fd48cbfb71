"""Bodies of the risk operations. The answers are typed from the library's own list of fields, so they cannot differ."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, create_model

from milepost.risk.fields import CHOICES, LEVEL_WORDS, FieldInfo, field_table
from milepost.risk.instruments import GROUPS, instruments
from milepost.service.api.policy_data import numbers
from milepost.service.api.problems import FieldError
from milepost.service.api.shapes import Asked, Day, Name, Told

AT_MOST = numbers().risk.people_at_most
Instruments = StrEnum("Instruments", {name.upper(): name for name in (*GROUPS, *instruments())})  # type: ignore[misc]
RecordKind = Literal["atrs", "card", "dpia", "equality"]
COUNT = Annotated[int, Field(strict=True, ge=0, le=9999)]
Percentage = Annotated[float, Field(ge=0, le=100)]
Basis = Literal["static", "dynamic"]
Level = Literal["low", "medium", "high", "very_high"]


def _type(info: FieldInfo) -> Any:
    simple: dict[str, Any] = {
        "text": Name, "date": Day, "count": COUNT, "yes_no": StrictBool, "level": Literal[0, 1, 2],
        "code": Annotated[str, Field(pattern=r"^[0-9]{5}$")],
    }  # fmt: skip
    return simple.get(info.kind) or Literal[tuple(CHOICES[info.kind])]


def _words(info: FieldInfo) -> str:
    asked = f" (OASys {info.item})" if info.item else ""
    levels = LEVEL_WORDS.get(info.name, LEVEL_WORDS[""])
    words = f". 0 {levels[0]}, 1 {levels[1]}, 2 {levels[2]}" if info.kind == "level" else ""
    return f"{info.label}{asked}{words}"


_FIELDS: Any = {
    name: (_type(info) | None, Field(None, description=_words(info))) for name, info in field_table().items()
}
Answers: Any = create_model("Answers", __base__=Asked, **_FIELDS)
Answers.__doc__ = "One person's answers. null, or left out: not answered. It is never read as no."


class ToScore(Asked):
    """People to score. Nothing of it is kept."""

    people: list[Answers] = Field(min_length=1, max_length=AT_MOST)
    instruments: list[Instruments] = Field(
        default=[Instruments("current")], min_length=1, max_length=20, description="Keys or groups"
    )


class Part(Told):
    name: str
    label: str
    value: float = Field(description="In the unit of the score")
    field: str | None = Field(description="The answer that was read")


class MissingPart(Told):
    field: str
    label: str
    effect: str = Field(description="What was done about it")


class ChangePart(Told):
    field: str
    label: str
    now: str
    instead: str
    percentage: float
    band: str | None


class Score(Told):
    """One score, or why there is none; as the command explains it."""

    instrument: str
    name: str
    version: str
    source: str
    data_hash: str = Field(description="Of the numbers that were used")
    scored: bool
    probability: float | None = Field(description="0 to 1")
    percentage: float | None = Field(description="As published")
    shown: str
    band: str | None
    points: float | None
    basis: Basis | None
    basis_reason: str
    horizon_years: int | None
    to_next_band: float | None
    to_band_below: float | None
    edge_unit: str
    words: str = Field(description="As a count of people")
    plain: list[str] = Field(description="In plain words, for anybody")
    unit: str = Field(description="Of total and terms")
    total: float | None
    terms: list[Part]
    missing: list[MissingPart]
    changes: list[ChangePart] = Field(description="What would lower it, all else the same")
    problems: list[FieldError]


class PersonScores(Told):
    row: int = Field(description="Place in what was sent, from 1")
    person_id: str | None
    scores: list[Score]


class Scored(Told):
    items: list[PersonScores]


class TierAnswers(Asked):
    """What the tier reads of one person."""

    person_id: Name | None = None
    supervised: StrictBool = True
    arp_percentage: Percentage | None = None
    arp_basis: Basis | None = None
    csrp_percentage: Percentage | None = None
    csrp_basis: Basis | None = None
    dc_srp_percentage: Percentage | None = None
    dc_srp_band: Literal["low", "medium", "high", "very_high", "not_applicable"] | None = None
    mappa: StrictBool = False
    serious_harm: Level | None = Field(None, description="null: not known")
    lifer: StrictBool = False
    latest_release_date: Day | None = None
    domestic_abuse: StrictBool = False
    stalking: StrictBool = False
    child_protection: StrictBool = False
    ever_sexual_offence: StrictBool = False


class ToTier(Asked):
    people: list[TierAnswers] = Field(min_length=1, max_length=AT_MOST)
    as_of: Day | None = Field(None, description="The day the tier is for; today if not given")


class StepRow(Told):
    name: str
    label: str
    tier: str | None
    read: str


class TierRow(Told):
    row: int = Field(description="Place in what was sent, from 1")
    person_id: str | None
    tier: str | None = Field(
        description="A to G, MISSING or NOT_SUPERVISED; null where problems say why there is none"
    )
    provisional: bool
    set_by: list[str]
    why_provisional: list[str]
    words: str
    steps: list[StepRow]
    version: str
    source: str
    data_hash: str
    problems: list[FieldError]


class Tiers(Told):
    items: list[TierRow]


class InputRow(Told):
    name: str
    label: str
    kind: str
    missing: str = Field(description="What happens where it is not known")


class AlgorithmRow(Told):
    """An algorithm that there is a record of."""

    key: str
    kind: Literal["instrument", "tier", "predictor", "rule_table", "rank"]
    name: str
    version: str
    task: str
    source: str
    data_hash: str
    illustrative: bool = Field(description="An illustration, not official")
    synthetic: bool = Field(description="Fitted on made-up people")
    inputs: list[InputRow]


class Algorithms(Told):
    items: list[AlgorithmRow]


class Gap(Told):
    number: str
    attribute: str
    name: str
    mandatory: bool
    who: str = Field(description="Who must fill it")


class RecordBody(Told):
    """A record of an algorithm, generated from what runs."""

    record: RecordKind
    subject: str
    title: str
    standard: str
    subject_name: str
    subject_version: str
    data_hash: str
    software_version: str
    made_on: str
    generated_from: str
    content_hash: str
    illustrative: bool
    synthetic: bool
    fields: dict[str, Any] = Field(description="By attribute name; null where nobody has filled it yet")
    gaps: list[Gap]
    gap_count: int
