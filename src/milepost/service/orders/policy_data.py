"""The app's numbers and lists that are policy, from the data files beside this module."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import StringConstraints

from milepost.service.accounts.roles import Role
from milepost.service.kit.policy_data import PolicyFile, Strict, Titled, WholeNumber, read_policy_file

HERE = Path(__file__).parent
FAR_OFF = dt.datetime(2999, 1, 1, tzinfo=dt.UTC)
"""``Person.monitored_until_utc`` while a device is on."""


class AbsenceReason(Titled):
    """Why a duty may be lifted: see absence_reasons.toml for what each value means."""

    evidence_required: bool
    authorised_by: frozenset[Role]
    in_advance: Literal["only", "after", "either"]
    second_person: bool


class AbsenceReasons(PolicyFile):
    suspension_needs_second_person: bool
    reason: list[AbsenceReason]


class DevicePolicy(PolicyFile):
    """Days."""

    monitored_after_removal: WholeNumber
    monitored_before_fitting: WholeNumber


class DocumentKind(Strict):
    content_type: str
    name: str
    endings: tuple[str, ...]
    begins_with_hex: tuple[Annotated[str, StringConstraints(pattern="^([0-9a-f]{2})+$")], ...]


class DocumentLimits(PolicyFile):
    largest_bytes: int
    most_of_an_order: int
    largest_import_bytes: int
    kind: list[DocumentKind]


@cache
def absence_reasons() -> AbsenceReasons:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(HERE / "absence_reasons.toml", AbsenceReasons)


@cache
def device_policy() -> DevicePolicy:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(HERE / "device_policy.toml", DevicePolicy)


@cache
def document_limits() -> DocumentLimits:
    """Raises ``UnreadableFile``, naming the field."""
    return read_policy_file(HERE / "document_limits.toml", DocumentLimits)


@cache
def read_reasons() -> dict[str, AbsenceReason]:
    """Reasons for which a duty may be lifted, by code."""
    return {reason.code: reason for reason in absence_reasons().reason}


def words_of(code: str) -> str:
    """The reason in words; the code itself where another table gave it."""
    reason = read_reasons().get(code)
    return str(reason) if reason else code.replace("_", " ")


def sight_after_removal() -> dt.timedelta:
    """How long monitoring officers still see a record after the last device came off."""
    return dt.timedelta(days=device_policy().monitored_after_removal.value)


def sight_before_fitting() -> dt.timedelta:
    """How long after approval monitoring officers see a record on which no device is fitted yet."""
    return dt.timedelta(days=device_policy().monitored_before_fitting.value)
