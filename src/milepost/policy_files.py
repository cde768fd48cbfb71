"""Policy as data: TOML files with a source, a date and an owner, read whole or not at all.

One reader for every file: a shape says what must be in it, and an error names the file, the field and the remedy.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from milepost.problems import Problem, UnreadableFile


class Strict(BaseModel):
    """A part of a file: every field that is not named is an error, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class TableHead(Strict):
    """Whose file it is, from when, and where it comes from. Stands as ``[table]`` in the file."""

    id: str
    version: int
    owner: str
    effective_from: dt.date
    source_document: str
    illustrative: bool = False

    @property
    def name(self) -> str:
        """``id@version``, as printed on what rests on it."""
        return f"{self.id}@{self.version}"


class PolicyFile(Strict):
    """A whole file."""

    table: TableHead


def read_policy_file[File: BaseModel](path: Path, shape: type[File]) -> File:
    """One data file.

    Raises:
        UnreadableFile: naming the file, the field and the remedy.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return shape.model_validate(values)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        field, message = None, str(error)
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            field, message = ".".join(str(part) for part in first["loc"]) or None, first["msg"]
        raise UnreadableFile(
            Problem(
                source=path.name, row=None, field=field, message=message,
                remedy="Mend this value; the file is never used in part.",
            )
        ) from None  # fmt: skip
