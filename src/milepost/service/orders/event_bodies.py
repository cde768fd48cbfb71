"""What other systems are told of orders, devices and absences: references and codes, no name."""

from __future__ import annotations

import datetime as dt

from milepost.policy_files import Strict


class OrderApproved(Strict):
    order: str
    person: str
    version: int
    regime: str
    effective_from_utc: dt.datetime | None


class DeviceChanged(Strict):
    activation: str
    device: str
    person: str
    at_utc: dt.datetime


class AbsenceAuthorised(Strict):
    absence: int
    person: str
    order: str = ""
    kind: str = ""
    reason_code: str = ""
    from_utc: dt.datetime | None = None
    until_utc: dt.datetime | None = None
