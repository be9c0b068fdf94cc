"""How a case stands, on its page: head, in whose court, clocks, tasks, steps, timeline."""

import dataclasses
import re

import pytest

from components.case_bar import court_bar, shares
from components.case_clocks import case_clocks
from components.case_head import case_head, source_note
from components.case_page import House
from components.case_place import case_place
from components.case_timeline import case_timeline
from components.case_times import length, whole_minutes
from components.case_work import case_work
from components.i18n import use
from data.cases.page import Held
from data.vocabulary import CaseAct, CaseState, Holder
from tests import samples, samples_case
from tests.drawn_case import drawn, links, said, words
from tests.helpers import having, walk
from tests.samples_case import NOW, START, at

A = CaseAct
HOUSE = House("441600", samples.CITY, samples.CITY, "b")


# ---- in whose court ----


def test_the_times_in_the_bar_add_up_to_the_age_to_the_minute():
    found = shares(samples_case.holds())
    age = int((NOW - START).total_seconds() // 60)
    assert sum(s.minutes for s in found) == age == 600
    text = said(court_bar, samples_case.page())
    assert "合计 10 小时 0 分 100%" in text
    assert "10 小时 0 分 自上报至今" in text


def test_each_holder_is_named_with_its_department_and_time():
    text = said(court_bar, samples_case.page())
    assert "1 指挥中心办理 1 小时 1 分 10.1%" in text
    assert re.search(r"2 在办 市水务局 8 小时 \d+ 分", text)
    assert re.search(r"3 等待审批 市水务局 29 分", text)


def test_own_work_waiting_and_suspension_of_departments_are_told_apart():
    holds = (
        Held("department", samples_case.HIGHWAY, at(0), at(30)),
        Held("centre", None, at(30), at(40)),
        Held("department", samples_case.WATER, at(40), at(100)),
        Held("suspended", samples_case.WATER, at(100), at(160)),
        Held("department", samples_case.WATER, at(160), at(200)),
        Held("nobody", samples_case.WATER, at(200), at(900)),
    )
    found = [(s.holder, s.department, s.minutes) for s in shares(holds)]
    assert found == [
        (Holder.DEPARTMENT, samples_case.HIGHWAY, 30),
        (Holder.CENTRE, None, 10),
        (Holder.DEPARTMENT, samples_case.WATER, 100),
        (Holder.SUSPENDED, samples_case.WATER, 60),
    ]


def test_a_case_nobody_held_yet_says_so():
    assert "尚无办理时长" in said(court_bar, samples_case.page(holds=()))


@pytest.mark.parametrize("seconds", [[59.9, 59.9, 0.2], [3600.0], [], [29.5] * 5, [61.0, 118.9]])
def test_whole_minutes_add_up(seconds):
    assert sum(whole_minutes(seconds)) == int(sum(seconds) // 60)


def test_a_length_says_every_minute():
    with use("zh"):
        assert [length(m) for m in (0, 59, 60, 1440, 3101)] == [
            "0 分",
            "59 分",
            "1 小时 0 分",
            "1 天 0 小时 0 分",
            "2 天 3 小时 41 分",
        ]


# ---- head ----


def test_the_head_says_what_where_it_stands_who_has_it_and_how_long_is_left():
    found = drawn(case_head, samples_case.page())
    text = words(found)
    assert "橙色 东江堤防渗漏 处置中" in text
    assert "ZZ202611180001 · 水利险情 · 公共安全 · 坐席受理" in text
    assert "当前在办 市水务局 已 9 小时 0 分" in text
    assert "截止 2026-11-19 00:00" in text
    (due,) = having(found, "due")
    assert getattr(due, "data-due") == at(900).timestamp()


def test_waiting_for_an_approver_names_whose_case_it_is():
    page = samples_case.page(head=samples_case.head(holder="approver"))
    assert "当前在办 市水务局 待审批" in said(case_head, page)


def test_counts_stand_in_the_head_only_when_there_are_any():
    page = samples_case.page(head=samples_case.head(rework=2, returns=1))
    assert "返工 2 次 · 退回 1 次" in said(case_head, page)
    assert "返工" not in said(case_head, samples_case.page())


@pytest.mark.parametrize(
    ("closed", "wanted"), [(at(800), "按期"), (at(960), "超 1 小时 0 分")]
)  # fmt: skip
def test_an_ended_case_says_whether_it_was_in_time(closed, wanted):
    head = samples_case.head(state="closed", holder="nobody", closed_at=closed, closing="normal")
    text = said(case_head, samples_case.page(head=head))
    assert wanted in text
    assert "已办结 正常结案" in text


def test_a_suspended_case_says_that_its_clock_stands_still():
    head = samples_case.head(state="suspended", holder="suspended")
    assert "挂账期间停止计时" in said(case_head, samples_case.page(head=head))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", list(CaseState))
def test_every_state_can_be_drawn(state, lang):
    ended = state in ("closed", "merged", "rejected")
    head = samples_case.head(state=state.value, closed_at=at(500) if ended else None)
    assert said(case_head, samples_case.page(head=head), lang=lang)


# ---- mirrored, led here ----


def test_a_mirrored_case_says_whose_it_is_and_what_an_act_does():
    text = words(drawn(source_note, samples_case.mirrored().head))
    assert "同步件：由12345热线办理推进" in text


def test_led_here_what_the_platform_says_is_said_and_moves_nothing():
    head = samples_case.mirrored().head
    head = dataclasses.replace(head, led_since=at(30), source_said="closed")
    text = words(drawn(source_note, head))
    assert "12345热线通报：已结案，不改变本案状态" in text
    assert drawn(source_note, samples_case.head()) is None


def test_a_mirrored_case_shows_the_limit_it_was_given_and_its_way_to_the_file():
    page = samples_case.mirrored()
    assert "截止 2026-11-19 00:00 · 由12345热线给定" in said(case_clocks, page)
    place = drawn(case_place, page)
    assert "批次 41 · 第 7 条 · hotline.json" in words(place)
    assert "/sources?run=41" in links(place)


# ---- clocks ----


def test_an_old_due_time_stays_struck_with_the_approval_that_moved_it():
    found = drawn(case_clocks, samples_case.page())
    struck = [words(x) for x in walk(found) if type(x).__name__ == "S"]
    assert struck == ["2026-11-18 15:00"]
    text = words(found)
    assert "已由第 7 号审批（延期，黄志强）变更" in text
    assert "2026-11-19 00:00 依据第 7 号审批（延期，黄志强）" in text


def test_why_a_clock_is_due_then_is_told_line_by_line_with_its_versions():
    found = drawn(case_clocks, samples_case.page())
    (first, *_rest) = [x for x in walk(found) if type(x).__name__ == "Details"]
    lines = [words(x) for x in walk(first) if type(x).__name__ == "Li"]
    assert len(lines) >= 4
    assert any("6 小时" in line for line in lines)
    assert re.search(r"规则 urgent_6h 第 1 版；日历 CN-.+；计算于 2026-11-18 11:00", lines[-1])


def test_a_clock_that_was_met_or_missed_says_by_how_much():
    text = said(case_clocks, samples_case.page())
    assert "派遣 11-18 09:00 2026-11-18 10:30 按期完成，提前 30 分" in text
    assert "核实 11-18 09:00 2026-11-18 09:15 超 5 分" in text


def test_a_due_time_given_from_outside_says_so():
    page = samples_case.page(clocks=(samples_case.clock(1, rule="given", due=None),))
    assert "时限由来件单位给定：2026-11-18 15:00" in said(case_clocks, page)


# ---- tasks, steps ----


def test_each_agency_keeps_its_own_times():
    done = samples_case.task(id=2, department_name=samples_case.WATER, ended_at=at(200),
                             started_at=at(100), result="已布设")  # fmt: skip
    text = words(drawn(case_work, samples_case.page(tasks=(samples_case.task(), done))))
    assert "共 2 项，1 项进行中" in text
    assert "市应急管理局 调拨沙袋 11-18 10:10 11-18 10:35 — —" in text
    assert "市水务局 调拨沙袋 11-18 10:10 11-18 10:35 11-18 10:40 11-18 12:20 结果：已布设" in text


def test_a_procedure_shows_its_progress_and_who_did_what():
    text = words(drawn(case_work, samples_case.page(steps=samples_case.steps())))
    assert "已完成 2/3 步 · flood_risk 第 1 版" in text
    assert "核实险情 市水务局 已完成 · 李敏 11-18 10:20" in text
    assert "转移群众 市水务局 条件：有群众受威胁 已跳过 · 李敏 11-18 10:25 无群众" in text


def test_without_tasks_and_steps_there_are_no_empty_boxes():
    assert drawn(case_work, samples_case.page()) == []


# ---- timeline ----


def test_the_timeline_tells_everything_newest_first():
    found = drawn(case_timeline, samples_case.page())
    rows = [words(x) for x in walk(found) if type(x).__name__ == "Li"]
    assert len(rows) == 6
    assert rows[0].startswith("2026-11-18 11:00 批准")
    assert "已立案 → 已派遣" in rows[2]
    assert "李敏 · 此后：市水务局 责任单位" in rows[2]
    assert "权责清单" in rows[2]
    assert "规则 flood_risk@1" in rows[3]
    assert "共 6 条" in words(found)


def test_who_holds_it_is_said_only_when_it_changes():
    rows = [words(x) for x in walk(drawn(case_timeline, samples_case.page()))
            if type(x).__name__ == "Li"]  # fmt: skip
    assert ["此后" in r for r in rows] == [True, True, True, False, False, True]


def test_what_the_platform_says_is_marked_and_moves_nothing():
    told = samples_case.turn(7, 300, "source_said", actor="hotline", person=False,
                             actor_name=samples_case.both("12345热线"), note="已办结")  # fmt: skip
    page = samples_case.page(turns=(*samples_case.turns(), told))
    row = next(x for x in walk(drawn(case_timeline, page)) if type(x).__name__ == "Li")
    assert "来源平台通报 不改变本案状态 12345热线" in words(row)
    assert row.className == "said-by"


def test_a_correction_is_marked_and_says_what_was_before():
    told = samples_case.turn(7, 300, "changed", before={"title": "堤防渗水", "stage": "opened"},
                             recorded_at=at(420))  # fmt: skip
    page = samples_case.page(turns=(*samples_case.turns(), told))
    text = words(next(x for x in walk(drawn(case_timeline, page)) if type(x).__name__ == "Li"))
    assert "更正" in text
    assert "标题原为：堤防渗水" in text
    assert "2 小时 0 分后补录" in text


def test_old_events_of_platforms_tell_their_coarse_stage():
    told = samples_case.turn(1, 0, "reported", to_stage="opened", actor="hotline")
    text = said(case_timeline, samples_case.page(turns=(told,)))
    assert "上报 立案" in text


# ---- particulars of events ----


def row_of(action, detail, **more):
    told = samples_case.turn(7, 300, action, detail=detail)
    page = samples_case.page(turns=(*samples_case.turns(), told), **more)
    page = dataclasses.replace(
        page, departments={"water": samples_case.WATER, "highway": samples_case.HIGHWAY}
    )
    found = drawn(case_timeline, page)
    return words(next(x for x in walk(found) if type(x).__name__ == "Li"))


def test_a_granted_return_counts_against_the_dispatcher_not_the_receiver():
    detail = {"kind": "return", "approval": 1, "wrong_dispatch": True,
              "wrong_department": "highway", "dispatched_name": "王敏", "suggests": "water"}  # fmt: skip
    said_ = row_of("grant", detail)
    assert "第 1 号审批 · 退回 · 计王敏错误派遣，不计市公路事务中心 · 建议由市水务局办理" in said_


@pytest.mark.parametrize(
    ("action", "detail", "wanted"),
    [
        ("dispatch", {"department": "water", "co_departments": ["highway"]},
         "派往市水务局 · 协办：市公路事务中心"),
        ("ask_extension", {"approval": 2, "wanted": {"until": at(900).isoformat()}},
         "第 2 号审批 · 拟延至 2026-11-19 00:00"),
        ("grant", {"kind": "extension", "approval": 2, "until": at(900).isoformat(),
                   "old_due_at": at(360).isoformat()},
         "截止时间由 2026-11-18 15:00 延至 2026-11-19 00:00"),
        ("resume", {"suspended_s": 39600, "old_due_at": at(0).isoformat(),
                    "due_at": at(660).isoformat()}, "挂账 11 小时 0 分 · 截止时间由"),
        ("link", {"kind": "cross_county", "other": "Z2"}, "跨县区事项 · Z2"),
        ("merge", {"parent": "Z3"}, "并入 Z3"),
        ("close", {"kind": "special"}, "特殊"),
        ("call_back", {"result": "unreached"}, "未联系上"),
        ("supervise", {"colour": 3}, "红牌督办"),
        ("decide_appeal", {"upheld": False}, "申诉成立"),
        ("move_task", {"task": 1, "move": "arrived", "department": "water"},
         "市水务局 · 调拨沙袋 · 已到"),
        ("step_sop", {"sop": "flood_risk", "step": 3, "move": "done"}, "3 · 抢险 · 已完成"),
        ("grant", {}, "批准"),
        ("resume", {"due_at": "soon"}, "soon"),
    ],
)  # fmt: skip
def test_an_event_tells_its_particulars(action, detail, wanted):
    said_ = row_of(action, detail, tasks=(samples_case.task(),), steps=samples_case.steps())
    assert wanted in said_
