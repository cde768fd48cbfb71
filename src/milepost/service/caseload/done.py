"""What somebody did today, in numbers: for a list that otherwise only ever shows what is left."""

from __future__ import annotations

import datetime as dt

from milepost.service.accounts.models import User
from milepost.service.kit.capabilities import today_done
from milepost.service.kit.local_days import local_day, start_of_local_day


def done_today(user: User, now_utc: dt.datetime) -> list[str]:
    """ "3 decisions", "1 note": only what there was, of every app that counts what is done."""
    since = start_of_local_day(local_day(now_utc))
    told = [one for count in today_done() for one in count(user, since)]
    return [words % {"n": n} for n, words in told if n]
