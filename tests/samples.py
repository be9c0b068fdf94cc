"""One payload of every kind that can reach the wall. All values are invented."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from data.vocabulary import (
    LOCAL,
    CaseRow,
    DomainPanel,
    Evidence,
    HeaderPanel,
    MapPanel,
    Names,
    QueuePanel,
    SourceDetail,
    SourceRow,
    SourcesPanel,
    Tile,
)

NOW = datetime(2026, 11, 22, 14, 32, tzinfo=LOCAL).timestamp()
CITY: Names = {"zh": "河源市", "en": "Heyuan City"}
AREAS: dict[str, Names] = {
    "441600": {"zh": "河源市", "en": "Heyuan"},
    "441602": {"zh": "源城区", "en": "Yuancheng District"},
    "441621": {"zh": "紫金县", "en": "Zijin County"},
    "441622": {"zh": "龙川县", "en": "Longchuan County"},
    "441623": {"zh": "连平县", "en": "Lianping County"},
    "441624": {"zh": "和平县", "en": "Heping County"},
    "441625": {"zh": "东源县", "en": "Dongyuan County"},
    "4416JD": {"zh": "江东新区", "en": "Jiangdong New Area"},
    "4416GX": {"zh": "高新区", "en": "High-tech Zone"},
}
DOMAINS: dict[str, Names] = {
    "public_safety": {"zh": "公共安全", "en": "Public safety"},
    "transport": {"zh": "交通出行", "en": "Transport"},
    "health": {"zh": "卫生健康", "en": "Health"},
    "services": {"zh": "政务服务", "en": "Government services"},
}


def names(zh: str, en: str) -> Names:
    return {"zh": zh, "en": en}


def tile(code: str = "PS-01", *, now: float = NOW, **changes: Any) -> Tile:
    """Return a normal tile, changed as asked."""
    seed = sum(map(ord, code))
    value = changes.get("value", 143.0)
    centre = float(value) if value else 10.0
    wave = [1 + 0.06 * math.sin(i * 0.9 + seed) + 0.03 * math.sin(i * 2.3) for i in range(24)]
    one: Tile = {
        "code": code,
        "name": names("今日警情接报", "110 calls today"),
        "unit": names("起", "calls"),
        "decimals": 0,
        "value": value,
        "status": "normal",
        "level": 0,
        "why": names("在正常区间内", "Within its normal range"),
        "observed_at": now - 60,
        "known_at": now - 30,
        "ttl": 300,
        "source": "yuepingan",
        "trend": [round(centre * w, 2) for w in wave],
        "band": [(round(centre * 0.88, 2), round(centre * 1.12, 2))] * 24,
        "reported": 8,
        "expected": 8,
    }
    return {**one, **changes}  # type: ignore[typeddict-item,return-value]


def watch(code: str, level: int, *, rising: bool = True, **changes: Any) -> Tile:
    """Return a tile that left its normal range."""
    value = float(changes["value"])
    way = 1 if rising else -1
    trend = [round(value * (1 - way * 0.012 * (23 - i)), 3) for i in range(24)]
    band = [(round(value * 0.72, 2), round(value * 0.9, 2))] * 24
    if not rising:
        band = [(round(value * 1.06, 2), round(value * 1.25, 2))] * 24
    status = "alert" if level <= 2 else "watch"
    return tile(code, level=level, status=status, trend=trend, band=band, **changes)


def stale(code: str = "HE-21", *, now: float = NOW, **changes: Any) -> Tile:
    """Return a tile whose source is late: its last known level must not show."""
    base: dict[str, Any] = {
        "name": names("血液库存可用", "Blood stock"),
        "unit": names("天", "days"),
        "value": 6.2,
        "decimals": 1,
        "known_at": now - 360,
        "status": "stale",
        "level": 3,
        "why": names("血液管理系统延迟", "Blood bank is late"),
    }
    return tile(code, now=now, **{**base, **changes})


def no_data(code: str = "HE-05", **changes: Any) -> Tile:
    """Return a tile nobody has reported."""
    base: dict[str, Any] = {"value": None, "status": "no_data", "known_at": None, "trend": []}
    return tile(code, **{**base, "observed_at": None, "band": [], **changes})


def partial(code: str = "HE-23", **changes: Any) -> Tile:
    """Return a tile one county has not reported for."""
    return tile(code, **{"reported": 7, "expected": 8, **changes})


def domains(now: float = NOW, *, long: bool = False) -> dict[str, DomainPanel]:
    """Return the four domain panels; `long` has the longest names we must survive."""
    late = {"now": now}
    sets: dict[str, list[Tile]] = {
        "public_safety": [
            tile("PS-01", **late),
            tile(
                "PS-20",
                name=names("矛盾纠纷在调", "Disputes open"),
                unit=names("件", "files"),
                value=62.0,
                **late,
            ),
            watch(
                "PS-31",
                3,
                name=names("网格事件超时", "Grid events late"),
                unit=names("件", "events"),
                value=7.0,
                **late,
            ),
            tile(
                "PS-40",
                name=names("新丰江水库水位", "Xinfengjiang level"),
                unit=names("m", "m"),
                value=113.6,
                decimals=1,
                **late,
            ),
        ],
        "transport": [
            partial(
                "TR-20",
                name=names("公交在线车辆", "Buses in service"),
                unit=names("辆", "buses"),
                value=412.0,
                **late,
            ),
            watch(
                "TR-01",
                3,
                rising=False,
                name=names("公交准点率", "Bus punctuality"),
                unit=names("%", "%"),
                value=82.4,
                decimals=1,
                **late,
            ),
            tile(
                "TR-28",
                name=names("主干道均速", "Main-road speed"),
                unit=names("km/h", "km/h"),
                value=31.0,
                **late,
            ),
            tile(
                "TR-31",
                name=names("在处交通事故", "Crashes in hand"),
                unit=names("起", "crashes"),
                value=5.0,
                trend=[4.0, 5.0, None, None, 6.0, 5.0, 4.0, 5.0] * 3,
                band=[(2.0, 8.0)] * 24,
                **late,
            ),
        ],
        "health": [
            tile(
                "HE-22",
                name=names("急救平均到达", "Ambulance arrival"),
                unit=names("分钟", "min"),
                value=13.8,
                decimals=1,
                **late,
            ),
            watch(
                "HE-23",
                4,
                name=names("发热门诊就诊", "Fever clinic today"),
                unit=names("人次", "visits"),
                value=318.0,
                reported=7,
                expected=8,
                **late,
            ),
            no_data(
                "HE-05",
                name=names("三级医院床位使用", "Bed occupancy"),
                unit=names("%", "%"),
                **late,
            ),
            stale("HE-21", now=now),
        ],
        "services": [
            tile(
                "GS-04",
                name=names("今日办件", "Requests today"),
                unit=names("件", "requests"),
                value=4286.0,
                **late,
            ),
            tile(
                "GS-28",
                name=names("窗口平均等候", "Mean counter wait"),
                unit=names("分钟", "min"),
                value=9.0,
                **late,
            ),
            watch(
                "GS-30",
                2,
                name=names("并联审批超期", "Parallel approvals overdue"),
                unit=names("件", "files"),
                value=3.0,
                **late,
            ),
            tile(
                "GS-07",
                name=names("12345接通率", "12345 answered"),
                unit=names("%", "%"),
                value=96.8,
                decimals=1,
                **late,
            ),
        ],
    }
    if long:
        for tiles in sets.values():
            for one in tiles:
                one["name"] = names(one["name"]["zh"], "Parallel approvals past promised date")
                one["unit"] = names(one["unit"]["zh"], "requests")
    return {k: {"domain": k, "name": DOMAINS[k], "tiles": v} for k, v in sets.items()}


def tiles() -> dict[str, list[str]]:
    """Return the codes of the sample tiles by domain."""
    return {k: [t["code"] for t in p["tiles"]] for k, p in domains().items()}


def case(no: str = "ZD-0001", *, now: float = NOW, **changes: Any) -> CaseRow:
    """Return one open matter, changed as asked."""
    one: CaseRow = {
        "case_no": no,
        "level": 3,
        "title": "国道 205 塌方 · 半幅封闭",
        "category": names("道路阻断", "Road blocked"),
        "county": names("龙川", "Longchuan"),
        "town": names("贝岭镇", "Beiling Town"),
        "department": names("市公路事务中心", "Highway Centre"),
        "stage": "handling",
        "step": 3,
        "due_at": now + 5 * 3600,
    }
    return {**one, **changes}  # type: ignore[typeddict-item,return-value]


def rows(now: float = NOW, *, long: bool = False) -> list[CaseRow]:
    """Return eight matters: gravest first, then least time left, two overdue."""
    reform, water = (
        names("市发展改革局", "Development and Reform"),
        names("市水务局", "Water Affairs"),
    )
    traffic = names("市公安局交警支队", "Traffic Police")
    longest = names("市人力资源社会保障局", "Human Resources and Social Security")
    listed = [
        case(
            "AP-0031",
            now=now,
            level=2,
            title="并联审批超期 · 灯塔产业园项目",
            county=names("东源", "Dongyuan"),
            town=names("灯塔镇", "Dengta Town"),
            department=reform,
            due_at=now - 26 * 3600 - 600,
        ),
        case(
            "ZD-0007",
            now=now,
            level=2,
            title="山塘渗漏险情 · 群众已转移 41 人",
            county=names("紫金", "Zijin"),
            town=names("中坝镇", "Zhongba Town"),
            department=water,
            due_at=now + 5700,
        ),
        case(
            "ZD-0011",
            now=now,
            title="网格事件超时 7 件 · 消防通道占用",
            county=names("源城", "Yuancheng"),
            town=names("上城街道", "Shangcheng Subdistrict"),
            department=names("市委政法委", "Political and Legal Affairs"),
            stage="dispatched",
            step=2,
            due_at=now - 3 * 3600 - 1200,
        ),
        case(
            "ZD-0012",
            now=now,
            title="公交准点率低于 88% · 3 号线绕行",
            county=names("源城", "Yuancheng"),
            town=names("新江街道", "Xinjiang Subdistrict"),
            department=names("市交通运输局", "Transport Bureau"),
            due_at=now + 3000,
        ),
        case("ZD-0013", now=now),
        case(
            "ZD-0014",
            now=now,
            level=4,
            title="校车轻微碰擦 · 无人员受伤",
            county=names("和平", "Heping"),
            town=names("浰源镇", "Liyuan Town"),
            department=traffic,
            due_at=now + 1500,
        ),
        case(
            "ZD-0015",
            now=now,
            level=4,
            title="发热门诊就诊高于预期区间",
            county=names("全市", "City"),
            town=None,
            department=names("市卫生健康局", "Health Bureau"),
            stage="checking",
            step=4,
            due_at=now + 7800,
        ),
        case(
            "ZD-0016",
            now=now,
            level=4,
            title="热水镇区停水 1 200 户",
            county=names("和平", "Heping"),
            town=names("热水镇", "Reshui Town"),
            department=names("市住房城乡建设局", "Housing and Construction"),
            stage="dispatched",
            step=2,
            due_at=None,
        ),
    ]
    if long:
        for row in listed:
            row["title"] = (
                "Scheduled evacuation of households below the reservoir dam delayed by landslide"
            )
            row["department"] = longest
            row["town"] = names("上城街道", "Shangcheng Subdistrict")
    return listed


def queue(now: float = NOW, *, long: bool = False) -> QueuePanel:
    """Return the queue of a busy afternoon."""
    return {
        "rows": rows(now, long=long),
        "total": 18,
        "waiting": 2,
        "handling": 12,
        "checking": 4,
        "closed_today": 46,
        "due_today": 42,
        "on_time_today": 40,
    }


EMPTY_QUEUE: QueuePanel = {
    "rows": [], "total": 0, "waiting": 0, "handling": 0, "checking": 0,
    "closed_today": 0, "due_today": 0, "on_time_today": 0,
}  # fmt: skip


def map_panel() -> MapPanel:
    """Return the open matters on the map."""
    spots = {
        "441602": (114.640232, 23.687787, 5, 1), "441621": (115.052344, 23.521339, 3, 0),
        "441622": (115.351489, 24.331208, 3, 0), "441623": (114.532769, 24.336646, 1, 0),
        "441624": (115.000636, 24.449485, 2, 0), "441625": (114.815054, 23.930245, 2, 1),
        "4416JD": (114.79, 23.68, 1, 0), "4416GX": (114.64, 23.6, 0, 0),
    }  # fmt: skip
    points = [
        (2, 114.55, 24.02), (2, 115.25, 23.58), (3, 115.42, 24.62), (3, 115.05, 24.02), (3, 114.66, 23.74),
        (3, 114.64, 23.70), (3, 114.86, 23.62), (4, 114.67, 23.72), (4, 114.63, 23.66), (4, 114.65, 23.66),
        (4, 114.84, 24.55), (4, 114.70, 24.36), (4, 115.08, 24.45), (4, 115.46, 24.45), (4, 115.24, 24.14),
        (4, 114.90, 23.38), (4, 115.32, 23.42), (4, 114.53, 24.34),
    ]  # fmt: skip
    return {
        "areas": [
            {"code": c, "name": AREAS[c], "lon": lon, "lat": lat, "statutory": c[4:].isdigit(), "open": n, "overdue": o}
            for c, (lon, lat, n, o) in spots.items()
        ],
        "points": [
            {"case_no": f"ZD-{i:04}", "level": level, "lon": lon, "lat": lat, "title": f"事项 {i}"}
            for i, (level, lon, lat) in enumerate(points)
        ],
        "total": 18,
        "overdue": 2,
        "by_level": {"1": 0, "2": 2, "3": 5, "4": 11},
    }  # fmt: skip


def header(now: float = NOW, *, red: CaseRow | None = None, calm: bool = False) -> HeaderPanel:
    """Return the header with a flood response in force."""
    response: Any = {
        "level": 4, "headline": "防汛Ⅳ级应急响应", "event": "防汛", "sent_at": now - 20 * 3600,
        "expires_at": None, "areas": ["441600"], "response": True, "verified": True,
    }  # fmt: skip
    return {
        "demo": True,
        "scenario": None,
        "response": None if calm else response,
        "warnings": [] if calm else [response],
        "red": red,
    }


def red_case(now: float = NOW, **changes: Any) -> CaseRow:
    """Return a level-1 matter nobody has taken yet."""
    base: dict[str, Any] = {
        "level": 1, "title": "老隆镇危化品泄漏", "category": names("危化品事故", "Hazardous-goods accident"),
        "department": names("市应急管理局", "Emergency Management"), "stage": "reported", "step": 1,
        "due_at": now + 1200,
    }  # fmt: skip
    return case("ZD-0099", now=now, **{**base, **changes})


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
    return {**row, **changes}  # type: ignore[typeddict-item,return-value]


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


def panels(
    now: float = NOW, *, long: bool = False, red: bool = False, bad: int = 1
) -> dict[str, Any]:
    """Return every panel of the wall, by panel name."""
    waiting = queue(now, long=long)
    where = map_panel()
    if red:
        waiting["rows"] = [red_case(now, stage="handling", step=3), *waiting["rows"][:7]]
        waiting["total"] += 1
        where["points"].append(
            {"case_no": "ZD-0099", "level": 1, "lon": 115.2, "lat": 24.08, "title": "危化品"}
        )
        where["total"], where["by_level"]["1"] = 19, 1
    return {
        "header": header(now, red=red_case(now) if red else None),
        "map": where,
        **{f"domain-{k}": p for k, p in domains(now, long=long).items()},
        "queue": waiting,
        "sources": sources(now, bad=bad),
    }


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
