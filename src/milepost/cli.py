"""The `milepost` command. Its groups are the rooms; each room brings its own."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

ROOMS = {
    "manage": (
        "milepost.service.commands:manage",
        "Django's commands for the service: migrate, check and so on.",
    ),
    "compliance": ("milepost.compliance.commands", "Who kept which condition when, who did not, and why."),
    "work": ("milepost.service.monitoring.commands:work", "Judge signals as they come: an engine worker."),
    "orders": ("milepost.orders.commands", "What courts and licences ordered: check, convert, compare."),
    "tracks": ("milepost.tracks.commands", "Signals of tags and home units: inspect files, convert formats."),
    "webhooks": ("milepost.service.api.commands:webhooks", "Send webhooks as they become due."),
    "synth": ("milepost.synth.commands", "Synthetic towns with the truth kept beside them."),
}
"""Name to its module, which holds it as ``group`` or under the name after the colon, and one line of
help. A room is imported only when it is asked for: a cold start is quick."""


class LazyRooms(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ROOMS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in ROOMS:
            module, _, name = ROOMS[cmd_name][0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), name or "group")
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items()}
        rows = sorted({**own, **{name: help_text for name, (_, help_text) in ROOMS.items()}}.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyRooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="milepost")
def main() -> None:
    """Milepost: who kept which condition, who did not, what cannot be known, and why."""


@main.command()
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True
)
@click.option("--people", type=click.IntRange(1, 5000), default=40, show_default=True)
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--open/--no-open", "open_it", default=True, help="Open the report in a browser, where there is one."
)
def demo(out: Path, people: int, days: int, seed: int, open_it: bool) -> None:
    """A synthetic town, a week of it judged, and the report. Every person in it is made up."""
    from milepost.demo import run_demo

    run_demo(out, people=people, days=days, seed=seed, open_it=open_it)
