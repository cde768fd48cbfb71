"""One engine in a process of its own: ``python -m benchmarks.worker PEER FOLDER``.

A process each, so that memory is its own and no engine's threads or caches help or hinder another.
Answers every line ``run`` on stdin with a line of JSON on stdout: seconds, CPU seconds, peak memory and,
if the answer was wrong, how.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import pyarrow.compute as pc

from benchmarks.intervals import difference
from benchmarks.machine import peak_mb
from benchmarks.peers import Unavailable
from benchmarks.workload import load


def cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def serve(name: str, folder: Path, out: TextIO) -> None:
    def say(**what: Any) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    try:
        peer: Any = importlib.import_module(f"benchmarks.peers.{name}")
    except ImportError as error:
        say(unavailable=f"not installed: {error}")
        return
    work = load(folder)
    reference = work.reference
    subset = getattr(peer, "SUBSET", None)
    if subset and subset < work.devices:
        work = work.first(subset)
        reference = reference.filter(pc.less(reference["device"], subset)).combine_chunks()
    before_mb = peak_mb()
    try:
        state = peer.prepare(work)
    except Unavailable as error:
        say(unavailable=str(error))
        return
    notes = getattr(state, "notes", {})
    say(ready=peer.NAME, cannot=peer.CANNOT, fixes=work.fixes.num_rows, data_mb=before_mb, notes=notes)
    for line in sys.stdin:
        if line.strip() != "run":
            break
        cpu = cpu_s()
        start = time.perf_counter()
        found = peer.run(state)
        seconds = time.perf_counter() - start
        cpu = cpu_s() - cpu
        peak = peak_mb()
        check = getattr(peer, "check", None)
        wrong = check(found, reference) if check else difference(found, reference)
        say(
            seconds=seconds, cpu_s=cpu, peak_mb=peak, rows=found.num_rows, wrong=str(wrong) if wrong else None
        )
    if hasattr(peer, "close"):
        peer.close(state)


if __name__ == "__main__":
    # What libraries print must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.argv[1], Path(sys.argv[2]), answers)
