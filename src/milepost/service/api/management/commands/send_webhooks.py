"""One round of the sender, for a timer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from milepost.service.api.webhooks.sending import forget_old, send_due


class Command(BaseCommand):
    help = "Sends what webhooks have due, once, and ends. `milepost webhooks` goes on until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        attempts = send_due()
        forget_old()
        self.stdout.write(f"{attempts} attempts")
