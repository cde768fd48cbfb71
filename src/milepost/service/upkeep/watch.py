"""Predictors in shadow or in use are watched: what the timer does each day, and ``milepost upkeep watch`` at once."""

from __future__ import annotations

from milepost.service.algorithms.watching.run import watch_all
from milepost.service.audit.record import Actor
from milepost.service.upkeep.models import UpkeepRun


def watch_predictors(*, by: Actor) -> dict[str, int]:
    """Counts, as :func:`~milepost.service.algorithms.watching.run.watch_all`. Each predictor is a transaction of its
    own with its audit entry; the row of this run comes last, so that a run that was killed is none."""
    done = watch_all(by=by)
    if done["predictors"] or done["failed"]:
        UpkeepRun.objects.create(kind=UpkeepRun.Kind.WATCH, facts=done)
    return done
