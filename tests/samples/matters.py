"""Open matters, and the queue of them."""

from __future__ import annotations

from typing import Any, cast

from data.vocabulary import CaseRow, QueuePanel
from tests.samples.city import NOW, names


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
    return cast(CaseRow, one | changes)


def red_case(now: float = NOW, **changes: Any) -> CaseRow:
    """Return a level-1 matter nobody has taken yet."""
    base: dict[str, Any] = {
        "level": 1, "title": "老隆镇危化品泄漏", "category": names("危化品事故", "Hazardous-goods accident"),
        "department": names("市应急管理局", "Emergency Management"), "stage": "reported", "step": 1,
        "due_at": now + 1200,
    }  # fmt: skip
    return case("ZD-0099", now=now, **{**base, **changes})


def rows(now: float = NOW, *, long: bool = False) -> list[CaseRow]:
    """Return eight matters: gravest first, then least time left, two overdue."""
    listed = [*_graver(now), *_lesser(now)]
    if long:
        for row in listed:
            row["title"] = (
                "Scheduled evacuation of households below the reservoir dam delayed by landslide"
            )
            row["department"] = names("市人力资源社会保障局", "Human Resources and Social Security")
            row["town"] = names("上城街道", "Shangcheng Subdistrict")
    return listed


def _graver(now: float) -> list[CaseRow]:
    """Return the matters of level 2 and 3."""
    yuancheng = names("源城", "Yuancheng")
    return [
        case(
            "AP-0031", now=now, level=2, title="并联审批超期 · 灯塔产业园项目", due_at=now - 26 * 3600 - 600,
            county=names("东源", "Dongyuan"), town=names("灯塔镇", "Dengta Town"),
            department=names("市发展改革局", "Development and Reform"),
        ),
        case(
            "ZD-0007", now=now, level=2, title="山塘渗漏险情 · 群众已转移 41 人", due_at=now + 5700,
            county=names("紫金", "Zijin"), town=names("中坝镇", "Zhongba Town"),
            department=names("市水务局", "Water Affairs"),
        ),
        case(
            "ZD-0011", now=now, title="网格事件超时 7 件 · 消防通道占用", due_at=now - 3 * 3600 - 1200,
            county=yuancheng, town=names("上城街道", "Shangcheng Subdistrict"),
            department=names("市委政法委", "Political and Legal Affairs"), stage="dispatched", step=2,
        ),
        case(
            "ZD-0012", now=now, title="公交准点率低于 88% · 3 号线绕行", due_at=now + 3000,
            county=yuancheng, town=names("新江街道", "Xinjiang Subdistrict"),
            department=names("市交通运输局", "Transport Bureau"),
        ),
        case("ZD-0013", now=now),
    ]  # fmt: skip


def _lesser(now: float) -> list[CaseRow]:
    """Return the matters of level 4: one of the whole city, one without a due time."""
    heping = names("和平", "Heping")
    return [
        case(
            "ZD-0014", now=now, level=4, title="校车轻微碰擦 · 无人员受伤", due_at=now + 1500,
            county=heping, town=names("浰源镇", "Liyuan Town"),
            department=names("市公安局交警支队", "Traffic Police"),
        ),
        case(
            "ZD-0015", now=now, level=4, title="发热门诊就诊高于预期区间", due_at=now + 7800,
            county=names("全市", "City"), town=None,
            department=names("市卫生健康局", "Health Bureau"), stage="checking", step=4,
        ),
        case(
            "ZD-0016", now=now, level=4, title="热水镇区停水 1 200 户", due_at=None,
            county=heping, town=names("热水镇", "Reshui Town"),
            department=names("市住房城乡建设局", "Housing and Construction"), stage="dispatched", step=2,
        ),
    ]  # fmt: skip


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
