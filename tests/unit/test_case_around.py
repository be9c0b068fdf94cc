"""What stands beside a case on its page: approvals, cards, ties, what lies about it, where it is."""

import dataclasses

import pytest

from components.case_around import case_around
from components.case_asked import case_asked
from components.case_page import House
from components.case_place import case_place
from data.cases.page import Around, BusRoute, Figure, Hospital, Routes, WarningLine
from data.vocabulary import CaseAct
from tests import samples, samples_case
from tests.drawn_case import drawn, links, said, words
from tests.helpers import having, walk
from tests.samples_case import START, at

A = CaseAct
HOUSE = House("441600", samples.CITY, samples.CITY, "b")


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
    assert "市水务局 · 2026-11-18 15:40 · 规则 严重超期 第 2 版" in text
    assert "事由：已超期 4.0 小时" in text
    assert "2026-11-18 15:40 亮牌" in text.replace("2026-11-18 15:40:00", "2026-11-18 15:40")
    assert "ladder" not in text
    assert "due_at" not in text
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
