"""The sources page with one thing of every kind. All values are invented."""

from __future__ import annotations

from typing import Any

from data.sharing.words import (
    Board,
    Cell,
    DebtRow,
    DepartmentLine,
    FetchDetail,
    FindingRow,
    Proposal,
    RunDetail,
    SourceLine,
    UnitRow,
)
from tests.samples import AREAS, DOMAINS, NOW, names

HEALTH = names("市卫生健康局", "Health Bureau")


def cell(received: int = 8, expected: int = 8, *, at: int = 0, **more: Any) -> Cell:
    return {
        "start": NOW - 3600 * (24 - at), "expected": expected, "received": received,
        "due": expected, "timely": received, "read": 40, "refused": 0, "runs": 4, **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def finding(**more: Any) -> FindingRow:
    return {
        "kind": "zero_streak", "area": AREAS["441621"], "indicator": "HE-21", "first": NOW - 3 * 86400,
        "last": NOW, "times": 70, "value": "72 h", "detail": "longest before: 9 h", **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def debt(**more: Any) -> DebtRow:
    return {
        "id": 7, "source": "beds", "source_name": names("床位填报", "Bed reports"), "department": "health",
        "department_name": HEALTH, "area": None, "area_name": None, "kind": "gaps",
        "title": "完整率低于90%", "why": "夜间无人填报", "owner": "李主任", "due": "2026-11-20", "state": "open",
        "overdue": True, "created_at": NOW - 86400, "closed_at": None, "note": None, "said_by": "王科长", **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def unit(area: str = "441621", **more: Any) -> UnitRow:
    return {
        "area": area, "name": AREAS[area], "department": HEALTH, "state": "silent", "last_at": NOW - 7200,
        "complete": {"part": 20, "whole": 24}, "timely": {"part": 18, "whole": 20}, "read": 100, "refused": 4,
        "findings": [], "debts": [], **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def line(key: str = "beds", **more: Any) -> SourceLine:
    return {
        "key": key, "name": names("床位填报", "Bed reports"), "platform": "健康广东", "department": "health",
        "department_name": HEALTH, "domains": ["health"], "connector": "fhir", "personal": False, "waits": False,
        "state": "fresh", "every": 60, "learned": 75.0, "stale_after": 900, "failures": 0, "error": None,
        "last_ok_at": NOW - 30, "last_new_at": NOW - 600, "complete": {"part": 180, "whole": 192},
        "timely": {"part": 150, "whole": 180}, "read": 4000, "refused": 12,
        "hours": [cell(), cell(4, at=1), cell(0, at=2), cell(refused=3, at=3), cell(0, 0, at=4)],
        "weeks": [cell(150, 168), cell(168, 168)], "findings": [], "debts": [], "units": [], **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def silent(key: str = "hotline", **more: Any) -> SourceLine:
    changes = {
        "name": names("12345热线", "12345 hotline"), "department": "dsb", "state": "silent",
        "department_name": names("市政务服务数据管理局", "Government Services and Data"),
        "domains": ["services"], "last_ok_at": NOW - 3 * 86400, "platform": "12345",
    }  # fmt: skip
    return line(key, **{**changes, **more})


def department(key: str = "health", **more: Any) -> DepartmentLine:
    return {
        "key": key, "name": HEALTH, "silo": "open", "sources": 1, "living": 1, "indicators": 13,
        "through": [], "last_at": NOW - 30, **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def departments() -> list[DepartmentLine]:
    return [
        department(),
        department("dsb", name=names("市政务服务数据管理局", "Gov"), silo="quiet", living=0,
                   last_at=NOW - 3 * 86400),
        department("psb", name=names("市公安局", "Police"), silo="none", sources=0, living=0, indicators=4,
                   through=[names("粤平安综治", "Ping'an")], last_at=None),
        department("water", name=names("市水务局", "Water"), silo="unlisted", sources=0, living=0,
                   indicators=0, last_at=None),
    ]  # fmt: skip


def proposal(**more: Any) -> Proposal:
    return {
        "key": "silent.hotline.dsb.", "kind": "silent", "source": "hotline",
        "source_name": names("12345热线", "12345 hotline"), "department": "dsb",
        "department_name": names("市政务服务数据管理局", "Gov"), "area": None, "area_name": None, "value": "",
        "since": NOW - 3 * 86400, **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def board(**more: Any) -> Board:
    return {
        "now": NOW, "looked_at": NOW - 120, "demo": True, "departments": departments(),
        "sources": [silent(), line(units=[unit(findings=[finding()])], debts=[debt()], findings=[finding()])],
        "debts": [debt()], "proposals": [proposal()],
        "domains": {k: DOMAINS[k] for k in ("health", "services")}, **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def run_row(**more: Any) -> Any:
    return {
        "run_id": 412, "at": NOW, "status": "ok", "records": 62, "new": 1, "changed": 2, "same": 59,
        "quarantined": 1, "origin": "http://127.0.0.1:1/x.json", "sha256": "9f2c" * 16, "error": None, **more,
    }  # fmt: skip


def run_detail(**more: Any) -> RunDetail:
    return {
        "run": run_row(), "source": "beds", "as_of": NOW, "outdated": 0, "fetch_id": 198,
        "summary": {"requests": "62"},
        "problems": [
            {"row_word": "line", "row": 17, "field": "beds", "reason": "not_finite", "value": "十二",
             "detail": "a number was expected", "refused": True, "settled": False},
            {"row_word": "line", "row": 18, "field": None, "reason": "too_old", "value": None,
             "detail": "", "refused": False, "settled": False},
        ],
        "mended": [{"row": 17, "field": "beds", "was": "十二", "now": "12", "by": "王科长", "why": "来电核实",
                    "at": NOW}],
        **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def fetch_detail(**more: Any) -> FetchDetail:
    return {
        "id": 198, "source": "beds", "sha256": "9f2c" * 16, "size": 40960, "received_at": NOW, "last_seen_at": NOW,
        "seen": 3, "origin": "http://127.0.0.1:1/x.json", "raw": "kept",
        "lines": [{"number": 1, "text": "a,b", "refused": None}, {"number": 17, "text": "x,十二", "refused": "not_finite"}],
        "runs": [run_row()], "table": None, **more,
    }  # type: ignore[typeddict-item]  # fmt: skip
