"""The data folder of the demo: known by a mark, so that nothing else is ever emptied. Needs no Django."""

from __future__ import annotations

import shutil
from pathlib import Path

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
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("Synthetic people only. Made by: milepost demo\n")


def is_ready(folder: Path) -> bool:
    return (folder / "ready.json").exists()
