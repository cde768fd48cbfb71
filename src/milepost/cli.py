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
    "serve": ("milepost.service.serve:serve", "Serve the pages and take in signals."),
    "orders": ("milepost.orders.commands", "What courts and licences ordered: check, convert, compare."),
    "risk": ("milepost.risk.commands", "Official risk instruments, exact and explained, and the tier."),
    "tracks": ("milepost.tracks.commands", "Signals of tags and home units: inspect files, convert formats."),
    "synth": ("milepost.synth.commands", "Synthetic towns with the truth kept beside them."),
}
"""Name to its module, which holds it as ``group`` or under the name after the colon, and one line of
help. A room is imported only when it is asked for: a cold start is quick. Commands of the service's apps are declared
by the apps, and read when none of these is meant."""


def rooms_upstairs() -> dict[str, tuple[str, str]]:
    """The same of the apps of the service."""
    declared = importlib.import_module("milepost.service.kit.capabilities").every_command()
    return {name: (one.command, one.help_text) for name, one in declared.items()}


class LazyRooms(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ROOMS, *rooms_upstairs()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        room = ROOMS.get(cmd_name) or rooms_upstairs().get(cmd_name)
        if room is not None:
            module, _, name = room[0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), name or "group")
            return command
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = {name: command.get_short_help_str(80) for name, command in self.commands.items()}
        rooms = {name: help_text for name, (_, help_text) in (ROOMS | rooms_upstairs()).items() if help_text}
        rows = sorted({**own, **rooms}.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyRooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="milepost")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Milepost: who kept which condition, who did not, what cannot be known, and why."""
    ctx.obj = _all_rooms


def _all_rooms(rules: Path | None) -> None:
    """For `risk record`: only here are all rooms known, and records speak of rule tables and the rank too."""
    importlib.import_module("milepost.record_subjects").register_rooms(rules)
