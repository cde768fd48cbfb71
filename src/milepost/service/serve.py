"""`milepost serve`: the web server, and with it whatever else the service needs to live."""

from __future__ import annotations

import ipaddress
import os
from typing import Any

import click

from milepost.service import supervise
from milepost.service.commands import set_up

CHECKED = "MILEPOST_SERVE_CHECKED"
"""Set for the web server of a family: whoever started it has checked already."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to answer on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer."
)
@click.option(
    "--threads", type=click.IntRange(1, 256), default=16, show_default=True,
    help="Requests each process answers at once. An open alert board holds one.",
)  # fmt: skip
@click.option(
    "--with-workers", type=click.IntRange(0, 32), default=0, show_default=True, metavar="N",
    help="Also run N engine workers, the upkeep timer, what sends webhooks, and, where MILEPOST_MQTT_URL is "
    "set, the MQTT subscriber.",
)  # fmt: skip
def serve(host: str, port: int, workers: int, threads: int, with_workers: int) -> None:
    """Serve the pages and take in signals, until stopped. Checks first that everything is in place."""
    set_up()
    if os.environ.pop(CHECKED, "") != "yes":
        check_address(host)
        check_ready()
    if not with_workers:
        supervise.watch_parent()
        run_web(host, port, workers, threads)
        return
    from django.db import connections

    connections.close_all()
    family = supervise.Family(family_of(host, port, workers, threads, with_workers))
    supervise.stop_on_signals(family.stopping)
    click.echo(f"Milepost answers at http://{host}:{port}/ with {with_workers} engine workers.", err=True)
    family.start()
    family.run()


def family_of(host: str, port: int, workers: int, threads: int, engine_workers: int) -> list[supervise.Child]:
    """The processes of a whole service on one machine."""
    from django.conf import settings

    web = [
        "serve", "--host", host, "--port", str(port), "--workers", str(workers), "--threads", str(threads)
    ]  # fmt: skip
    children = [supervise.Child("web", web, {CHECKED: "yes"})]
    children += [supervise.Child(f"engine-{n + 1}", ["work"]) for n in range(engine_workers)]
    children += [supervise.Child("webhooks", ["webhooks"]), supervise.Child("upkeep", ["upkeep", "timer"])]
    if settings.MQTT_URL:
        children.append(supervise.Child("mqtt", ["mqtt"]))
    return children


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(host: str) -> None:
    """Raises ClickException for an address that would show pages to the network unprotected."""
    from django.conf import settings

    if is_loopback(host):
        return
    if settings.DEMO:
        raise click.ClickException(
            f"{host} can be reached from elsewhere, and demo mode lets anybody sign in. Use 127.0.0.1."
        )
    if not settings.BEHIND_TLS:
        raise click.ClickException(
            f"{host} can be reached from elsewhere, and MILEPOST_TLS is off: sign-ins would be readable on the "
            "way. Put a TLS proxy in front and leave MILEPOST_TLS on, or use 127.0.0.1."
        )


def check_ready() -> None:
    """Raises ClickException, with the remedy, unless the settings pass and the database is migrated."""
    from django.core import checks
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        errors = [e for e in checks.run_checks() if e.is_serious() and not e.is_silenced()]
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise click.ClickException(
            f"The database does not answer: {error}. Check DATABASE_URL, or MILEPOST_DATA for the embedded one; "
            "a new one is made by: milepost manage migrate"
        ) from None
    if errors:
        raise click.ClickException("The settings do not pass:\n" + "\n".join(str(e) for e in errors))
    if waiting:
        raise click.ClickException("The database has to be migrated first. Run: milepost manage migrate")


def run_web(host: str, port: int, workers: int, threads: int) -> None:
    """Gunicorn with threads, in this process. Returns when it was asked to stop; raises SystemExit."""
    from django.conf import settings
    from django.db import connections
    from gunicorn.app.base import BaseApplication

    from milepost.service.warm import warm_up_behind

    connections.close_all()  # what forks must not share a connection

    class Web(BaseApplication):
        def load_config(self) -> None:
            values: dict[str, Any] = {
                "bind": f"[{host}]:{port}" if ":" in host and "[" not in host else f"{host}:{port}",
                "workers": workers,
                "threads": threads,
                "worker_class": "gthread",
                "timeout": 60,
                "graceful_timeout": 10,
                "keepalive": 15,
                "loglevel": "warning",
                "proc_name": "milepost",
                "control_socket_disable": True,
                "umask": 0o077,  # its own default is none at all
                # In each process, for threads do not survive a fork.
                "post_worker_init": lambda worker: warm_up_behind(),
                # A header that anyone can send is believed from the proxy alone.
                "forwarded_allow_ips": "127.0.0.1,::1" if settings.BEHIND_TLS else "",
            }
            for name, value in values.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from milepost.service.wsgi import application

            return application

    Web().run()
