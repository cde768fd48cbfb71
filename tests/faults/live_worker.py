"""A process to be killed: takes the batches of a folder in, one after the other, and judges them.

Prints each batch id once it is acknowledged.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq

from milepost.compliance import kernel
from milepost.compliance.live import LiveEngine
from milepost.compliance.live_store import LiveStore
from milepost.compliance.rule_tables import read_rules
from milepost.orders.read import read_orders
from milepost.orders.schedules import expand
from milepost.tracks.record import Signals


def main(folder: Path, begin_us: int, until_us: int) -> None:
    order_file, _ = read_orders(folder / "orders.json")
    engine = LiveEngine(
        order_file, read_rules(), expand, begin_us=begin_us, horizon_us=until_us + 1, kernel=kernel
    )
    store = LiveStore(folder / "live.sqlite", engine)
    for path in sorted(folder.glob("batch-*.parquet")):
        store.accept(Signals(fixes=pq.read_table(path)), batch_id=path.stem)
        sys.stdout.write(f"{path.stem}\n")
        sys.stdout.flush()
        store.work()
    store.accept(Signals(), batch_id="end", now_us=until_us)
    store.work()
    sys.stdout.write("end\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
