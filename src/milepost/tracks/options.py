"""Options of commands that read signals: what each means is the same wherever it is given."""

from __future__ import annotations

import click

from milepost.tracks.detect import FORMATS
from milepost.tracks.record import Source

COLUMNS = click.option(
    "--columns",
    metavar="MAP",
    help="What columns mean: 'lat=Latitude,speed_kmh=Speed', or a TOML or JSON file.",
)
FORMAT = click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="The input's format, if it is not seen."
)
SOURCE = click.option(
    "--source",
    type=click.Choice([s.name for s in Source]),
    help="How positions were found, where the input does not say.",
)
