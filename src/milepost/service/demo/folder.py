"""The data folder of the demo: known by a mark, so that nothing else is ever emptied. Needs no Django."""

from __future__ import annotations

import shutil
from pathlib import Path

from milepost.service.kit.files import make_folder, write_whole

MARK = ".milepost-demo"
"""A file by which a folder is known as a demo's: nothing else is ever emptied."""


def take_folder(folder: Path, *, fresh: bool) -> None:
    """Makes the folder, or checks that it is a demo's.

    Raises:
        FileExistsError: something else is in it.
    """
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise FileExistsError(
            f"{folder} holds other things. Choose another folder with --data, or empty it yourself."
        )
    if fresh and folder.exists():
        shutil.rmtree(folder)
    make_folder(folder)
    write_whole(mark, "Synthetic people only. Made by: milepost demo\n")


def is_ready(folder: Path) -> bool:
    return (folder / "ready.json").exists()
