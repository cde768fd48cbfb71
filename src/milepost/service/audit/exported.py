"""A log that was exported, read without a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from milepost.service.audit.chain import Outcome, verify
from milepost.service.audit.signing import Signed, read_checkpoint


class NotALog(Exception):
    """The file is not an exported log. The text names the line and the remedy."""


def check_file(path: Path, outside: list[Signed], trusted_keys: list[str]) -> Outcome:
    """Checks the exported log in ``path``: its chain, its head, its checkpoints and those from ``outside``.

    Raises:
        NotALog: the file is something else.
    """
    head, checkpoints = _heading(path), _checkpoints(path)
    keys = trusted_keys or [c.public_key for c in outside]
    return verify(_entries(path), checkpoints=[*checkpoints, *outside], head=head, trusted_keys=keys)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                value = json.loads(line)
            except ValueError:
                value = None
            if not isinstance(value, dict):
                raise NotALog(
                    f"Line {number} of {path} is not JSON. Export the log again with `milepost audit export`."
                )
            yield number, value


def _heading(path: Path) -> tuple[int, str]:
    for _, value in _lines(path):
        if value.get("milepost_audit") == 1:
            return int(value["head"]["number"]), str(value["head"]["seal"])
        break
    raise NotALog(f"{path} is not an exported log. Make one with `milepost audit export`.")


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    return (value["entry"] for _, value in _lines(path) if "entry" in value)


def _checkpoints(path: Path) -> list[Signed]:
    found = []
    for number, value in _lines(path):
        if "checkpoint" in value:
            try:
                found.append(read_checkpoint(json.dumps(value["checkpoint"])))
            except ValueError as error:
                raise NotALog(f"Line {number} of {path}: {error}") from None
    return found
