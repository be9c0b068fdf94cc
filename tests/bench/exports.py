"""The weekly review as a file: Excel, Word and PDF, of the demo city and of 300 indicators.

Seconds by the clock on the wall, as somebody waits for them. From a running web server they have a
limit; of the whole command from a shell, which loads everything first, they are told.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from data.calendar.week import Week
from data.catalogue import catalogue
from data.panels import weekly as panel
from data.queries.accounts import demo_accounts, demo_password
from data.queries.keys import read_keys
from data.store import utc_now
from data.vocabulary import LOCAL, Role
from data.vocabulary.review import Review, evidence_code
from tests.bench.report import emit
from tests.bench.stage import Stage
from tests.bench.system import ROOT, System

KINDS = ("xlsx", "docx", "pdf")
ROWS = 300
TURNS = 3


def measure(stage: Stage) -> None:
    """Measure the demo city as it is, then with as many rows as a large city has."""
    system = stage.system("sqlite")
    week = str(Week.of(utc_now().astimezone(LOCAL).date()) - 1)
    with system:
        system.start("web").wait("/healthz")
        reader = signed_in(system)
        for case in ("demo", f"rows{ROWS}"):
            if case != "demo":
                _widen(system, week)
            for kind in KINDS:
                _over_http(reader, system, kind, week, case)
                _from_a_shell(system, kind, week, case, stage.folder())
    stage.forget(system)


def signed_in(system: System) -> requests.Session:
    """Return the session of one of the demo's ready accounts."""
    with system.store() as store, store.read() as conn:
        password = demo_password(conn)
        name = next(a.name for a in demo_accounts(conn) if a.role is Role.LEADER)
    found = requests.Session()
    where = {"Referer": f"{system.url}/login"}
    layout = found.get(f"{system.url}/_dash-layout", headers=where, timeout=60).json()
    form = {"token": _token(layout), "name": name, "password": password}
    answer = found.post(f"{system.url}/login", data=form, timeout=60, allow_redirects=False)
    assert answer.status_code == 303, "the demo's ready account does not open"
    return found


def _token(part: Any) -> str:
    """Return the hidden word of a page's form."""
    if isinstance(part, dict) and part.get("name") == "token":
        return str(part.get("value"))
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return next((found for child in inside if (found := _token(child))), "")


def _widen(system: System, week: str) -> None:
    """Keep the page of the week with the rows of a large city."""
    facts, now = catalogue(), utc_now()
    with system.store() as store:
        with store.read() as conn:
            keys = read_keys(conn)
            mark = panel.build(conn, facts, keys, week, facts.city.code, now)["mark"]
        review = panel.page(store, facts, keys, week, facts.city.code, now)
        kept = widened(review, mark)
        kept["as_of"] = now.timestamp() + 3600  # newer than anything that is drawn already
        panel.keep(store, keys, kept)


def widened(review: Review, mark: str) -> Review:
    """Return a review with `ROWS` indicators, the known ones again and again."""
    rows, lines = [], []
    cells = {line["code"]: line["cells"] for line in review["matrix"]}
    for n in range(ROWS):
        row = review["rows"][n % len(review["rows"])]
        code = f"{row['measure']['code']}-{n}"
        named = {**row["measure"], "code": code}
        evidence = evidence_code(code, review["area"], review["week"])
        rows.append({**row, "measure": named, "evidence": evidence})
        lines.append({"code": code, "cells": cells.get(row["measure"]["code"], [])})
    return {**review, "rows": rows, "matrix": lines, "mark": mark}  # type: ignore[typeddict-item]


def _over_http(reader: requests.Session, system: System, kind: str, week: str, case: str) -> None:
    spent, size = [], 0
    for _turn in range(TURNS):
        start = time.monotonic()
        answer = reader.get(
            f"{system.url}/weekly/report.{kind}", params={"week": week, "lang": "zh"}, timeout=120
        )
        spent.append(time.monotonic() - start)
        assert answer.status_code == 200, answer.text[:200]
        size = len(answer.content)
    emit(
        f"export_{kind}.{case}", sorted(spent)[len(spent) // 2], "s until the file is there",
        first=round(spent[0], 2), kb=round(size / 1000),
    )  # fmt: skip


def _from_a_shell(system: System, kind: str, week: str, case: str, folder: Path) -> None:
    command = [sys.executable, "-m", "data", "report", "weekly", "--week", week, "--format", kind]
    start, spent = time.monotonic(), _children_s()
    subprocess.run(
        [*command, "--out", str(folder)], cwd=ROOT, env=system.env, check=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    emit(
        f"export_shell.{kind}.{case}", time.monotonic() - start, "s of the whole command",
        cpu_s=round(_children_s() - spent, 2),
    )  # fmt: skip


def _children_s() -> float:
    """Return the CPU seconds of commands that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
