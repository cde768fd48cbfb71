"""`milepost manage roll_days`: once an hour, by a timer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from milepost.service import clock
from milepost.service.signals.roll import AlreadyRolling, open_lake, roll, rolling_alone


class Command(BaseCommand):
    help = "Moves closed days of signals into the position lake, and old days out of the database."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--compact", action="store_true", help="Merge the lake's files afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        lake = open_lake(Path(settings.LAKE))
        try:
            with rolling_alone(lake.path):
                done = roll(lake, clock.now_utc())
        except AlreadyRolling as error:
            raise CommandError(str(error)) from None
        if options["compact"]:
            lake.compact()
        self.stdout.write(
            f"{done.rows} rows in {done.passes} passes went to the lake; "
            f"{done.rows_removed} rows of {len(done.days_removed)} days left the database."
        )
