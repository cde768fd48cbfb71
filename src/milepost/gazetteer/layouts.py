"""Which column of an address file says what."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, model_validator

from milepost.policy_files import PolicyFile, Strict, read_policy_file
from milepost.problems import Problem, UnreadableFile

SHIPPED = Path(__file__).parent / "address_layouts.toml"


class Layout(Strict):
    """The words of ``address_layouts.toml``."""

    name: str = ""
    address: list[str] = Field(min_length=1)
    street: list[str] = Field(default=[])
    town: list[str] = Field(default=[])
    postcode: list[str] = Field(default=[])
    latitude: str = ""
    longitude: str = ""
    easting: str = ""
    northing: str = ""

    @model_validator(mode="after")
    def _check_place_columns(self) -> Layout:
        if not (self.latitude and self.longitude) and not (self.easting and self.northing):
            raise ValueError("name latitude and longitude, or easting and northing")
        return self

    def columns(self) -> list[str]:
        """Every column that the file has to have."""
        where = [self.latitude, self.longitude, self.easting, self.northing]
        return [name for name in (*self.address, *self.street, *self.town, *self.postcode, *where) if name]


class Checks(Strict):
    furthest_from_postcode_km: float = Field(gt=0)
    most_wrong_share: float = Field(gt=0, le=1)


class Layouts(PolicyFile):
    checks: Checks
    layout: list[Layout]


@lru_cache(maxsize=1)
def shipped() -> Layouts:
    return read_policy_file(SHIPPED, Layouts)


def layout_of(headings: list[str], source: str) -> Layout:
    """The first known layout all of whose columns are there.

    Raises:
        UnreadableFile: none is, with the columns that the nearest one lacks.
    """
    known = shipped().layout
    lacking = [[name for name in layout.columns() if name not in headings] for layout in known]
    best = min(range(len(known)), key=lambda i: len(lacking[i]) / len(known[i].columns()))
    if not lacking[best]:
        return next(layout for layout, missing in zip(known, lacking, strict=True) if not missing)
    remedy = (
        f"Nearest is the layout {known[best].name}, which also needs {', '.join(lacking[best])}. "
        "Or say which columns the file has, in a column map."
    )
    raise UnreadableFile(
        Problem(source, 1, None, "the headings are of no address file that is known", remedy)
    )


def read_layout(path: Path) -> Layout:
    """An area's own column map.

    Raises:
        UnreadableFile: naming the field and the remedy.
    """
    return read_policy_file(path, Layout)
