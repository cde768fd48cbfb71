"""The files that others made are exactly what the manifest says, and carry nothing that we may not ship."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

import milepost.service.web

STATIC = Path(milepost.service.web.__file__).parent / "static"
VENDOR = STATIC / "vendor"
MANIFEST = tomllib.loads((VENDOR / "VENDORED.toml").read_text())
STYLES = sorted(STATIC.rglob("*.css"))
SCRIPTS = sorted(STATIC.rglob("*.js"))
OURS = ("govuk-frontend/", "moj-frontend/")


def listed() -> dict[str, str]:
    return {path: digest for package in MANIFEST["package"] for path, digest in package["sha256"].items()}


def test_the_manifest_lists_every_file_of_the_kits_and_each_is_as_it_was() -> None:
    """Other vendored packages, such as the map's, have manifests and tests of their own."""
    there = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.relative_to(VENDOR).as_posix().startswith(OURS)
    }
    assert there == listed()


def test_each_package_has_its_licence_beside_it() -> None:
    for package in MANIFEST["package"]:
        folder = next(iter(package["sha256"])).split("/")[0]
        licence = (VENDOR / folder / "LICENSE.txt").read_text()
        assert package["licence"] == "MIT"
        assert package["copyright"] in licence


def test_no_font_file_no_crown_no_crest() -> None:
    for path in STATIC.rglob("*"):
        assert path.suffix not in (".woff", ".woff2", ".ttf", ".otf", ".eot")
        assert not re.search("crest|crown|opengraph", path.name)
    for path in [*STYLES, *SCRIPTS]:
        text = path.read_text().casefold()
        assert "gds transport" not in text
        assert "@font-face" not in text
        assert "crest" not in text
        assert "crown" not in text


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_loads_only_files_that_are_there(path: Path) -> None:
    text = path.read_text()
    assert "@import" not in text
    for address in re.findall(r"url\(\s*[\"']?([^)\"']+)", text):
        if not address.startswith("data:"):
            assert not address.startswith(("/", "http:", "https:"))
            assert (path.parent / address).is_file(), address


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_what_was_cut_out_left_the_rules_whole(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert text.count("{") == text.count("}")
    assert not re.search(r",\s*[{}]", text)


@pytest.mark.parametrize("path", [p for p in SCRIPTS if "vendor" not in p.parts], ids=lambda path: path.name)
def test_our_scripts_import_only_files_that_are_there(path: Path) -> None:
    for address in re.findall(r"(?:from|import)\s+[\"']([^\"']+)[\"']", path.read_text()):
        assert (path.parent / address).is_file(), address


@pytest.mark.parametrize("path", [*STYLES, *SCRIPTS], ids=lambda path: path.name)
def test_no_file_points_at_a_source_map(path: Path) -> None:
    assert "sourceMappingURL" not in path.read_text()
