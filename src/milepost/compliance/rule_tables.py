"""Rule tables: the numbers of policy, as published, dated, versioned data.

A table is a TOML file with ``[table]`` (who published it, from when, on what document), ``[evidence]``
(when a signal proves something), ``[[response]]`` (what a finding means) and ``[[total]]`` (running
totals). ``extends`` names a file in the same folder whose sections it builds on: its ``[evidence]``
values are overridden one by one, its responses and totals come first. A file of the folder with
``[[error]]`` is a table of learned errors (``learned_errors``).
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from milepost.compliance.finding_kinds import FindingKind
from milepost.compliance.learned_errors import LearnedErrors
from milepost.orders.model import Regime
from milepost.policy_files import read_policy_file
from milepost.problems import Problem, UnreadableFile

ILLUSTRATIVE = Path(__file__).parent / "rules" / "illustrative"
Level = Literal["note", "review", "urgent"]
LEVELS: tuple[Level, ...] = ("note", "review", "urgent")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Kept(Strict):
    """What it takes to confirm keeping: how probable a contact alone, how many, over how long, how far."""

    probability: float = Field(gt=0.5, lt=1)
    fixes: int = Field(ge=1)
    seconds: float = Field(ge=1)
    """At least a second: a confirmed state always has a length."""
    buffer_m: float = Field(ge=0)


class Breach(Strict):
    """What it takes to claim a breach: contacts that together cannot be explained from the kept side."""

    probability: float = Field(gt=0.5, lt=1)
    """How improbable an error must be for a contact alone to begin, carry and end a breach."""
    budget: float = Field(gt=0, lt=1)
    """How probable a wrong claim may be within one obligation, all looks counted, if errors are as stated."""
    looks: int = Field(ge=1)
    """How often an obligation is looked at: contacts in a day at the usual rate."""
    related_s: float = Field(gt=0)
    """How long errors stay related: contacts closer than this are not independent of each other."""
    share: float = Field(gt=0, le=1)
    """How large a share of the contacts must each lie apart from the kept side."""
    fixes: int = Field(ge=1)
    seconds: float = Field(ge=1)
    """At least a second: a confirmed state always has a length."""
    buffer_m: float = Field(ge=0)


class EasilyExplained(Strict):
    """Which contacts are easily explained from the kept side, and how many in a row end a breach."""

    sigmas: float = Field(gt=0)
    fixes: int = Field(ge=1)


class CertaintyStep(Strict):
    """From this strength of the positions together, and from this length, a finding is as certain as this.

    Measured, see its source. Length, because an error of some minutes can be as strong as an absence of some minutes,
    and not as long as one of an hour."""

    strength: float = Field(ge=0)
    seconds: float = Field(default=0.0, ge=0)
    certainty: float = Field(gt=0, lt=1)


class SourceRule(Strict):
    may_confirm: bool
    assumed_precision_m: float = Field(gt=0)
    precision_floor_m: float = Field(gt=0)


class PresenceRule(Strict):
    gap_s: float = Field(gt=0)
    out_seconds: float = Field(ge=0)
    lag_s: float = Field(ge=0)
    """How late a unit says that it no longer hears the tag: the time before that is not claimed as kept."""
    certainty: float = Field(gt=0, le=1)


class BatteryRule(Strict):
    low_pct: float = Field(ge=0, le=100)
    ok_pct: float = Field(ge=0, le=100)
    dead_pct: float = Field(ge=0, le=100)


class AttendanceRule(Strict):
    grace_s: float = Field(ge=0)
    minimum_s: float = Field(gt=0)


class DriftRule(Strict):
    """From when positions look like a drift of the receiver rather than travel. Told to people; nothing is judged by it."""

    around_s: float = Field(gt=0)
    """How long before and after the finding positions are looked at."""
    near_m: float = Field(gt=0)
    """No position of the finding lies further beyond the kept side."""
    walking_mps: float = Field(gt=0)
    """Slower than this nobody walks; from here on somebody travelled."""
    on_foot_mps: float = Field(gt=0)
    """Faster than this nobody goes on foot: a jump."""
    still_mps: float = Field(ge=0)
    """Up to this reported speed the device says that it is not moving."""
    still_share: float = Field(gt=0, le=1)
    """Of the positions that say a speed."""
    moving_positions: int = Field(ge=1)
    """So many that report a walking speed show travel."""
    step_s: float = Field(gt=0)
    """Positions nearer in time than this say nothing of a speed: their errors are larger than the way."""
    silence_times: float = Field(ge=1)
    """A longer silence than so many usual intervals may hide a way."""
    quick_share: float = Field(gt=0, lt=1)
    """Up to this share of its usual interval a device reports more often."""
    quick_steps: int = Field(ge=1)
    """So many quick intervals, at a walking speed, show that the device does so on the move."""
    less_exact_times: float = Field(gt=1)
    """So many times its usual precision the device says that it is less sure."""
    least_signs: int = Field(ge=1)


class Evidence(Strict):
    """When a signal proves something. Meaning of each value: docs, "How the engine decides"."""

    breach: Breach
    kept: Kept
    explained: EasilyExplained
    certainty: list[CertaintyStep] = Field(min_length=1)
    """Of the steps whose strength and seconds are both reached the most certain holds; of none, the least certain."""
    gap_s: float = Field(gt=0)
    gap_times: float = Field(ge=1)
    """A gap is also longer than so many of a device's own usual intervals (but never longer than ``hold_s``)."""
    hold_s: float = Field(gt=0)
    edge_s: float = Field(ge=0)
    finding_min_s: float = Field(ge=0)
    conflict_min_s: float = Field(ge=0)
    max_speed_mps: float = Field(gt=0)
    speed_escape_fixes: int = Field(ge=2)
    there_and_back_mps: float = Field(gt=0)
    """As the crow flies, nobody gets to the kept side and back faster than this within ``hold_s``."""
    no_contact_after_s: float = Field(gt=0)
    device_event_certainty: float = Field(gt=0, le=1)
    presence: PresenceRule
    battery: BatteryRule
    attendance: AttendanceRule
    drift: DriftRule | None = None
    """None: what looks like a drift is not named."""
    sources: dict[Literal["GPS", "UNKNOWN", "WIFI", "LBS", "RF"], SourceRule]

    def certainties(self, strength: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """``certainty_of`` for many findings."""
        found = np.full(len(strength), min(step.certainty for step in self.certainty))
        reached = np.zeros(len(strength), bool)
        for step in self.certainty:
            at = (step.strength <= strength) & (step.seconds <= seconds)
            found[at] = np.where(reached[at], np.maximum(found[at], step.certainty), step.certainty)
            reached |= at
        return found

    def certainty_of(self, strength: float, seconds: float) -> float:
        """How certain a finding of this length is whose positions together are so strong (section 10)."""
        reached = [s.certainty for s in self.certainty if s.strength <= strength and s.seconds <= seconds]
        return max(reached, default=min(s.certainty for s in self.certainty))


class Response(Strict):
    """One row: which findings, from how many minutes, how often, give which level and action."""

    id: str
    findings: list[str]
    from_minutes: float = 0
    repeats: int = Field(default=1, ge=1)
    within_days: float | None = None
    level: Level
    action: str
    act_within_minutes: int | None = None

    @model_validator(mode="after")
    def _findings_are_known(self) -> Response:
        known = {kind.value for kind in FindingKind} | {"*"}
        unknown = [name for name in self.findings if name not in known]
        if unknown:
            raise ValueError(f"unknown finding {unknown[0]!r}; known are: {', '.join(sorted(known))}")
        return self


class Limit(Strict):
    minutes: float = Field(gt=0)
    level: Level


class Total(Strict):
    id: str
    description: str
    findings: list[str]
    window_days: float = Field(gt=0)
    limits: list[Limit]


class TableHead(Strict):
    id: str
    version: int = Field(ge=1)
    regimes: list[Regime]
    status: Literal["draft", "published"]
    illustrative: bool = False
    owner: str
    published_by: str | None = None
    effective_from: dt.date
    source_document: str
    extends: str | None = None

    @model_validator(mode="after")
    def _published_by_someone(self) -> TableHead:
        if self.status == "published" and not self.published_by:
            raise ValueError("a published table names who published it (published_by)")
        return self


class RuleTable(Strict):
    table: TableHead
    evidence: Evidence
    response: list[Response]
    total: list[Total]

    @property
    def name(self) -> str:
        """``id@version``, as printed on every finding."""
        return f"{self.table.id}@{self.table.version}"


class RuleSet:
    """The tables of a folder, by regime and date, and what was learned of the errors of devices."""

    def __init__(self, tables: Iterable[RuleTable], learned: Sequence[LearnedErrors] = ()) -> None:
        self.learned = tuple(learned)
        self.tables = sorted(tables, key=lambda t: (t.table.effective_from, t.table.version))
        self._found: dict[tuple[Regime, dt.date | None], RuleTable] = {}

    def for_regime(self, regime: Regime, on: dt.date | None = None) -> RuleTable:
        """The published table in force for a regime on a date (UTC; None: the latest).

        Raises:
            LookupError: no published table covers the regime on that date.
        """
        known = self._found.get((regime, on))
        if known is not None:
            return known
        found = [
            t
            for t in self.tables
            if regime in t.table.regimes
            and t.table.status == "published"
            and (on is None or t.table.effective_from <= on)
        ]
        if not found:
            when = f" on {on}" if on else ""
            raise LookupError(
                f"No published rule table covers the regime {regime.value}{when}. "
                "Add one to the rules folder, or publish the draft."
            )
        self._found[regime, on] = found[-1]
        return found[-1]


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = value
    return merged


def _problem(path: Path, field: str | None, message: str, remedy: str) -> UnreadableFile:
    return UnreadableFile(Problem(source=path.name, row=None, field=field, message=message, remedy=remedy))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _problem(path, None, "the rule table is not there", "Check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _problem(path, None, f"not valid TOML: {error}", "Mend the line it names.") from None


def read_rule_table(path: Path) -> RuleTable:
    """Reads one table and what it extends.

    Raises:
        UnreadableFile: naming the field and the remedy. A rule table is never used in part.
    """
    own = _read_toml(path)
    extends = own.get("table", {}).get("extends")
    if extends:
        base = _read_toml(path.parent / extends)
        own["evidence"] = _merged(base.get("evidence", {}), own.get("evidence", {}))
        for section in ("response", "total"):
            own[section] = [*base.get(section, []), *own.get(section, [])]
    own.setdefault("response", [])
    own.setdefault("total", [])
    try:
        return RuleTable.model_validate(own)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _problem(
            path, field, first["msg"], "Mend this value; a rule table is never used in part."
        ) from None


def read_rules(path: Path = ILLUSTRATIVE) -> RuleSet:
    """Reads a rule table, or every table (a file with ``[table]``) of a folder.

    Raises:
        UnreadableFile: a table is wrong, or the folder holds none.
    """
    if path.is_file():
        return RuleSet([read_rule_table(path)])
    files = sorted(path.glob("*.toml")) if path.is_dir() else []
    read = {f: _read_toml(f) for f in files}
    tables = [read_rule_table(f) for f, told in read.items() if "table" in told and "error" not in told]
    if not tables:
        raise _problem(path, None, "no rule table found", "Name a TOML rule table or a folder of them.")
    return RuleSet(
        tables, [read_policy_file(f, LearnedErrors) for f, told in read.items() if "error" in told]
    )
