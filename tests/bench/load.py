"""Change to glass, server CPU and idle bytes with many displays, on each database."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import psutil

from tests.bench.report import emit, quantile, say
from tests.bench.stage import DATABASES, Stage
from tests.bench.system import ROOT, System, cpu_s

SIZES = (50, 200, 500)
IDLE_DISPLAYS = 50
TAIL_S = 3


def measure(stage: Stage) -> None:
    """Measure each database with 50, 200 and 500 displays and with nothing happening."""
    for database in DATABASES:
        system = stage.system(database, ZHIZHI_MAX_STREAMS="300", ZHIZHI_WORKERS="2")
        try:
            system.start("web").wait("/healthz")
            for count in SIZES:
                say(f"{count} displays on {database} ...")
                _changing(stage, system, database, count)
            _idle(stage, system, database)
        finally:
            stage.forget(system)


def _servers(stage: Stage, system: System) -> list[psutil.Process]:
    extra = stage.postgres.processes if system.database_url else []
    return system.tree("web") + extra


def _play(
    stage: Stage, system: System, count: int, seconds: int, *, same: bool = False
) -> tuple[dict[str, Any], list[list[float]], float]:
    """Return what the displays got, what was published, and the servers' CPU seconds a second."""
    here = [sys.executable, "-m"]
    show = ["tests.bench.displays", "--url", system.url, "--count", str(count)]
    show += ["--seconds", str(seconds + TAIL_S)]
    tell = ["tests.bench.publisher", "--seconds", str(seconds), *(["--same"] if same else [])]
    with subprocess.Popen(
        here + show, cwd=ROOT, env=system.env, stdout=subprocess.PIPE, text=True
    ) as displays:
        assert displays.stdout is not None
        try:
            if displays.stdout.readline().strip() != "ready":
                raise RuntimeError(f"the displays did not all connect: {system.told('/healthz')}")
            servers = _servers(stage, system)
            before = cpu_s(servers)
            told = subprocess.run(
                here + tell, cwd=ROOT, env=system.env, check=True, stdout=subprocess.PIPE
            )
            got = json.loads(displays.stdout.read())
            used = cpu_s(servers) - before
        finally:
            displays.kill()
    return got, json.loads(told.stdout), used / (seconds + TAIL_S)


def _changing(stage: Stage, system: System, database: str, count: int) -> None:
    seconds = 6 if stage.quick else 15
    got, told, cpu = _play(stage, system, count, seconds)
    arrivals: dict[str, list[float]] = got["arrivals"]
    late = [
        max(0.0, (at - published) * 1000)
        for rev, published in told
        for at in arrivals.get(str(int(rev)), [])
    ]
    lost = len(told) * count - len(late)
    detail = {
        "displays": count, "changes": len(told), "lost": lost, "broken": got["broken"],
        "refused": got["refused"], "p50": round(quantile(late, 0.5), 1),
        "p95": round(quantile(late, 0.95), 1), "max": round(max(late, default=0), 1),
        "kb_per_display_and_minute": round(got["bytes"] / count / got["seconds"] * 60 / 1000, 1),
    }  # fmt: skip
    case = f"{database}.{count}"
    emit(f"change_to_glass_p99.{case}", quantile(late, 0.99), "ms", **detail)
    emit(f"server_cpu.{case}", cpu * 100, "% of a core", displays=count, changes_a_second=1)


def _idle(stage: Stage, system: System, database: str) -> None:
    seconds = 8 if stage.quick else 20
    got, _told, cpu = _play(stage, system, IDLE_DISPLAYS, seconds, same=True)
    minutes = got["seconds"] / 60 * IDLE_DISPLAYS
    framing = got["heartbeats"] * 7  # each heartbeat is one chunk of the HTTP answer
    emit(
        f"idle_bytes.{database}",
        (got["bytes"] - got["heartbeat_bytes"] - framing) / minutes,
        "bytes a display and minute beyond heartbeats",
        heartbeat_bytes=round(got["heartbeat_bytes"] / minutes),
        server_cpu_percent=round(cpu * 100, 2),
        displays=IDLE_DISPLAYS,
    )
