from __future__ import annotations

from pathlib import Path

import pytest

from milepost.gazetteer.address_store import import_addresses
from milepost.service.gazetteer.finder import gazetteer
from tests.gazetteer.conftest import some_postcodes

__all__ = ["some_postcodes"]

TOWN = """address,street,town,postcode,latitude,longitude
1 Example Street,Example Street,Exampletown,ZE1 0AA,60.1530,-1.1430
2 Example Street,Example Street,Exampletown,ZE1 0AA,60.1532,-1.1432
9 Market Row,Market Row,Exampletown,ZE1 0AA,60.1600,-1.1500
"""


@pytest.fixture
def postcodes(some_postcodes: Path, tmp_path: Path, settings) -> Path:
    """The service finds postcodes, of which a part is there, and no address."""
    for made in some_postcodes.iterdir():
        (tmp_path / made.name).symlink_to(made)
    settings.GAZETTEER = str(tmp_path)
    return tmp_path


@pytest.fixture
def town(postcodes: Path) -> Path:
    """And the addresses of a small town that does not exist."""
    (postcodes / "town.csv").write_text(TOWN, encoding="utf-8")
    import_addresses(
        postcodes / "town.csv", postcodes, gazetteer().postcodes.find, source="Synthetic addresses"
    )
    return postcodes
