"""`milepost demo`: a town of made-up people, a week behind them, and an evening that is happening now."""

from __future__ import annotations

import os
import sys
import threading
import time
import webbrowser
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from milepost.service import supervise

OF_A_REAL_SERVICE = (
    "DATABASE_URL", "MILEPOST_DEMO_CLOCK", "MILEPOST_LAKE", "MILEPOST_TLS", "MILEPOST_PREDICTORS", "MILEPOST_PREDICTORS_KEY",
    "MILEPOST_GAZETTEER", "MILEPOST_CHECKPOINT_FOLDER", "MILEPOST_CHECKPOINT_WEBHOOK", "MILEPOST_CHECKPOINT_SYSLOG",
)  # fmt: skip
"""Settings that could point out of the demo's folder."""


@click.command()
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True,
    help="The folder it lives in. Running again with the same folder goes on where it stopped.",
)  # fmt: skip
@click.option("--fresh", is_flag=True, help="Empty the folder first and begin anew.")
@click.option("--people", type=click.IntRange(20, 2000), help="How many people. Default: 200.")
@click.option("--seed", type=int, help="Another number gives another town. Default: 1.")
@click.option(
    "--speed",
    type=click.FloatRange(1, 120),
    help="How many times as fast the town's clock runs. Default: 10.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--open/--no-open", "open_it", default=True, help="Open a browser, where there is one.")
@click.option("--report", is_flag=True, help="No service: judge a week and write the report into the folder.")
def demo(
    data: Path, fresh: bool, people: int | None, seed: int | None, speed: float | None, port: int, open_it: bool,
    report: bool,
) -> None:  # fmt: skip
    """A town of made-up people, with a week behind them and an evening that is happening now. Ctrl-C stops it."""
    if report:
        from milepost.demo import run_demo

        run_demo(data, people=people or 40, days=7, seed=seed or 1, open_it=open_it)
        return
    _run(data.resolve(), fresh, people, seed, speed, port, open_it)


def _run(
    folder: Path,
    fresh: bool,
    people: int | None,
    seed: int | None,
    speed: float | None,
    port: int,
    open_it: bool,
) -> None:
    os.environ |= {"MILEPOST_DEMO": "yes", "MILEPOST_DATA": str(folder)}
    for name in OF_A_REAL_SERVICE:
        os.environ.pop(name, None)  # the demo touches nothing but its folder
    os.environ.setdefault("MILEPOST_LOG_LEVEL", "WARNING")
    from milepost.service.commands import set_up
    from milepost.service.demo.folder import is_ready, take_folder
    from milepost.service.demo.policy_data import numbers
    from milepost.service.kit.files import keep_to_ourselves

    keep_to_ourselves()
    try:
        take_folder(folder, fresh=fresh)
    except FileExistsError as error:
        raise click.ClickException(str(error)) from None
    _check_port(port)
    os.environ.setdefault("MILEPOST_STREETS", str(folder / "town" / "streets.geojson"))
    set_up()
    if not is_ready(folder):
        _prepare(folder, people or numbers().town.people, numbers().town.seed if seed is None else seed)
    elif people is not None or seed is not None:
        click.echo("This folder's town stays as it is; --fresh makes another.", err=True)
    _play(folder, speed or numbers().play.speed, port, open_it)


def _prepare(folder: Path, people: int, seed: int) -> None:
    from django.db import connections

    from milepost.service.demo import prepare

    console = Console(stderr=True)
    columns = [TextColumn("{task.description:<32}"), BarColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Making a synthetic town", total=1.0)
        prepare.make_ready(
            folder, people=people, seed=seed,
            step=lambda what, done: bar.update(task, description=what, completed=done),
        )  # fmt: skip
    connections.close_all()


def _play(folder: Path, speed: float, port: int, open_it: bool) -> None:
    from milepost.service.demo.feeder import read_state
    from milepost.service.demo.policy_data import numbers
    from milepost.service.demo.town import times_of

    times = times_of(folder / "town")
    town_us = read_state(folder / "fed.json", times.visit_us)
    os.environ["MILEPOST_DEMO_CLOCK"] = f"{time.time_ns() // 1000}:{town_us}:{speed}"
    address = f"http://127.0.0.1:{port}/demo/"
    play = numbers().play
    logs = folder / "logs"
    web = [
        "serve", "--port", str(port), "--workers", "1", "--threads", str(play.web_threads),
        "--ingest-workers", "1",
    ]  # fmt: skip
    children = [supervise.Child("web", web, log_file=logs / "web.log")]
    children += [
        supervise.Child(f"engine-{n + 1}", ["work"], log_file=logs / f"engine-{n + 1}.log")
        for n in range(play.engine_workers)
    ]
    children += [
        supervise.Child("webhooks", ["webhooks"], log_file=logs / "webhooks.log"),
        supervise.Child("upkeep", ["upkeep", "timer"], log_file=logs / "upkeep.log"),
    ]
    feed = ["demo-feed", "--data", str(folder), "--port", str(port)]
    feeder = supervise.Child("feeder", feed, log_file=logs / "feeder.log", once=True)
    # A first search for a postcode would wait some seconds for it.
    postcodes = supervise.Child(
        "postcodes", ["gazetteer", "postcodes"], log_file=logs / "postcodes.log", once=True
    )
    family = supervise.Family([*children, feeder, postcodes])
    supervise.stop_on_signals(family.stopping)
    family.start()
    threading.Thread(
        target=_announce_when_ready, args=(address, family.stopping, open_it), daemon=True
    ).start()
    told = False

    def look() -> None:
        nonlocal told
        if feeder.done and not told:
            told = True
            click.echo("The prepared days are over. Ctrl-C, then: milepost demo --fresh", err=True)

    family.run(also=look)


def _announce_when_ready(address: str, stopping: threading.Event, open_it: bool) -> None:
    import requests

    session = requests.Session()
    session.trust_env = False
    ready = address.removesuffix("demo/") + "health/ready"
    while not stopping.wait(0.2):
        try:
            if session.get(ready, timeout=2).status_code == 200:
                break
        except requests.RequestException:
            continue
    if stopping.is_set():
        return
    click.echo(f"Milepost's synthetic town is at {address} (Ctrl-C stops it)")
    sys.stdout.flush()
    if open_it and sys.stdout.isatty():
        webbrowser.open(address)


def _check_port(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise click.ClickException(
                f"Something answers on port {port} already. Stop it, or choose another with --port."
            ) from None


@click.command(hidden=True)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--port", type=int, required=True)
def feed(data: Path, port: int) -> None:
    """Plays the town's signals to the demo's service. `milepost demo` starts it."""
    from milepost.service.commands import set_up

    set_up()
    supervise.watch_parent()
    from milepost.service.demo.feeder import GARBLED, Feeder
    from milepost.service.demo.prepare import TOKEN
    from milepost.service.demo.town import TownSignals, times_of

    stopping = threading.Event()
    supervise.stop_on_signals(stopping)
    times = times_of(data / "town")
    url = f"http://127.0.0.1:{port}/ingest/ndjson"
    feeder = Feeder(
        TownSignals(data / "town"), url, (data / TOKEN).read_text(), data / "fed.json", times.visit_us
    )
    feeder.send(GARBLED, "demo-garbled", stopping)
    feeder.run(stopping, times.end_us)
