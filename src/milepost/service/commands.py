"""`milepost manage`: Django's own commands with the service's settings."""

from __future__ import annotations

import os
import sys

import click


def set_up() -> None:
    """Makes Django ready. A setting that cannot be used ends the command with its message, not a stack."""
    import django

    from milepost.service.environment import SettingError

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "milepost.service.settings")
    try:
        django.setup()
    except SettingError as error:
        raise click.ClickException(str(error)) from None


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's commands: migrate, check, shell and so on. `milepost manage help` lists them."""
    set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line([f"{sys.argv[0]} manage", *arguments])
