"""A person's own signals over a time, from the recent tables and, for days that have left them, from the lake."""

from __future__ import annotations

from django.db import connection

from milepost.service.person_page.subject import Subject
from milepost.service.signals.senders import chosen_numbers, known_numbers
from milepost.service.signals.worn import gone_days, signals_while_worn
from milepost.tracks.record import Signals

SIGNAL_TABLES = ("signals_fix", "signals_presence", "signals_deviceevent")


def own_signals(subject: Subject, from_us: int, until_us: int) -> Signals:
    """What the person's devices recorded in [from, until) while they were theirs.

    Days that have gone to the lake and are not in the recent tables any more come from there.
    """
    return signals_while_worn(subject.worn_between(from_us, until_us), from_us, until_us)


def how_many(subject: Subject, from_us: int, until_us: int) -> tuple[int, ...]:
    """Rows of each signal table in a time. Signals are only ever added, so a count tells whether any were."""
    worn = subject.worn_between(from_us, until_us)
    numbers = list(known_numbers({w.device_id for w in worn}).values())
    if not numbers:
        return (0, 0, 0)
    chosen, given = chosen_numbers(numbers)
    parts = ", ".join(
        f"(SELECT count(*) FROM {chosen} chosen JOIN {table} t ON t.sender_id = chosen.value "
        "WHERE t.recorded_us >= %s AND t.recorded_us < %s)"
        for table in SIGNAL_TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}", [given, from_us, until_us] * len(SIGNAL_TABLES))
        counts = tuple(cursor.fetchone())
    return (*counts, len(gone_days(from_us, until_us)))
