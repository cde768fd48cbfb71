"""`milepost work`: an engine worker."""

from __future__ import annotations

import signal

import click

from milepost.service.commands import set_up
from milepost.service.supervise import watch_parent


@click.command()
@click.option("--name", help="How the worker is called in logs and leases; default: host and process number.")
def work(name: str | None) -> None:
    """Judge signals as they come, until stopped. Several may run: each takes its share of the people."""
    set_up()
    watch_parent()
    from django.db import connections
    from django.db.backends.signals import connection_created

    from milepost.service.monitoring import lease
    from milepost.service.monitoring.worker import Worker

    connection_created.connect(lease.let_go_when_paused)
    connections.close_all()  # so that it holds for the first one too
    lease.make_buckets()
    worker = Worker(name)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    worker.run()
