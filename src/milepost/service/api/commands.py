"""`milepost webhooks`: a sender."""

from __future__ import annotations

import signal
import threading

import click

from milepost.service.commands import set_up
from milepost.service.supervise import watch_parent


@click.command()
def webhooks() -> None:
    """Send webhooks as they become due, until stopped. Several may run."""
    set_up()
    watch_parent()
    from milepost.service.api.webhooks.sending import run

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run(stop)
