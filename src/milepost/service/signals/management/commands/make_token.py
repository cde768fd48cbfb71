"""`milepost manage make_token`: a token for a device or a gateway, printed once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from milepost.service.accounts.actors import Machine
from milepost.service.kit.refusals import Refused
from milepost.service.signals.actions import make_token


class Command(BaseCommand):
    help = "Makes a token with which a device or a gateway may send signals, and prints it. It is not kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Who will use it")
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--device", default="", help="The one device that it speaks for")
        who.add_argument(
            "--prefix",
            default=None,
            help="A gateway: its device ids begin so (empty: any device, with --why)",
        )
        parser.add_argument(
            "--why", default="", help="Why it may send for any device, where the prefix is empty"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _, whole = make_token(
                name=options["name"],
                device_id=options["device"],
                device_prefix=options["prefix"] or "",
                why_any_device=options["why"],
                by=Machine("command", "make_token"),
            )
        except Refused:
            raise CommandError(
                "A token for any device needs a reason: give --why, or a --prefix that is not empty."
            ) from None
        self.stdout.write(whole)
