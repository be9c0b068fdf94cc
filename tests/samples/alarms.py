"""Alarms and the stage as the wall gets them."""

from __future__ import annotations

from typing import Any

from data.vocabulary.alarms import AlarmRow, AlarmsPanel, ResponseRow, StagePanel
from tests.samples.city import AREAS, NOW


def alarm(number: int = 1, *, priority: int = 1, **more: Any) -> AlarmRow:
    """Return one alarm that nobody acknowledged."""
    return {
        "id": number, "rule": "river_level", "title": {"zh": "老隆镇危化品泄漏", "en": "Hazardous leak at Laolong"},
        "said": {"zh": "监测值 25.3，限值 25", "en": "25.3, limit 25"}, "area": "441622", "area_name": AREAS["441622"],
        "priority": priority, "state": "unacknowledged", "active": True, "raised_at": NOW - 300, "changed_at": NOW - 300,
        "count": 1, "latched": False, "situation": None, "folded": 0, "case_no": None, "owner": None, "until": None,
        **more,
    }  # type: ignore[typeddict-item]  # fmt: skip


def alarms(
    *, red: bool = False, flood: int = 0, bad: bool = False, calm: bool = False
) -> AlarmsPanel:
    """Return the alarms of an ordinary day, with what is asked for beside it."""
    top = [
        alarm(
            7,
            priority=2,
            title={"zh": "公交准点率连降", "en": "Buses late"},
            area="441602",
            area_name=AREAS["441602"],
        )
    ]
    if red:
        top.insert(0, alarm(9))
    return {
        "counts": {"1": int(red), "2": 0 if calm else 1, "3": 0 if calm else 4, "4": 0 if calm else 2},
        "unacknowledged": 0 if calm else 1 + int(red), "shelved": 0, "top": [] if calm else top,
        "red": alarm(9) if red else None, "flood": NOW - 120 if flood else None, "flood_count": flood,
        "undelivered": 2 if bad else 0, "lost_screens": 1 if bad else 0, "newest": None if calm else NOW - 300,
    }  # fmt: skip


def response(
    number: int = 1, *, level: int = 4, plan: str = "flood", area: str = "441600"
) -> ResponseRow:
    """Return one response level in force."""
    names = {"flood": {"zh": "防汛", "en": "Flood"}, "epidemic": {"zh": "突发公共卫生事件", "en": "Public health"},
             "geohazard": {"zh": "地质灾害", "en": "Geohazard"}}  # fmt: skip
    place = (
        {"zh": "全市", "en": "City"}
        if area == "441600"
        else {"zh": AREAS[area]["zh"][:2], "en": AREAS[area]["en"].split()[0]}
    )
    return {
        "id": number, "plan": plan, "name": names[plan], "level": level, "area": area, "area_name": place,
        "since": NOW - 20 * 3600, "basis": "河防指〔2026〕5号", "by": "值班长", "city": area == "441600",
    }  # type: ignore[typeddict-item]  # fmt: skip


_NAMES = {
    1: ("正常", "Normal"),
    2: ("关注", "Attention"),
    3: ("戒备", "Alert"),
    4: ("应急", "Emergency"),
    5: ("危急", "Critical"),
}


def stage(
    now: int | None = 1, proposed: int = 1, *, undecided: bool = False, responses: int = 1
) -> StagePanel:
    """Return the stage in force and what is proposed."""

    def said(n: int) -> Any:
        return {"zh": _NAMES[n][0], "en": _NAMES[n][1]}

    levels = [
        response(),
        response(2, level=2, plan="geohazard", area="441622"),
        response(3, level=3, plan="epidemic"),
    ]
    return {
        "stage": now, "by": None if now is None else "张伟强", "since": None if now is None else NOW - 5 * 3600,
        "proposed": proposed, "proposed_at": NOW - 600,
        "sentence": {"zh": "全市运行平稳，各项公共服务正常。", "en": "The city is running normally."},
        "why": {"zh": "出现一级告警（龙川 · 老隆镇危化品泄漏）", "en": "An alarm of priority 1"}, "lower": None,
        "responses": levels[:responses], "firing": [], "name": said(now or 1), "proposed_name": said(proposed),
        "undecided": undecided,
    }  # fmt: skip
