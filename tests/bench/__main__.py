"""python -m tests.bench [--only name,…] [--quick]: measure and print one JSON line a figure."""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from importlib import import_module

from tests.bench import report
from tests.bench.stage import Stage

MEASURES = (
    "start", "wall_tick", "alarms", "page_load", "load", "ingest", "flood", "glass", "bulk", "desk",
    "spc", "weekly", "exports",
    "memory",
)  # fmt: skip
"""Modules with a `measure(stage)`, in the order they run: the first makes the demo city."""
ASKED = ("scale",)
"""Measures that take an hour and 30 GB: only where they are named."""


def main() -> int:
    """Run the chosen measures; return 1 when a limit is missed or a measure fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of: {', '.join(MEASURES + ASKED)}")
    parser.add_argument("--quick", action="store_true", help="shorter and noisier, to try it")
    asked = parser.parse_args()
    chosen = [m for m in asked.only.split(",") if m] or list(MEASURES)
    unknown = set(chosen) - set(MEASURES + ASKED)
    if unknown:
        parser.error(f"no such measure: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    failed = []
    with Stage(quick=asked.quick) as stage:
        for name in (m for m in MEASURES + ASKED if m in chosen):
            started = time.monotonic()
            try:
                import_module(f"tests.bench.{name}").measure(stage)
            except Exception:
                failed.append(name)
                traceback.print_exc()
            report.say(f"{name} took {time.monotonic() - started:.0f} s")
    for name in report.MISSED:
        report.say(f"over its limit: {name}")
    for name in failed:
        report.say(f"could not be measured: {name}")
    return 1 if failed or report.MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
