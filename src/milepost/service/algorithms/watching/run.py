"""The watch: scores in shadow are joined to outcomes, drift is measured, and what passes a limit is kept as an alarm.

One predictor at a time, each in a transaction of its own: killed at any moment, what was done stays and the rest is
done the next time. On a day on which nothing is new it writes nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
from typing import Any

from django.db import IntegrityError, transaction

from milepost.risk.predictors.data_files import load
from milepost.risk.predictors.registry import Entry, Untrusted
from milepost.risk.predictors.study import Study
from milepost.risk.predictors.watch import watch_shadow
from milepost.service import clock
from milepost.service.algorithms.models import DriftAlarm, DriftReport
from milepost.service.algorithms.outcomes.recorded import table_of
from milepost.service.algorithms.policy_data import OutcomeKind, outcome_numbers
from milepost.service.algorithms.predictors import held
from milepost.service.audit.operations import Operation
from milepost.service.audit.record import Actor, write
from milepost.service.kit.local_days import today

log = logging.getLogger("milepost.watch")
WATCHED = ("shadow", "approved")


def watch_all(*, by: Actor) -> dict[str, int]:
    """Watches every predictor in shadow or in use. Counts of predictors watched, reports written, alarms that began,
    and predictors that could not be watched (each is logged and hides no other)."""
    done = {"predictors": 0, "reports": 0, "alarms": 0, "failed": 0}
    found = held()
    done["failed"] += len(found.not_trusted)
    for entry in found.entries:
        if entry.state not in WATCHED:
            continue
        done["predictors"] += 1
        try:
            report, began = watch_one(entry, by=by)
        except (Untrusted, OSError, ValueError) as error:
            log.warning("a predictor could not be watched", extra={"reason": type(error).__name__})
            done["failed"] += 1
            continue
        done["reports"] += report is not None
        done["alarms"] += began
    return done


def watch_one(entry: Entry, *, by: Actor) -> tuple[DriftReport | None, int]:
    """The report, None if nothing is new since the last; and how many alarms began with it."""
    day, kind = today(), kind_of(entry)
    table = table_of(kind.code) if kind else None
    found = watch_shadow(entry, table, waiting_days=kind.waiting_days if kind else 0, today=day)
    found["outcome_kind"] = kind.code if kind else ""
    mark = _fingerprint(entry, found)
    try:
        with transaction.atomic():
            return _keep(entry, found, mark, day, by)
    except IntegrityError:  # another watch was quicker: what it wrote says the same
        return None, 0


def kind_of(entry: Entry) -> OutcomeKind | None:
    """The kind of recorded outcome that its study predicts; None if it names none."""
    study = Study.model_validate(entry.body["study"]) if entry.body["study"] else None
    return outcome_numbers().of(study.outcome.kind) if study else None


def _fingerprint(entry: Entry, found: dict[str, Any]) -> str:
    """Of everything that the report rests on but the day: so that an unchanged world adds no report."""
    said = {key: value for key, value in found.items() if key != "until"}
    rests_on = [entry.body["model_hash"], load("limits"), outcome_numbers().table.name, said]
    return hashlib.sha256(json.dumps(rests_on, sort_keys=True, default=str).encode()).hexdigest()


def _keep(
    entry: Entry, found: dict[str, Any], mark: str, day: dt.date, by: Actor
) -> tuple[DriftReport | None, int]:
    of = {"name": entry.name, "version": entry.version}
    last = DriftReport.objects.select_for_update().filter(**of).first()
    if last is not None and last.fingerprint == mark:
        return None, 0
    values = {"fingerprint": mark, "found": found, "at_utc": clock.now_utc()}
    report, _made = DriftReport.objects.update_or_create(**of, day=day, defaults=values)
    began = _ring(report, found["alarms"])
    for alarm in began:
        write(
            by=by, operation=Operation.ALTERATION, what="predictor.alarm",
            details={
                "predictor": entry.name, "version": entry.version, "alarm": alarm.pk, "kind": alarm.kind,
                "of": alarm.what, "level": alarm.level, "value": alarm.value, "limit": alarm.limit,
            },
        )  # fmt: skip
    write(
        by=by, operation=Operation.COMBINATION, what="predictor.watch",
        details={"predictor": entry.name, "version": entry.version, "report": report.pk, "alarms": len(found["alarms"])},
    )  # fmt: skip
    return report, len(began)


def _ring(report: DriftReport, found: list[dict[str, Any]]) -> list[DriftAlarm]:
    """Alarms that begin are made, those that go on point to this report, the others are over. Returns those that
    began, or rose from watch to alarm: what was answered as a watch has not been answered as an alarm."""
    ringing = {
        (a.kind, a.what): a
        for a in DriftAlarm.objects.filter(name=report.name, version=report.version, over_utc=None)
    }
    began = []
    for told in found:
        alarm = ringing.pop((told["kind"], _begin(told["what"])), None)
        if alarm is not None and alarm.level == "watch" and told["level"] == "alarm":
            _end(alarm)
            alarm = None
        if alarm is None:
            began.append(
                DriftAlarm.objects.create(
                    name=report.name, version=report.version, kind=told["kind"], what=_begin(told["what"]),
                    level=told["level"], value=told["value"], limit=told["limit"], first=report, last=report,
                )
            )  # fmt: skip
            continue
        alarm.last, alarm.level, alarm.value, alarm.limit = (
            report,
            told["level"],
            told["value"],
            told["limit"],
        )
        alarm.save(update_fields=["last", "level", "value", "limit"])
    for alarm in ringing.values():
        _end(alarm)
    return began


def _end(alarm: DriftAlarm) -> None:
    alarm.over_utc = clock.now_utc()
    alarm.save(update_fields=["over_utc"])


def _begin(what: str) -> str:
    """A span of time by its first month: its end moves on as outcomes come in, and it is the same alarm."""
    return what.partition(" to ")[0]
