"""Memory of each process: after the start, and after two hundred displays were there."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress

import psutil

from tests.bench.report import emit
from tests.bench.stage import Stage
from tests.bench.system import ROOT, System

DISPLAYS = 200


def measure(stage: Stage) -> None:
    """Start everything on the demo city and look at it twice."""
    system = stage.system("sqlite")
    try:
        system.start("simulator", "web", "collector").wait("/readyz")
        time.sleep(5 if stage.quick else 25)
        after_start = _sizes(system)
        _visit(system, 4 if stage.quick else 15)
        after_load = _sizes(system)
    finally:
        stage.forget(system)
    for name, sizes in after_load.items():
        start = after_start[name]
        emit(
            f"memory_{name}", max(s[0] for s in sizes), "MB PSS",
            after_start=max(s[0] for s in start), rss=max(s[1] for s in sizes),
            processes=len(sizes), displays=DISPLAYS,
        )  # fmt: skip


def _sizes(system: System) -> dict[str, list[tuple[float, float]]]:
    """Return (PSS, RSS) in MB of each process of each kind."""
    web = system.tree("web")
    kinds = {
        "web_master": web[:1],
        "web_worker": web[1:],
        "collector": system.tree("collector"),
        "simulator": system.tree("simulator"),
    }
    return {name: [_size(p) for p in processes] for name, processes in kinds.items()}


def _size(process: psutil.Process) -> tuple[float, float]:
    with suppress(psutil.Error):
        full = process.memory_full_info()
        return round(full.pss / 1e6, 1), round(full.rss / 1e6, 1)
    return 0.0, 0.0


def _visit(system: System, seconds: int) -> None:
    """Let displays listen while the collector works."""
    command = [sys.executable, "-m", "tests.bench.displays", "--url", system.url]
    command += ["--count", str(DISPLAYS), "--seconds", str(seconds)]
    subprocess.run(
        command, cwd=ROOT, env=system.env, check=True, stdout=subprocess.DEVNULL, timeout=180
    )
