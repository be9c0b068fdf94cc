"""Seconds from `make run` to a wall that can be looked at, without the downloads."""

from __future__ import annotations

import shutil
import time

from tests.bench.report import emit
from tests.bench.stage import Stage
from tests.bench.system import System


def measure(stage: Stage) -> None:
    """Start over an empty store, end, start again."""
    shutil.rmtree(stage.demo, ignore_errors=True)
    first, _ = _start(stage)
    emit("first_start", first, "s", what="migrate, make two years of demo city, start, /readyz 200")
    second, stop = _start(stage)
    emit("second_start", second, "s", stopping_s=round(stop, 1))
    with System(stage.demo).store() as store:
        store.checkpoint()


def _start(stage: Stage) -> tuple[float, float]:
    with System(stage.demo) as system:
        started = time.monotonic()
        system.start("run").wait("/readyz", 300)
        took = time.monotonic() - started
        return took, system.stop("run")
