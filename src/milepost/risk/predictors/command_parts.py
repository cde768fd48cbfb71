"""What the commands of predictors have in common: how they refuse, and where the registry is."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from milepost.risk.command_output import print_problems, refuse

REGISTRY = click.option(
    "--registry", type=click.Path(file_okay=False, path_type=Path), default=Path("predictors"),
    show_default=True, envvar="MILEPOST_PREDICTORS", help="Folder of the registry.",
)  # fmt: skip
VERSION = click.option("--version", "version", type=int, help="Which version; the newest by default.")
BY = click.option("--by", required=True, help="Name of the person who does this.")


@contextmanager
def refusing() -> Any:
    """What cannot run says why and ends with 2."""
    from milepost.problems import UnreadableFile
    from milepost.risk.predictors.cohort import Leakage
    from milepost.risk.predictors.registry import NoSuchPredictor, NotAllowed, Untrusted

    try:
        yield
    except Leakage as error:
        print_problems(error.problems)
        refuse("Leakage: nothing was trained. The study would look better than any decision could be.")
    except (UnreadableFile, NoSuchPredictor, NotAllowed, Untrusted, ValueError) as error:
        refuse(str(error))


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def open_registry(folder: Path) -> Any:
    """With the key of ``MILEPOST_PREDICTORS_KEY``, or the one in the folder."""
    import os

    from milepost.risk.predictors.registry import Registry
    from milepost.risk.predictors.signing import key_from

    text = os.environ.get("MILEPOST_PREDICTORS_KEY", "")
    return Registry(folder, key=key_from(text) if text else None)
