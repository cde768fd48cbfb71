"""`milepost serve`: the web server, and with it whatever else the service needs to live."""

from __future__ import annotations

import errno
import ipaddress
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path

import click

from milepost.service import supervise
from milepost.service.commands import set_up

SERVING = "milepost.service.serving"
INGEST_THREADS = 64
"""Of one process of ingest. They only wait: one of their own writes for all of them."""
BACKLOG = 2048
ANSWERING_STEADY_S = 5.0
"""A process that answers and dies after that long is started again at once: somebody waits for it."""
PORT_AWAITED_S = 15.0
"""A service that was killed leaves its port a moment later: its processes notice and end."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to answer on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option(
    "--socket", "file", type=click.Path(path_type=Path), help="Answer at this socket file instead of a port."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer pages."
)
@click.option(
    "--threads", type=click.IntRange(1, 256), default=16, show_default=True,
    help="Pages each process makes at once. An open alert board holds one.",
)  # fmt: skip
@click.option(
    "--ingest-workers", type=click.IntRange(1, 16), default=2, show_default=True,
    help="Processes that take in signals, and do nothing else.",
)  # fmt: skip
@click.option(
    "--ingest-port", type=click.IntRange(1, 65535),
    help="A port of their own, for a proxy to send /ingest/ to. The pages' port hands it on to them in any case.",
)  # fmt: skip
@click.option(
    "--with-workers", type=click.IntRange(0, 32), default=0, show_default=True, metavar="N",
    help="Also run N engine workers, the upkeep timer, what sends webhooks, and, where MILEPOST_MQTT_URL is "
    "set, the MQTT subscriber.",
)  # fmt: skip
def serve(
    host: str, port: int, file: Path | None, workers: int, threads: int, ingest_workers: int,
    ingest_port: int | None, with_workers: int,
) -> None:  # fmt: skip
    """Serve the pages and take in signals, until stopped. Checks first that everything is in place."""
    set_up()
    if file is None or ingest_port is not None:
        check_address(host)
    check_ready()
    from django.db import connections

    connections.close_all()
    folder = Path(tempfile.mkdtemp(prefix="milepost-"))  # 0700: only this user reaches the socket file in it
    try:
        relay = folder / "ingest"
        pages = [listen_at(file) if file else listen_on(host, port)]
        ingest = [listen_at(relay), *([listen_on(host, ingest_port)] if ingest_port else [])]
        children = web_children(pages, ingest, relay, workers, threads, ingest_workers)
        if with_workers:
            children += other_children(with_workers)
        family = supervise.Family(children)
        supervise.watch_parent()
        supervise.stop_on_signals(family.stopping)
        where = f"at {file}" if file else f"at http://{host}:{port}/"
        if with_workers:
            where += f" with {with_workers} engine workers"
        click.echo(f"Milepost answers {where}.", err=True)
        family.start()
        family.run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if file:
            file.unlink(missing_ok=True)


def web_children(
    pages: list[socket.socket],
    ingest: list[socket.socket],
    relay: Path,
    workers: int,
    threads: int,
    ingest_workers: int,
) -> list[supervise.Child]:
    """The processes that answer, each with the listening sockets of its kind."""
    page_fds, ingest_fds = [s.fileno() for s in pages], [s.fileno() for s in ingest]
    children = [
        supervise.Child(
            f"ingest-{n + 1}", ["ingest", *map(str, ingest_fds), "--threads", str(INGEST_THREADS)],
            module=SERVING, fds=ingest_fds, steady_s=ANSWERING_STEADY_S,
        )
        for n in range(ingest_workers)
    ]  # fmt: skip
    for n in range(workers):
        arguments = ["pages", *map(str, page_fds), "--threads", str(threads), "--relay", str(relay)]
        children.append(supervise.Child(
            f"web-{n + 1}", arguments, module=SERVING, fds=page_fds, steady_s=ANSWERING_STEADY_S,
        ))  # fmt: skip
    return children


def other_children(engine_workers: int) -> list[supervise.Child]:
    """What a whole service on one machine needs besides."""
    from django.conf import settings

    children = [supervise.Child(f"engine-{n + 1}", ["work"]) for n in range(engine_workers)]
    children += [supervise.Child("webhooks", ["webhooks"]), supervise.Child("upkeep", ["upkeep", "timer"])]
    if settings.MQTT_URL:
        children.append(supervise.Child("mqtt", ["mqtt"]))
    return children


def listen_on(host: str, port: int) -> socket.socket:
    """Raises ClickException where the port is taken, and stays taken."""
    bare = host.strip("[]")
    until = time.monotonic() + PORT_AWAITED_S
    while True:
        try:
            found = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)[0]
            listening = socket.socket(found[0], socket.SOCK_STREAM)
            try:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listening.bind(found[4])
                listening.listen(BACKLOG)
            except OSError:
                listening.close()
                raise
            return listening
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise click.ClickException(f"{host}:{port} cannot be used: {error.strerror}.") from None
            time.sleep(0.25)


def listen_at(file: Path) -> socket.socket:
    """Raises ClickException where something is there already that is no socket, or answers."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if file.is_socket():
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
                if asked.connect_ex(str(file)) == 0:
                    raise OSError(errno.EADDRINUSE, "something answers there")
            file.unlink()
        before = os.umask(0o077)
        try:
            listening.bind(str(file))
        finally:
            os.umask(before)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise click.ClickException(f"{file} cannot be used: {error.strerror or error}.") from None
    return listening


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
