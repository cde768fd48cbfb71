"""The definition of a study: a TOML file that says who, from when, until when, what, and from which columns."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from milepost.problems import Problem, UnreadableFile
from milepost.risk.predictors.protected import asks_for, never

Kind = Literal["logistic", "scorecard", "explainable", "boosting", "catboost", "blend"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Head(_Part):
    """``retrospective``: why features known only after the index date are allowed. Such a study is research:
    its predictor can be judged, and can never go into shadow or be approved."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    task: str = Field(min_length=1)
    justification: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    source: str = Field(min_length=1)
    synthetic: bool = False
    retrospective: str = ""


class Keep(_Part):
    column: str
    values: tuple[str, ...] = Field(min_length=1)


class CohortPart(_Part):
    """``index_date`` names a column of dates; where the data has none, ``index_date_described`` says the day.
    ``person`` names the column of who it is; without one every row is a person of its own."""

    description: str = Field(min_length=1)
    person: str | None = None
    index_date: str | None = None
    index_date_described: str = ""
    horizon_days: int = Field(gt=0)
    keep: tuple[Keep, ...] = ()
    missing: tuple[str, ...] = ("",)

    @model_validator(mode="after")
    def _has_index(self) -> CohortPart:
        if not self.index_date and not self.index_date_described:
            raise ValueError("name the column of the index date, or describe the day in index_date_described")
        return self


class Outcome(_Part):
    """Either a column with words for yes and no, or the date of the event and until when each was followed.

    ``kind`` is the code under which a service records such outcomes (``outcomes.toml``); without one, scores in shadow
    are never joined to what happened."""

    description: str = Field(min_length=1)
    kind: str = Field("", pattern=r"^[a-z0-9_]{0,40}$")
    column: str | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    date: str | None = None
    followed_until: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Outcome:
        if self.column and self.yes and self.no and not (self.date or self.followed_until):
            return self
        if self.date and self.followed_until and not self.column:
            return self
        raise ValueError("give column with yes and no, or date with followed_until")


class Feature(_Part):
    """``known_at``: ``index_date`` (the data's owner says so, in ``known_at_source``), ``column`` (each value has
    its date in ``known_at_column``) or ``after`` (known later: only in a retrospective study)."""

    column: str = ""
    kind: Literal["number", "yes_no", "ordered", "category"]
    description: str = Field(min_length=1)
    known_at: Literal["index_date", "column", "after"]
    known_at_column: str | None = None
    known_at_source: str = ""
    levels: tuple[str, ...] = ()
    """Of an ordered feature from low to high; of yes_no first no, then yes."""

    @model_validator(mode="after")
    def _stamped(self) -> Feature:
        if (self.known_at == "column") != bool(self.known_at_column):
            raise ValueError("known_at = 'column' goes with known_at_column, and only with it")
        if self.known_at == "index_date" and not self.known_at_source:
            raise ValueError("say in known_at_source who states that the value is as at the index date")
        if self.kind == "ordered" and len(self.levels) < 2:
            raise ValueError("an ordered feature needs its levels, from low to high")
        if self.kind == "yes_no" and len(self.levels) not in (0, 2):
            raise ValueError("levels of a yes_no feature are two words: no, then yes")
        return self


class Split(_Part):
    """``temporal``: people with ``column`` (default: the index date) up to ``train_until`` train, later ones test.
    ``nested``: folds in folds, only where the data has no time (``reason``)."""

    kind: Literal["temporal", "nested"] = "temporal"
    column: str | None = None
    train_until: str | None = None
    folds: int = Field(5, ge=3, le=20)
    reason: str = ""

    @field_validator("train_until", mode="before")
    @classmethod
    def _text(cls, value: Any) -> Any:
        return None if value is None else str(value)

    @model_validator(mode="after")
    def _complete(self) -> Split:
        if self.kind == "temporal" and not self.train_until:
            raise ValueError("a temporal split needs train_until")
        if self.kind == "nested" and not self.reason:
            raise ValueError("say in reason why the split cannot be temporal")
        return self


class Model(_Part):
    kind: Kind = "logistic"
    members: tuple[Kind, ...] = ("logistic", "boosting")
    """Of a blend, to choose from: inner folds decide which of them it is the mean of."""
    calibrate: Literal["none", "logistic", "isotonic"] = "logistic"
    seed: int = 1
    settings: dict[str, Any] = {}


class Instrument(_Part):
    """The score that the predictor would replace: compared, never a reason to leave anything out."""

    name: str
    column: str


class Study(_Part):
    study: Head
    cohort: CohortPart
    outcome: Outcome
    split: Split
    model: Model = Model()
    features: dict[str, Feature] = Field(min_length=1)
    groups: dict[str, str] = {}
    """Name of a characteristic to its column: for the audit, never for the score."""
    justification: dict[str, str] = {}
    """``sex`` and ``age``: why a feature that says so is used."""
    average_over: str | None = None
    """The group whose members' Brier scores are averaged, where the study's own metric does so."""
    instrument: Instrument | None = None

    @property
    def name(self) -> str:
        return self.study.name

    def column_of(self, feature: str) -> str:
        return self.features[feature].column or feature

    @model_validator(mode="after")
    def _lawful(self) -> Study:
        for name, feature in self.features.items():
            column = feature.column or name
            if word := never(name, column):
                raise ValueError(
                    f"features.{name}: {word} never enters a score. Move it to [groups], where it is audited"
                )
            kind = asks_for(name, column)
            group = next((g for g, c in self.groups.items() if c == column), None)
            if group is not None and kind is None:
                raise ValueError(
                    f"features.{name}: column {column} is the group {group}; a group never enters a score"
                )
            if kind and not self.justification.get(kind, "").strip():
                raise ValueError(f"features.{name}: write under [justification] {kind} = why it is used")
            if feature.known_at == "after" and not self.study.retrospective:
                raise ValueError(
                    f"features.{name}: known only after the index date. Take it out, or say in study.retrospective "
                    "why this is research that will never score anyone"
                )
            outcome = (self.outcome.column, self.outcome.date, self.outcome.followed_until)
            if column in outcome:
                raise ValueError(f"features.{name}: column {column} is the outcome. Take it out")
        if self.average_over is not None and self.average_over not in self.groups:
            raise ValueError("average_over must name one of [groups]")
        return self


def read_study(path: Path) -> Study:
    """Raises ``UnreadableFile`` that names the key and the remedy."""
    try:
        return Study.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or None
        message = str(first["msg"]).removeprefix("Value error, ")
        problem = Problem(path.name, None, where, message, "Mend the study's definition and run again.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problem = Problem(path.name, None, None, f"This is no study: {error}", "Write a TOML file.")
    raise UnreadableFile(problem)
