"""Writes the parts of ``docs/explanation/map-of-rooms.md`` that follow from the code: the rooms downstairs and the apps
upstairs in the order of the contracts in ``pyproject.toml``, each with the first sentence of its docstring, what each app
declares, and the contracts themselves.

``python tools/map_of_rooms.py`` writes it; a test fails while the page is not current.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "map-of-rooms.md"
SOURCE = ROOT / "src"
UPSTAIRS = "milepost.service"
WORDS = {
    "addresses": "addresses", "navigation": "navigation", "first_pages": "first pages", "person_tabs": "tabs of a person",
    "audit": "audit codes", "records": "records of a person", "retention": "retention", "events": "events",
    "today": "Today", "demo": "demonstration", "commands": "commands", "api": "API", "daily_jobs": "daily jobs",
    "queues": "queues", "algorithms": "records of algorithms",
}  # fmt: skip
"""What a part of a declaration is called on the page."""


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def first_sentence(module: str) -> str:
    """Of the module's docstring, on one line. Raises ValueError where there is none."""
    path = SOURCE / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    if not said:
        raise ValueError(f"{file.relative_to(ROOT)} does not say what it is: give it a docstring.")
    whole = " ".join(said.split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", whole)[0].replace("``", "`")


def layers_of(contract: dict[str, Any]) -> list[list[str]]:
    """Modules of each layer, the highest first. Several in one layer do not know each other."""
    within = contract.get("containers", [""])[0]
    prefix = f"{within}." if within else ""
    return [[prefix + name.strip() for name in layer.split("|")] for layer in contract["layers"]]


def rows(layers: list[list[str]]) -> list[str]:
    """A table, the highest first."""
    lines = ["| room | what it is | beside it |", "|---|---|---|"]
    for layer in layers:
        for module in layer:
            beside = ", ".join(f"`{other.rpartition('.')[2]}`" for other in layer if other != module)
            lines.append(f"| `{module}` | {first_sentence(module)} | {beside} |")
    return lines


def declared(layers: list[list[str]]) -> list[str]:
    """What each app adds, as its ``capability`` says."""
    lines = ["| app | declares |", "|---|---|"]
    for module in (one for layer in layers for one in layer):
        if module == f"{UPSTAIRS}.kit":
            continue
        capability = importlib.import_module(f"{module}.capability").CAPABILITY
        empty = type(capability)()
        parts = [
            WORDS[field.name] for field in dataclasses.fields(capability)
            if field.name in WORDS and getattr(capability, field.name) != getattr(empty, field.name)
        ]  # fmt: skip
        lines.append(f"| `{module.rpartition('.')[2]}` | {', '.join(parts) or 'nothing'} |")
    return lines


def rendered() -> dict[str, list[str]]:
    """The generated parts by name."""
    by_layers = [contract for contract in contracts() if contract["type"] == "layers"]
    downstairs = next(contract for contract in by_layers if "containers" not in contract)
    upstairs = next(contract for contract in by_layers if "containers" in contract)
    return {
        "downstairs": rows(layers_of(downstairs)),
        "upstairs": rows(layers_of(upstairs)),
        "declared": declared(layers_of(upstairs)),
        "contracts": ["| contract | kind |", "|---|---|"]
        + [f"| {contract['name']} | {contract['type']} |" for contract in contracts()],
    }


def render(page: str) -> str:
    """The page with its generated parts made anew. Raises ValueError if one has no place on it."""
    for name, lines in rendered().items():
        place = re.compile(rf"(<!-- made: {name} -->\n).*?(<!-- end -->)", re.S)
        if not place.search(page):
            raise ValueError(f"The page has no place for the part {name}.")
        page = place.sub(
            lambda found, lines=lines: f"{found[1]}{''.join(line + chr(10) for line in lines)}{found[2]}",
            page,
        )  # type: ignore[misc]
    return page


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
