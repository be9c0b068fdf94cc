"""One case as its page shows it. All of it is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from data.cases import clocks
from data.cases.page import (
    AskedRow,
    Brief,
    CardRow,
    CardTurn,
    CasePage,
    ClockRow,
    Head,
    Held,
    LinkRow,
    StepRow,
    TaskRow,
    Turn,
)
from data.catalogue import catalogue
from data.vocabulary import Names

START = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
"""Wednesday, 09:00 in Heyuan."""


def at(minutes: float) -> datetime:
    """Return the instant so many minutes after the report."""
    return START + timedelta(minutes=minutes)


def both(zh: str, en: str = "") -> Names:
    """Return a name in both languages."""
    return {"zh": zh, "en": en or zh}


WATER, HIGHWAY = both("市水务局", "Water Affairs"), both("市公路事务中心", "Highway Centre")
NOW = at(600)


def head(**more: Any) -> Head:
    """Return a case in handling at the water department."""
    plain: dict[str, Any] = {
        "no": "ZZ202611180001",
        "version": 6,
        "title": "东江堤防渗漏",
        "category": "flood_risk",
        "category_name": both("水利险情", "Flood hazard"),
        "domain_name": both("公共安全", "Public safety"),
        "level": 2,
        "state": "handling",
        "stage": "handling",
        "holder": "department",
        "department": "water",
        "department_name": WATER,
        "area": "441602001",
        "county_name": both("源城区", "Yuancheng"),
        "town_name": both("新江街道", "Xinjiang"),
        "reported_at": START,
        "updated_at": at(90),
        "recorded_at": START,
        "channel": "desk",
        "source": "desk",
        "source_name": both("指挥坐席", "Desk"),
        "ext_id": "1",
        "run_id": 0,
        "led_since": START,
        "held_since": at(60),
        "due_at": at(900),
        "body": "堤脚渗水，约12米",
    }
    return Head(**(plain | more))


def turn(seq: int, minutes: float, action: str, **more: Any) -> Turn:
    """Return one event of a person."""
    plain: dict[str, Any] = {"actor": "李敏", "person": True, "recorded_at": at(minutes)}
    return Turn(seq=seq, at=at(minutes), action=action, **(plain | more))


def turns() -> tuple[Turn, ...]:
    """Return what happened: reported, opened, dispatched, accepted, an approval, handling."""
    return (
        turn(1, 0, "report", to_state="reported", holder="centre", note="堤脚渗水，约12米"),
        turn(2, 20, "verify", from_state="reported", to_state="verified", holder="centre"),
        turn(3, 30, "open", from_state="verified", to_state="opened", holder="centre",
             rule="flood_risk@1"),
        turn(4, 60, "dispatch", from_state="opened", to_state="dispatched", holder="department",
             department_name=WATER, note="权责清单"),
        turn(5, 90, "ask_extension", actor="刘建国", holder="approver", department_name=WATER,
             note="需潜水作业"),
        turn(6, 120, "grant", actor="黄志强", holder="department", department_name=WATER),
    )  # fmt: skip


def holds() -> tuple[Held, ...]:
    """Return who held it, with odd seconds, so that rounding shows."""
    second = timedelta(seconds=40)
    return (
        Held("centre", None, START, at(60) + second),
        Held("department", WATER, at(60) + second, at(90) + 2 * second),
        Held("approver", WATER, at(90) + 2 * second, at(120) + second),
        Held("department", WATER, at(120) + second, NOW),
    )


def clock(id_: int, kind: str = "total", **more: Any) -> ClockRow:
    """Return a clock that catalogue's rule of six hours computed."""
    rule = catalogue().clock("urgent_6h", START)
    due = clocks.due(rule, START, catalogue().calendar)
    plain: dict[str, Any] = {
        "started_at": START,
        "due_at": due.due_at,
        "rule": rule.code,
        "rule_version": rule.version,
        "calendar_version": due.calendar_version,
        "due": due,
        "made_at": START,
    }
    return ClockRow(id=id_, kind=kind, **(plain | more))


def granted(**more: Any) -> AskedRow:
    """Return an extension that was granted."""
    plain: dict[str, Any] = {
        "id": 7,
        "kind": "extension",
        "asked_at": at(90),
        "asked_name": "刘建国",
        "reason": "需潜水作业",
        "wanted": {"until": at(900).isoformat()},
        "granted": True,
        "decided_at": at(120),
        "decided_name": "黄志强",
        "decision": "同意",
    }
    return AskedRow(**(plain | more))


def extended() -> tuple[ClockRow, ...]:
    """Return the whole-case clock as it was, and as it is since the approval."""
    return (
        clock(1, replaced_by=2),
        clock(2, due_at=at(900), approval_id=7, made_at=at(120)),
        clock(3, "verify", due_at=at(15), stopped_at=at(20)),
        clock(4, "dispatch", due_at=at(90), stopped_at=at(60)),
    )


def task(**more: Any) -> TaskRow:
    """Return a task that is under way."""
    plain: dict[str, Any] = {
        "id": 1,
        "department": "emergency",
        "department_name": both("市应急管理局", "Emergency"),
        "activity": "调拨沙袋",
        "asked_at": at(70),
        "arrived_at": at(95),
    }
    return TaskRow(**(plain | more))


def steps() -> tuple[StepRow, ...]:
    """Return a procedure of three steps: done, skipped, to do."""
    plain: dict[str, Any] = {"sop": "flood_risk", "version": 1, "department_name": WATER}
    return (
        StepRow(no=1, name=both("核实险情"), done_at=at(80), done_name="李敏", **plain),
        StepRow(no=2, name=both("转移群众"), done_at=at(85), done_name="李敏", skipped=True,
                condition=both("有群众受威胁"), note="无群众", **plain),
        StepRow(no=3, name=both("抢险"), due_at=at(300), **plain),
    )  # fmt: skip


def card(**more: Any) -> CardRow:
    """Return a yellow card that stands."""
    plain: dict[str, Any] = {
        "id": 3, "rule": "overdue", "rule_version": 2, "colour": 2, "state": "active",
        "raised_at": at(400), "evidence": {"over_s": 14400, "due_at": "2026-11-18T03:40:00+00:00"}, "department_name": WATER,
        "next_step_at": at(700), "turns": (CardTurn(at(400), "raised", "ladder"),),
        "rule_name": both("严重超期"),
    }  # fmt: skip
    return CardRow(**(plain | more))


def brief(no: str = "ZZ202611180002", **more: Any) -> Brief:
    """Return another case near by."""
    plain: dict[str, Any] = {
        "title": "滨江路江堤渗水", "level": 3, "state": "opened", "department_name": WATER,
        "metres": 210.4, "at": (114.702, 23.747),
    }  # fmt: skip
    return Brief(no=no, **(plain | more))


def link(kind: str, **more: Any) -> LinkRow:
    """Return a tie to another case."""
    plain: dict[str, Any] = {"at": at(200), "by": "李敏", "other": brief()}
    return LinkRow(kind, **(plain | more))


def page(**more: Any) -> CasePage:
    """Return the whole page of a case in handling."""
    plain: dict[str, Any] = {
        "head": head(),
        "turns": turns(),
        "holds": holds(),
        "now": NOW,
        "clocks": extended(),
        "asked": (granted(),),
        "demo": True,
    }
    return CasePage(**(plain | more))


def mirrored(**more: Any) -> CasePage:
    """Return a case that its platform moves."""
    told = head(
        run_id=41, row_no=7, file="hotline.json", led_since=None, source="hotline",
        source_name=both("12345热线", "Hotline 12345"), channel="platform", ext_id="H-9",
        **more,
    )  # fmt: skip
    return replace(page(clocks=(), asked=()), head=told)
