"""The sources behind the wall, and one of them from near."""

from __future__ import annotations

from typing import Any, cast

from data.vocabulary import SourceDetail, SourceRow, SourcesPanel
from tests.samples.city import NOW, names


def source(
    key: str, zh: str, en: str, *, state: str = "fresh", now: float = NOW, **changes: Any
) -> SourceRow:
    """Return one source."""
    row: SourceRow = {
        "key": key, "name": names(zh, en), "department": names("市卫生健康局", "Health Bureau"),
        "connector": "fhir", "every": 60, "stale_after": 300, "state": state,
        "last_ok_at": now - 20 if state == "fresh" else now - 360, "last_try_at": now - 5, "error": None,
        "records": 1204, "quarantined": 0,
    }  # fmt: skip
    return cast(SourceRow, row | changes)


def sources(now: float = NOW, *, bad: int = 1) -> SourcesPanel:
    """Return eight sources, the first `bad` of them in trouble."""
    listed = [
        ("blood", "血液管理系统", "Blood bank"), ("hotline", "12345热线", "12345 hotline"),
        ("bus_trips", "公交到站预报", "Bus trip updates"), ("warnings", "预警信息发布", "Public warnings"),
        ("bus_vehicles", "公交车辆定位", "Bus positions"), ("health_capacity", "智慧医院运行", "Hospital capacity"),
        ("yuepingan", "粤平安综治", "Ping'an public safety"), ("approvals", "并联审批", "Approvals"),
    ]  # fmt: skip
    states = ["late", "failed", "silent", "never", "late", "late", "late", "late"]
    rows = [
        source(key, zh, en, now=now, state=states[i] if i < bad else "fresh")
        for i, (key, zh, en) in enumerate(listed)
    ]
    for row in rows:
        if row["state"] == "never":
            row["last_ok_at"] = None
        if row["state"] == "failed":
            row["error"] = "HTTP 503 <b>Service Unavailable</b>"
    return {"sources": rows}


def source_detail() -> SourceDetail:
    """Return one failed source with a run and a refused row."""
    return {
        "source": source("hotline", "12345热线", "12345 hotline", state="failed", error="HTTP 503"),
        "runs": [
            {
                "run_id": 812, "at": NOW - 60, "status": "partial", "records": 40, "new": 3, "changed": 1, "same": 35,
                "quarantined": 1, "origin": "requests.xml", "sha256": "9f2c" * 16, "error": None,
            }
        ],
        "problems": [
            {
                "run_id": 812, "at": NOW - 60, "origin": "requests.xml", "row_word": "request", "row": 17,
                "field": "lat", "reason": "outside", "value": "<b>91.2</b>", "detail": "not in the city",
            }
        ],
    }  # fmt: skip
