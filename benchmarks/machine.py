"""The machine and how quiet it is: cores, memory, versions, and one command repeated."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import resource
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
OUT = HERE / "out"
PACKAGES = (
    "milepost", "numpy", "numba", "pyarrow", "polars", "shapely", "duckdb", "geopandas", "pandas", "sedonadb",
    "psycopg", "pymeos", "movingpandas",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of what takes part; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def describe() -> dict[str, str | int | float]:
    """Cores this process may use, memory in GiB, load, system. No host name, no path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": round(memory),
        "load_average_1_min": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def peak_mb() -> float:
    """The most memory this process has had, MB. From the kernel's own mark where there is one: what
    ``getrusage`` says begins with the size of the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if platform.system() == "Darwin" else peak / 1024


def noise_probe() -> float:
    """Seconds for one fixed piece of work (a sort and a Python loop), for the noise of the machine."""
    values = np.random.default_rng(1).random(2_000_000)
    start = time.perf_counter()
    np.sort(values)
    total = 0.0
    for i in range(1_000_000):
        total += math.sqrt(i)
    return time.perf_counter() - start
