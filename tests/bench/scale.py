"""What does not grow: a poll over 1, 10 and 50 million facts, the memory of a CSV of 1 GB.

All facts come in by the product's own load, roll-ups with them. `ZHIZHI_BENCH_SCALE` names other
sizes, in millions, and `ZHIZHI_BENCH_CSV` another size, in MB (0: none).
"""

from __future__ import annotations

import os
import time
from functools import partial

from data.cli.store import prepare
from data.store import Store
from tests.bench.bulk import Bulk, measure_memory
from tests.bench.report import emit
from tests.bench.stage import DATABASES, Stage

MILLIONS = (1, 10, 50)
CSV_MB = 1000


def measure(stage: Stage) -> None:
    """Measure a poll at each size on each database, then the memory."""
    told = os.environ.get("ZHIZHI_BENCH_SCALE", "")
    sizes = [int(size) for size in told.split(",") if size] or ([1, 2] if stage.quick else MILLIONS)
    chosen = os.environ.get("ZHIZHI_BENCH_DATABASES", "").split(",")
    for name in (d for d in DATABASES if d in chosen or not chosen[0]):
        folder = stage.folder()
        url = stage.postgres.create() if name == "postgres" else f"sqlite:///{folder}/z.db"
        store = Store(url)
        prepare(store)
        bench = Bulk(stage, name, store)
        for millions in sizes:
            before, start = bench.rows, time.monotonic()
            cpu = bench.cpu(partial(bench.fill, millions))
            emit(f"scale_load.{name}.{millions}M", (bench.rows - before) / cpu, "rows/s of CPU",
                 rows=bench.rows - before, seconds=round(time.monotonic() - start))  # fmt: skip
            bench.tick(millions)
        store.dispose()
        if name == "postgres":
            stage.postgres.drop(url)
        for path in folder.iterdir():
            path.unlink()
    size = int(os.environ.get("ZHIZHI_BENCH_CSV", 100 if stage.quick else CSV_MB))
    if size:
        measure_memory(stage, size)
