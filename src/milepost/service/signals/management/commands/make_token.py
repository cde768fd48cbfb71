"""`milepost manage make_token`: a token for a device or a gateway, printed once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from milepost.service.accounts.actors import Machine
from milepost.service.signals.actions import make_token


class Command(BaseCommand):
    help = "Makes a token with which a device or a gateway may send signals, and prints it. It is not kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Who will use it")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--device", default="", help="The one device that it speaks for")
        who.add_argument(
            "--prefix", default=None, help="A gateway: its device ids begin so (empty: any device)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _, whole = make_token(
            name=options["name"],
            device_id=options["device"],
            device_prefix=options["prefix"] or "",
            by=Machine("command", "make_token"),
        )
        self.stdout.write(whole)
