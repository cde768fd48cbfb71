"""The work that all engines of the side-by-side benchmark do: Milepost's answer is the plain one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from benchmarks import plain_reference, workload
from benchmarks.intervals import difference, table_of_rows
from benchmarks.peers import milepost_engine, numpy_shapely

DEVICES = 8


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> workload.Work:
    folder: Path = tmp_path_factory.mktemp("work")
    made = workload.make(DEVICES, seed=3, folder=folder)
    (folder / "orders.json").write_text(json.dumps(workload.order_file(made)))
    return made


@pytest.mark.parametrize("peer", [milepost_engine, numpy_shapely], ids=["milepost", "numpy"])
def test_an_engine_gives_the_plain_answer(work: workload.Work, peer: object) -> None:
    (some,) = plain_reference._chunks(work, DEVICES)
    expected = table_of_rows(plain_reference._answer_some(some))

    found = peer.run(peer.prepare(work))  # type: ignore[attr-defined]

    assert expected.num_rows > 2 * DEVICES
    assert not difference(found, expected)
