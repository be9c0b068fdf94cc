"""What stands behind one number."""

from __future__ import annotations

from data.vocabulary import Evidence, Tile
from tests.samples.city import AREAS, DOMAINS, NOW, names
from tests.samples.feeds import source
from tests.samples.figures import watch


def evidence(one: Tile | None = None) -> Evidence:
    """Return everything behind one number, with a feed text that tries to be markup."""
    return {
        "code": "HE-23",
        "area": AREAS["441621"],
        "tile": one or watch("HE-23", 4, name=names("发热门诊就诊", "Fever clinic"), value=318.0),
        "domain": DOMAINS["health"],
        "department": names("市卫生健康局", "Health Bureau"),
        "source": source("health_capacity", "智慧医院运行", "Hospital capacity"),
        "definition": names("设发热门诊的医疗机构合计", "All hospitals with a fever clinic"),
        "target": names("常态区间", "normal band"),
        "numerator_name": names("发热门诊人次", "fever-clinic visits"),
        "denominator_name": None,
        "aggregation": "sum",
        "direction": "lower",
        "version": 1,
        "valid_from": "2026-01-01",
        "standard": "国家疾控监测口径",
        "links": [
            {
                "area": AREAS["441621"], "area_code": "441621", "grain": 2, "hidden": False, "as_of": NOW - 3510,
                "let_go": None, "period_start": NOW - 7200, "period_end": NOW - 3600, "value": 41.0,
                "numerator": 41.0, "denominator": None, "revision": 2, "recorded_at": NOW - 3500,
                "source": names("智慧医院运行", "Hospital capacity"), "run_id": 812, "fetch_id": 77,
                "sha256": "9f2c" * 16, "received_at": NOW - 3501, "origin": "MeasureReport.json",
                "row_word": "entry", "row": 3, "line": 118, "excerpt": '{"count": 41, "note": "<script>alert(1)</script>"}',
            }
        ],
        "revisions": [
            {
                "area": AREAS["441621"], "area_code": "441621", "grain": 2, "period_start": NOW - 7200,
                "period_end": NOW - 3600, "revision": 1, "was": 39.0, "now": 41.0, "hidden": False,
                "why": names("来源新文件更正", "a newer file of the source"), "late": 100.0,
                "recorded_at": NOW - 7000, "superseded_at": NOW - 3500, "was_run": 790, "was_origin": "MeasureReport.json",
                "was_row": 3, "now_run": 812, "now_origin": "MeasureReport.json", "now_sha256": "9f2c" * 16,
                "now_as_of": NOW - 3510, "now_row": 3,
            }
        ],
    }  # fmt: skip
