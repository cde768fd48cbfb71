"""`milepost risk`: scores, tiers and records from the command line.

Exit codes: 0 fine, 1 finished but with problems, 2 could not run.
"""

from __future__ import annotations

import click

from milepost.risk.command_record import record
from milepost.risk.command_score import score
from milepost.risk.command_tier import tier
from milepost.risk.predictors.commands import predictor


@click.group("risk")
def group() -> None:
    """Official risk instruments, exactly as published and explained, the tier that follows, and their records."""


for command in (predictor, record, score, tier):
    group.add_command(command)
