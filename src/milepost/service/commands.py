"""`milepost manage`: Django's own commands with the service's settings."""

from __future__ import annotations

import os
import sys

import click


def set_up() -> None:
    """Makes Django ready. A setting that cannot be used ends the command with its message, not a stack.

    From here on every file of this process, and of those it starts, is for its own user alone."""
    import django

    from milepost.service.environment import SettingError
    from milepost.service.kit.files import keep_to_ourselves

    keep_to_ourselves()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "milepost.service.settings")
    try:
        django.setup()
    except SettingError as error:
        raise click.ClickException(str(error)) from None
    _own_the_folder_of_data()


def _own_the_folder_of_data() -> None:
    """Whatever its files were made with before: nobody else gets in."""
    from django.conf import settings

    from milepost.service.kit.files import make_folder

    try:
        make_folder(settings.DATA)
    except OSError as error:
        raise click.ClickException(
            f"The folder of data, {settings.DATA}, cannot be made: {error.strerror}. Name one in MILEPOST_DATA."
        ) from None


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's commands: migrate, check, shell and so on. `milepost manage help` lists them."""
    set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line([f"{sys.argv[0]} manage", *arguments])
