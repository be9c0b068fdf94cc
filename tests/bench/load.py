"""Change to glass, server CPU and idle bytes with many displays, on each database."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psutil

from tests.bench.report import emit, quantile, say
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import ROOT, System, cpu_s

SIZES = (50, 200, 500)
IDLE_DISPLAYS = 50
WARM_S, TAIL_S = 2, 4
NAIVE_EVERY_S = 2.0


@dataclass
class Played:
    """What one play gave. CPU in % of one core."""

    got: dict[str, Any]
    told: list[list[float]]
    web: float
    database: float


def measure(stage: Stage) -> None:
    """Measure each database with 50, 200 and 500 displays and with nothing happening."""
    for database in DATABASES:
        system = stage.system(database, ZHIZHI_WORKERS="2")
        try:
            system.start("web").wait("/healthz")
            for count in SIZES:
                say(f"{count} displays on {database} ...")
                _changing(stage, system, database, count)
            _idle(stage, system, database)
        finally:
            stage.forget(system)


@contextlib.contextmanager
def begun(system: System, module: str, *options: object) -> Iterator[subprocess.Popen[str]]:
    """Run a helper until it says `ready`; it ends with the block whatever happens."""
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, options)]
    with subprocess.Popen(
        command, cwd=ROOT, env=system.env, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            if process.stdout.readline().strip() != "ready":
                raise RuntimeError(f"{module} did not get ready: {system.told('/healthz')}")
            yield process
        finally:
            process.kill()


def _play(stage: Stage, system: System, count: int, seconds: int, *, same: bool = False) -> Played:
    """Let displays listen while one change a second is published; nothing of it is warm-up."""
    listening = WARM_S + seconds + TAIL_S
    wanted = ("--url", system.url, "--count", count, "--seconds", listening)
    changes = ("--seconds", seconds, "--warm", WARM_S, *(["--same"] if same else []))
    web = system.tree("web")
    with begun(system, "displays", *wanted) as displays:
        assert displays.stdout is not None
        with begun(system, "publisher", *changes) as publisher:
            assert publisher.stdout is not None
            postgres: list[psutil.Process] = stage.postgres.processes if system.database_url else []
            before, start = (cpu_s(web), cpu_s(postgres)), time.monotonic()
            told = json.loads(publisher.stdout.read())
            took = time.monotonic() - start
            after = (cpu_s(web), cpu_s(postgres))
        got = json.loads(displays.stdout.read())
    used = [(b - a) / took * 100 for a, b in zip(before, after, strict=True)]
    return Played(got, told, *used)


def _changing(stage: Stage, system: System, database: str, count: int) -> None:
    played = _play(stage, system, count, 6 if stage.quick else 12)
    got, told = played.got, played.told
    late = [
        max(0.0, (at - published) * 1000)
        for rev, published in told
        for at in got["arrivals"].get(str(int(rev)), [])
    ]
    detail = {
        "displays": count, "changes": len(told), "lost": len(told) * count - len(late),
        "broken": got["broken"], "refused": got["refused"],
        "p50": round(quantile(late, 0.5), 1), "p95": round(quantile(late, 0.95), 1),
        "max": round(max(late, default=0), 1),
        "kb_per_display_and_minute": round(got["bytes"] / count / got["seconds"] * 60 / 1000, 1),
    }  # fmt: skip
    case = f"{database}.{count}"
    emit(f"change_to_glass_p99.{case}", quantile(late, 0.99), "ms", **detail)
    naive = stage.yardsticks.get(f"naive.{database}", 0.0)
    twin = ("naive twin, refresh CPU times displays each 2 s", naive * count / NAIVE_EVERY_S / 10)
    emit(
        f"server_cpu.{case}", played.web + played.database, "% of a core",
        yardstick=twin if naive else None, web=round(played.web, 2),
        database=round(played.database, 2), displays=count, changes_a_second=1,
    )  # fmt: skip


def _idle(stage: Stage, system: System, database: str) -> None:
    played = _play(stage, system, IDLE_DISPLAYS, 8 if stage.quick else 15, same=True)
    got = played.got
    minutes = got["seconds"] / 60 * IDLE_DISPLAYS
    emit(
        f"idle_bytes.{database}",
        max(0.0, (got["bytes"] - got["heartbeat_bytes"]) / minutes),
        "bytes a display and minute beyond heartbeats",
        heartbeat_bytes=round(got["heartbeat_bytes"] / minutes), web_cpu=round(played.web, 2),
        database_cpu=round(played.database, 2), displays=IDLE_DISPLAYS,
    )  # fmt: skip
