from __future__ import annotations

from pathlib import Path

import pytest

from milepost.gazetteer.national_postcodes import NationalPostcodes, packed_files
from milepost.gazetteer.search import Gazetteer

SOME_LETTERS = ("postcodes_I.", "postcodes_J.", "postcodes_Z.")
"""Of the package's files: Ipswich and the Isle of Man, Jersey, Shetland. All of them take seconds."""


@pytest.fixture(scope="session")
def some_postcodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a part of the national postcodes, as the package brings them."""
    folder = tmp_path_factory.mktemp("gazetteer")
    NationalPostcodes.open(folder, [path for path in packed_files() if path.name.startswith(SOME_LETTERS)])
    return folder


@pytest.fixture
def gazetteer(some_postcodes: Path, tmp_path: Path) -> Gazetteer:
    """With a part of the postcodes, and no addresses yet."""
    for made in some_postcodes.iterdir():
        if made.is_dir():
            (tmp_path / made.name).symlink_to(made)
    return Gazetteer(tmp_path)
