"""What an operator reads on the page of a case."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from components.case_acts import Acting, case_acts
from components.case_around import case_around
from components.case_asked import case_asked
from components.case_bar import court_bar, shares
from components.case_clocks import case_clocks
from components.case_fields import Offers, fields_of
from components.case_head import case_head, source_note
from components.case_ids import CaseIds, case_address, number_of
from components.case_page import CaseShown, House, case_page, case_parts
from components.case_place import case_place
from components.case_timeline import case_timeline
from components.case_times import length, whole_minutes
from components.case_told import acted, overtaken, refused
from components.case_work import case_work
from components.i18n import use
from data.cases.change import Code, Refusal
from data.cases.page import Around, BusRoute, Figure, Held, Hospital, Routes, WarningLine
from data.cases.rules import RULES
from data.catalogue import catalogue
from data.commands.cases import Conflict, Since
from data.vocabulary import CaseAct, CaseState, Holder
from tests import samples, samples_case
from tests.helpers import having, walk
from tests.helpers import words as written
from tests.samples_case import NOW, START, at

A = CaseAct
HOUSE = House("441600", samples.CITY, samples.CITY, "b")


def words(part):
    """Return what is written, one space between words."""
    return " ".join(written(part).split())


def drawn(make, *given, lang="zh"):
    with use(lang):
        return make(*given)


def said(make, *given, lang="zh"):
    return words(drawn(make, *given, lang=lang))


def links(part):
    return [c.href for c in walk(part) if getattr(c, "href", None)]


# ---- addresses ----


@pytest.mark.parametrize("no", ["ZZ202611180001", "hotline-a b~1f", "警 01", "a%2Fb"[:1] + "?x"])
def test_an_address_leads_back_to_its_number(no):
    assert number_of(case_address(no)) == no


@pytest.mark.parametrize("path", ["/case/", "/case/a/b", "/case/" + "x" * 41, "/desk", "/case/%00"])
def test_what_cannot_be_a_number_is_none(path):
    assert number_of(path) == ""


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


# ---- approvals, cards, call-back, ties ----


def test_approvals_that_wait_stand_first_and_say_what_is_wanted():
    waits = samples_case.granted(id=8, granted=None, decided_at=None, decided_name=None)
    text = said(case_asked, samples_case.page(asked=(waits, samples_case.granted())))
    assert "1 项待审批" in text
    assert (
        "第 8 号 · 延期 待审批 需潜水作业 刘建国，2026-11-18 10:30 拟延至 2026-11-19 00:00" in text
    )
    assert "第 7 号 · 延期 同意" in text
    assert "同意 黄志强，2026-11-18 11:00" in text


def test_an_approval_that_the_end_of_the_case_made_void_is_neither_granted_nor_denied():
    void = samples_case.granted(granted=None)
    assert "案件已结束，未予审批" in said(case_asked, samples_case.page(asked=(void,)))


def test_a_supervision_card_says_rule_evidence_state_and_the_next_day():
    text = said(case_asked, samples_case.page(cards=(samples_case.card(),)))
    assert "黄牌督办 生效中" in text
    assert "市水务局 · 2026-11-18 15:40 · 规则 overdue 第 2 版" in text
    assert "依据：over_h 4" in text
    assert "答复期限" in text


def test_a_closed_case_that_nobody_called_says_so():
    head = samples_case.head(state="closed", closed_at=at(500))
    assert "尚未回访" in said(case_asked, samples_case.page(head=head, asked=()))
    called = dataclasses.replace(head, call_back="dissatisfied", called_at=at(560))
    assert "不满意 · 2026-11-18 18:20" in said(case_asked, samples_case.page(head=called, asked=()))


def test_ties_say_which_way_they_go():
    rows = (
        samples_case.link("merged", out=False),
        samples_case.link("child"),
        samples_case.link("child", out=False),
        samples_case.link("warning", other=None, ref="12"),
    )
    text = said(case_asked, samples_case.page(links=rows))
    assert "并入本案" in text
    assert text.index("子案件") < text.index("主案件")  # told here of a part, there of the whole
    assert "关联预警 12" in text


def test_a_case_outside_the_readers_scope_is_a_number_and_no_link():
    hidden = samples_case.brief(title=None)
    found = drawn(case_asked, samples_case.page(links=(samples_case.link("child", other=hidden),)))
    assert "ZZ202611180002 · 超出您的权限范围" in words(found)
    assert links(found) == []


# ---- what lies about it ----


def test_near_cases_say_how_far_and_whose_they_are():
    about = Around(near=(samples_case.brief(), samples_case.brief("Z3", metres=1640.0),
                         samples_case.brief("Z4", metres=None, same_town=True)))  # fmt: skip
    text = said(case_around, samples_case.page(around=about))
    assert "210 米 · 市水务局" in text
    assert "1.6 千米" in text
    assert "同镇街" in text


def test_what_is_not_known_is_said_and_not_left_blank():
    text = said(case_around, samples_case.page())
    assert "未知：案件无坐标" in text
    assert "附近无其他在办案件" in text
    assert "当前无生效预警" in text
    assert "本案不计入任何指标" in text
    about = Around(routes=Routes(known=False))
    assert "未知：时刻表尚未提供" in said(case_around, samples_case.page(around=about))
    about = Around(routes=Routes(known=True))
    assert "500 米内无公交站点" in said(case_around, samples_case.page(around=about))


def test_bus_routes_name_their_nearest_stop():
    route = BusRoute("8路", "客运站—新城", "滨江路", 320.0, 40, samples_case.both("公交时刻表"))
    about = Around(routes=Routes(True, (route,)))
    text = said(case_around, samples_case.page(around=about))
    assert "8路 客运站—新城 滨江路站，320 米" in text


@pytest.mark.parametrize(
    "tile",
    [samples.tile("HE-05", value=81.3), samples.stale("HE-05"), samples.no_data("HE-05")],
    ids=["fresh", "stale", "none"],
)
def test_a_number_has_unit_state_time_and_source_and_a_late_one_is_marked(tile):
    area = samples_case.both("源城区")
    figure = Figure(tile, "441602", area, samples_case.both("智慧医院运行"))
    about = Around(hospitals=(Hospital("市人民医院", area, 900.0),), capacity=(figure,))
    (table,) = having(drawn(case_around, samples_case.page(around=about)), "figs")
    text = words(table)
    assert "源城区 · " in text
    assert "智慧医院运行" in text
    late = tile["status"] in ("stale", "no_data")
    assert bool(having(table, "late")) == late
    if tile["status"] == "no_data":
        assert "—" in text
    else:
        assert tile["unit"]["zh"] in text


def test_warnings_say_until_when_and_whether_they_are_tied():
    warning = WarningLine(5, 4, "暴雨蓝色预警", START, at(600), linked=True)
    text = said(case_around, samples_case.page(around=Around(warnings=(warning,))))
    assert "蓝色 暴雨蓝色预警 发布 2026-11-18 09:00 · 有效至 11-18 19:00 · 已与本案关联" in text


# ---- acts ----


def buttons(found):
    return [getattr(b, "data-open") for b in walk(found) if hasattr(b, "data-open")]


def test_the_buttons_are_exactly_what_is_allowed_the_next_step_first():
    acting = Acting((A.NOTE, A.FORCE_CLOSE, A.CHECK_BAD, A.CHECK_GOOD))
    found = drawn(case_acts, samples_case.page(), acting)
    assert buttons(found) == ["check_good", "check_bad", "note", "force_close"]


def test_who_may_do_nothing_is_told_so():
    assert "登录后方可办理" in said(case_acts, samples_case.page(), Acting(signed=False))
    assert "没有可办理的操作" in said(case_acts, samples_case.page(), Acting())


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("act", [a for a in RULES if a is not A.SOURCE_SAID])
def test_every_act_has_a_form_with_the_version_seen(act, lang):
    waits = samples_case.granted(id=8, granted=None, decided_at=None)
    page = samples_case.page(asked=(waits,), cards=(samples_case.card(),),
                             tasks=(samples_case.task(),), steps=samples_case.steps())  # fmt: skip
    offers = Offers(departments=(("water", samples_case.WATER),), sops=(("a", samples_case.WATER),))
    found = drawn(case_acts, page, Acting((act,), offers=offers), lang=lang)
    ids = [c.id for c in walk(found) if isinstance(getattr(c, "id", None), dict)]
    shown = {i["field"] for i in ids if i["type"] == "case-field"}
    needed = {f.name for f in RULES[act].fields if f.required}
    known = {"department"} if act is A.MOVE_TASK else {"sop"} if act is A.STEP_SOP else set()
    assert needed - known <= shown
    assert {i["field"] for i in ids if i["type"] == "case-wrong"} == shown
    (seen,) = [
        c for c in walk(found) if getattr(c, "id", None) == {"type": "case-seen", "act": act}
    ]
    assert seen.data == 6


def test_an_act_without_fields_takes_a_note():
    assert [f.name for f in fields_of(A.VERIFY)] == ["note"]


def test_a_dispatch_begins_with_what_the_duties_propose_and_says_why():
    offers = Offers(
        departments=(("water", samples_case.WATER), ("highway", samples_case.HIGHWAY)),
        department="water",
        why=samples_case.both("建议派遣：市水务局。权责清单 flood_risk@1"),
    )
    found = drawn(case_acts, samples_case.page(), Acting((A.DISPATCH,), offers=offers))
    (field,) = [
        c for c in walk(found)
        if getattr(c, "id", None) == {"type": "case-field", "act": "dispatch", "field": "department"}
    ]  # fmt: skip
    assert field.value == "water"
    assert "权责清单 flood_risk@1" in words(found)


def test_a_refusal_stands_beside_its_field():
    refusal = Refusal(
        Code.TOO_LONG, {"act": A.NOTE, "field": "note", "limit": 4000, "length": 100_000}
    )
    with use("zh"):
        beside, inside = refused(refusal, ["note"])
    assert inside == ""
    assert "4\u2009000" in beside["note"]
    assert "100\u2009000" in beside["note"]
    with use("zh"):
        beside, inside = refused(refusal, ["reason"])
    assert beside == {}
    assert "4\u2009000" in inside


def test_who_comes_second_reads_what_the_first_did():
    since = (Since(7, at(130), "陈浩", "check_bad", "rework", "water", "仍有渗水"),)
    late = Conflict("Z1", 7, CaseState.REWORK, Holder.DEPARTMENT, since)
    with use("zh"):
        text = words(overtaken(late, catalogue()))
    assert "未作任何改动" in text
    assert "案件现为“返工”" in text
    assert "2026-11-18 11:10" in text
    assert "核查不通过 · 陈浩 · → 返工 · 市水务局" in text
    assert "仍有渗水" in text
    assert "您填写的内容已保留" in text


def test_what_was_done_is_said_with_its_version():
    with use("zh"):
        assert acted(A.VERIFY, 3) == "已办理：核实（第 3 版）"


# ---- the whole page ----


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_carries_case_version_and_demo_mark(lang):
    shown = CaseShown("ZZ202611180001", samples_case.page())
    found = case_page(shown, None, HOUSE, paper=False, lang=lang, now=0.0)
    (version,) = [c for c in walk(found) if getattr(c, "id", None) == CaseIds.VERSION]
    assert version.children == "6"
    assert getattr(found, "data-no") == "ZZ202611180001"
    assert ("演示数据" if lang == "zh" else "Demo data") in words(found)


def test_on_paper_the_page_has_its_own_clothes():
    shown = CaseShown("Z", samples_case.page())
    found = case_page(shown, None, HOUSE, paper=True, lang="zh", now=0.0)
    assert "paper" in found.className.split()


def test_a_case_that_is_not_there_is_said_in_words_not_found_nor_forbidden():
    text = words(case_page(CaseShown("Z9"), None, HOUSE, paper=False, lang="zh", now=0.0))
    assert "您的权限范围内没有案件 Z9" in text
    lost = CaseShown("Z9", lost=True)
    text = words(case_page(lost, None, HOUSE, paper=False, lang="zh", now=0.0))
    assert "没有案件" not in text


def test_a_page_full_of_everything_has_no_second_scrap_of_html():
    evil = "<script>alert(1)</script>"
    page = samples_case.page(head=samples_case.head(title=evil, body=evil, address=evil))
    parts = drawn(case_parts, page)
    text = words(list(parts.values()))
    assert evil in text
    assert not [c for p in parts.values() for c in walk(p) if type(c).__name__ == "Markdown"]


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


# ---- where ----


def pictures(found):
    return [c for c in walk(found) if type(c).__name__ == "Img" and "M" in c.src]


def test_a_place_is_drawn_twice_for_the_screen_and_for_paper():
    about = Around(
        near=(samples_case.brief(), samples_case.brief("Z3", level=0)),
        hospitals=(Hospital("市人民医院", samples_case.both("源城区"), 900.0, (114.706, 23.75)),),
    )
    page = samples_case.page(head=samples_case.head(at=(114.7003, 23.7461)), around=about)
    found = drawn(case_place, page)
    assert [c.className for c in pictures(found)] == ["screen", "sheet"] * 2
    assert "东经 114.70030°，北纬 23.74610°" in words(found)
    assert all(c.src.startswith("data:image/svg+xml,") for c in pictures(found))


def test_a_case_without_a_position_says_so_and_shows_its_county():
    found = drawn(case_place, samples_case.page())
    assert len(pictures(found)) == 2
    assert "来件未提供坐标" in words(found)
    assert "源城区 · 新江街道" in words(found)


def test_a_doubt_is_settled_by_forms_that_are_filled_in():
    about = Around(duplicates=(samples_case.brief("Z9"),))
    found = drawn(case_around, samples_case.page(around=about))
    given = [(getattr(b, "data-open"), getattr(b, "data-fill")) for b in walk(found)
             if hasattr(b, "data-fill")]  # fmt: skip
    assert given == [
        ("merge", '{"parent": "Z9"}'),
        ("link", '{"kind": "not_the_same", "other": "Z9"}'),
    ]


# ---- the browser's script ----


def test_the_script_knows_the_parts_by_their_names():
    script = (Path(__file__).parents[2] / "assets" / "case" / "case.js").read_text("utf-8")
    line = next(x for x in script.splitlines() if "const ID" in x)
    named = set(re.findall(r"'(case[\w-]*)'", line))
    assert named <= {i.value for i in CaseIds}
    page = case_page(CaseShown("Z"), None, HOUSE, paper=False, lang="zh", now=0.0)
    words_ = json.loads(getattr(page, "data-words"))
    assert set(re.findall(r"words\(\)\.(\w+)", script)) <= set(words_)
