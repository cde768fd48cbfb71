"""The small number of each device id in the signal tables."""

from __future__ import annotations

import json
from collections.abc import Collection

from django.db import connection
from django.utils import timezone

from milepost.service.signals.models import Sender


def known_numbers(devices: Collection[str]) -> dict[str, int]:
    """Device id to number, for those that have one. One query, however many."""
    if not devices:
        return {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT device_id, id FROM signals_sender WHERE device_id = ANY(%s::text[])", [list(devices)]
            )
        else:
            cursor.execute(
                "SELECT s.device_id, s.id FROM json_each(%s) j JOIN signals_sender s ON s.device_id = j.value",
                [json.dumps(list(devices))],
            )
        return dict(cursor.fetchall())


def numbers_of(devices: Collection[str], *, received_us: int) -> dict[str, int]:
    """Device id to number; new devices get one. Notes when each was last heard.

    Call it in a transaction that holds the inbox lock.
    """
    known = known_numbers(devices)
    if missing := [device for device in devices if device not in known]:
        now = timezone.now()
        Sender.objects.bulk_create(
            [Sender(device_id=device, first_seen_utc=now) for device in missing],
            ignore_conflicts=True,
            batch_size=1000,
        )
        known |= known_numbers(missing)
    if known:
        numbers = list(known.values())
        with connection.cursor() as cursor:
            chosen, given = chosen_numbers(numbers)
            cursor.execute(
                "UPDATE signals_sender SET last_received_us = %s WHERE last_received_us < %s "
                f"AND id IN (SELECT chosen.value FROM {chosen} chosen)",
                [received_us, received_us, given],
            )
    return known


def chosen_numbers(numbers: Collection[int]) -> tuple[str, list[int] | str]:
    """SQL of a table with one column ``value`` of these numbers, and its one parameter."""
    if connection.vendor == "postgresql":
        return "(SELECT unnest(%s::bigint[]) AS value)", [int(n) for n in numbers]
    return "json_each(%s)", json.dumps([int(n) for n in numbers])
