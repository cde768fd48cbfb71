"""Writes the pages of states in docs/reference from the lives that the service's apps declare (``Life`` in ``states.py``).

``python tools/states_reference.py`` writes them; a test fails while a page is not current.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import milepost.service
from milepost.service.kit.states import Life

DOCS = Path(__file__).parents[1] / "docs" / "reference"


def lives() -> list[Life]:
    """Of every app that has a module ``states``."""
    files = sorted(Path(milepost.service.__file__).parent.glob("*/states.py"))
    names = [file.parent.name for file in files if file.parent.name != "kit"]
    modules = [importlib.import_module(f"milepost.service.{name}.states") for name in names]
    return [each for module in modules for each in vars(module).values() if isinstance(each, Life)]


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.service.settings")
    django.setup()
    for life in lives():
        (DOCS / f"{life.page}.md").write_text(life.render(), encoding="utf-8")
