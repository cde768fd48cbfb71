"""The `milepost` command. Its groups are the rooms; each room brings its own."""

from __future__ import annotations

import importlib

import click

ROOMS = {
    "assessments": (
        "milepost.service.assessments.commands",
        "What other records say of people, for their assessments.",
    ),
    "audit": ("milepost.service.audit.commands", "Who looked at what: check the log, sign it, export it."),
    "manage": (
        "milepost.service.commands:manage",
        "Django's commands for the service: migrate, check and so on.",
    ),
    "mqtt": (
        "milepost.service.signals.commands:mqtt",
        "Takes in what phones and tags publish to an MQTT broker.",
    ),
    "compliance": ("milepost.compliance.commands", "Who kept which condition when, who did not, and why."),
    "work": ("milepost.service.monitoring.commands:work", "Judge signals as they come: an engine worker."),
    "serve": ("milepost.service.serve:serve", "Serve the pages and take in signals."),
    "demo": (
        "milepost.service.demo.commands:demo",
        "A town of made-up people with an evening happening now.",
    ),
    "demo-feed": ("milepost.service.demo.commands:feed", ""),
    "upkeep": ("milepost.service.upkeep.commands", "Back up, restore, retain, erase one person."),
    "orders": ("milepost.orders.commands", "What courts and licences ordered: check, convert, compare."),
    "risk": ("milepost.risk.commands", "Official risk instruments, exact and explained, and the tier."),
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
        rooms = {name: help_text for name, (_, help_text) in ROOMS.items() if help_text}
        rows = sorted({**own, **rooms}.items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyRooms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="milepost")
def main() -> None:
    """Milepost: who kept which condition, who did not, what cannot be known, and why."""
