"""No module imports, by whatever way round, one that imports it: also where the import stands in a function.

``make check`` holds it for modules and rooms side by side (the contract "No circles"). Here every module counts, a
room and its own parts too, and the circle is named.
"""

from __future__ import annotations

import graphlib
from collections.abc import Mapping

import grimp


def circle_in(imports: Mapping[str, set[str]]) -> list[str]:
    """One circle, its first module again at its end; empty if there is none."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_circle_of_imports() -> None:
    graph = grimp.build_graph("milepost", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert len(imports) > 500
    assert circle_in(imports) == []


def test_a_circle_is_seen_and_named() -> None:
    graph = grimp.build_graph("milepost", cache_dir=None)
    graph.add_import(importer="milepost.times", imported="milepost.compliance.batch")
    graph.add_import(importer="milepost.compliance.batch", imported="milepost.times")
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    assert {"milepost.times", "milepost.compliance.batch"} <= set(circle_in(imports))
