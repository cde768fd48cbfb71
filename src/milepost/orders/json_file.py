"""Opens a JSON file, with plain words for everything that can be wrong with it as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from milepost.json_nesting import NestedTooDeep, read_json
from milepost.orders.complaints import Complaints
from milepost.orders.storable_json import make_storable, may_be_unstorable
from milepost.problems import Problem, UnreadableFile

START_WITH = 'Milepost order files start with {"milepost": 1, "people": [...]}'


def refuse(source: str, message: str, remedy: str) -> Problem:
    return Problem(source, None, None, message, remedy)


def load_json_object(path: Path, allow_list: bool = False) -> tuple[Any, list[Problem]]:
    """The parsed JSON, its texts storable. A number that JSON does not know (NaN) becomes null, with a warning; see
    ``make_storable`` for that of texts."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableFile(
            refuse(path.name, f"cannot be opened: {error.strerror}", "Check the path")
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            refuse(path.name, "is not text in UTF-8", "Save the file as UTF-8 JSON")
        ) from error
    if not text or text.isspace():
        raise UnreadableFile(refuse(path.name, "the file is empty", "Check that it was copied whole"))
    strange: list[str] = []
    try:
        raw = read_json(text, parse_constant=strange.append)
    except NestedTooDeep as error:
        raise UnreadableFile(
            refuse(path.name, "brackets are nested too deep", "Check how it was made")
        ) from error
    except ValueError as error:
        raise UnreadableFile(
            refuse(path.name, f"is not JSON: {error}", "Check that the file was copied whole")
        ) from error
    if not isinstance(raw, dict) and not (allow_list and isinstance(raw, list)):
        raise UnreadableFile(refuse(path.name, f"holds a {type(raw).__name__}, not an object", START_WITH))
    complaints = Complaints(path.name)
    if may_be_unstorable(text):
        raw = make_storable(raw, complaints)
    strange_numbers = [
        Problem(path.name, None, None, "is not a number that JSON knows; read as null", "Write a number",
                value=word, severity="warning")
        for word in dict.fromkeys(strange)
    ]  # fmt: skip
    return raw, [*strange_numbers, *complaints.problems]
