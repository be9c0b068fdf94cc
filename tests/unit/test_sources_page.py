"""What a steward reads on the sources page."""

import json

import pytest

from components.debt_board import debt_error
from components.i18n import use
from components.sources_drill import fetch_drill, run_drill
from components.sources_head import percent_text
from components.sources_ids import address, home, view_of
from components.sources_page import Shown, body, sources_page
from components.sources_table import chosen
from components.strips import hours_strip, hours_words, weeks_line
from data.sharing.words import View
from tests import samples_sources as samples
from tests.helpers import having, walk, words
from tests.samples import AREAS, CITY, NOW


def drawn(view=View(), lang="zh", **more):  # noqa: B008 - frozen
    with use(lang):
        return body(Shown(more.pop("board", samples.board()), **more), view)


def page(view=View(), **more):  # noqa: B008 - frozen
    return sources_page(
        Shown(more.pop("board", samples.board())), view, lang=more.pop("lang", "zh"), search="",
        fill={}, area="441600", city=CITY, build="b", now=NOW,
    )  # fmt: skip


def links(part):
    return [c.href for c in walk(part) if getattr(c, "href", None)]


# ---- addresses ----


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(tab="debts", dept="health", debt=3),
        View(state="silent", q="热线 a&b=c", sort="-name", open=frozenset({"beds", "hotline"})),
        View(source="beds", run=12, fetch=5, span="12w", every="1", before=9),
    ],
)
def test_a_view_is_an_address_and_an_address_a_view(view):
    from callbacks.sources import _query

    assert view_of(_query(address(view).partition("?")[2])) == view


def test_an_address_of_nonsense_is_the_whole_list():
    odd = {"tab": "x", "run": "-1", "fetch": "9" * 40, "debt": "٣", "nonsense": "1", "lang": "en"}
    assert view_of(odd) == View()


def test_leaving_a_drill_keeps_the_filters():
    assert home(View(dept="health", source="beds", run=3)) == "/sources?dept=health"


# ---- head ----


def test_the_head_says_how_many_departments_share_and_of_how_many():
    said = words(drawn())
    assert "部门共享率 33.3% 1 / 3" in said
    assert "未结欠账 1 超期 1 项 另有 1 项待认领 · 14:32" in said
    assert "共读取 8\u2009000 行 · 14:30" in said


def test_counts_that_were_not_renewed_are_drawn_as_old_with_their_time():
    assert not having(drawn(), "old")
    late = having(drawn(board=samples.board(looked_at=NOW - 3600)), "old")
    assert [("13:32" in words(f)) for f in late] == [True, True]
    assert all("—" in words(f) for f in having(drawn(board=samples.board(looked_at=None)), "old"))


def test_every_department_stands_under_its_kind():
    said = words(having(drawn(), "depts"))
    assert "已共享 1 市卫生健康局" in said
    assert "已中断 1 市政务服务数据管理局" in said
    assert "无自有来源 1 市公安局 4 项指标，仅经粤平安综治" in said
    assert "暂未列入 1 市水务局" in said


def test_of_nothing_expected_there_is_no_share():
    assert percent_text({"part": 0, "whole": 0}) == "—"
    assert percent_text({"part": 12, "whole": 12}) == "100%"


# ---- table ----


def test_a_source_has_state_age_rhythm_shares_refusals_and_its_debt():
    (row,) = [r for r in having(drawn(), "src") if getattr(r, "data-source") == "beds"]
    said = words(row)
    for word in ("床位填报 健康广东", "市卫生健康局", "正常", "14:31", "60 秒 75 秒", "93.8% 缺 12 期",
                 "83.3% 迟 30 期", "12 共 4\u2009000 行", "超期 11-20 李主任"):  # fmt: skip
        assert word in said, word


def test_what_the_browser_needs_to_judge_the_age_is_on_the_row():
    (row,) = [r for r in having(drawn(), "src") if getattr(r, "data-source") == "hotline"]
    facts = {k: getattr(row, f"data-{k}") for k in ("state", "every", "stale", "heard", "failures")}
    assert facts == {
        "state": "silent", "every": 60, "stale": 900, "heard": NOW - 3 * 86400, "failures": 0,
    }  # fmt: skip
    assert "is-silent" in row.className


def test_a_source_that_never_came_has_no_time_and_no_zero():
    board = samples.board(sources=[samples.line(state="never", last_ok_at=None, learned=None)])
    said = words(having(drawn(board=board), "src"))
    assert "从未接入" in said
    assert "尚无实测" in said


def test_units_stand_under_an_opened_source_only():
    assert not having(drawn(), "unit")
    (row,) = having(drawn(View(open=frozenset({"beds"}))), "unit")
    assert "紫金县" in words(row)
    assert "中断" in words(row)
    assert "83.3%" in words(row)


@pytest.mark.parametrize(
    ("view", "left"),
    [
        (View(state="silent"), ["hotline"]),
        (View(dept="health"), ["beds"]),
        (View(domain="services"), ["hotline"]),
        (View(q="HOTLINE"), ["hotline"]),
        (View(q="热线 12345"), ["hotline"]),
        (View(q="nothing"), []),
        (View(sort="name"), ["hotline", "beds"]),
        (View(sort="-name"), ["beds", "hotline"]),
        (View(sort="last"), ["hotline", "beds"]),
        (View(sort="no such"), ["hotline", "beds"]),
    ],
)
def test_filters_and_order_come_from_the_address(view, left):
    assert [s["key"] for s in chosen(samples.board(), view)] == left


def test_a_choice_that_fits_nothing_says_so_and_shows_the_way_back():
    inside = drawn(View(q="nothing"))
    assert "没有符合筛选条件的数据源" in words(inside)
    assert "/sources" in links(inside)


# ---- pictures ----


def test_the_strip_tells_in_words_what_it_shows():
    cells = samples.line()["hours"]
    assert hours_words(cells) == "近24小时：完整 2 小时，部分 1 小时，无数据 1 小时"
    svg = hours_strip(cells).src
    assert "stroke-dasharray" in svg
    assert "<text" not in svg
    assert hours_words([samples.cell(0, 0)]) == "近24小时无应报时段"


def test_weeks_without_anything_expected_are_a_dash_and_no_line():
    assert words(weeks_line([samples.cell(0, 0)])) == "—"
    assert "89.3% 至 100.0%" in words(weeks_line(samples.line()["weeks"]))


# ---- quiet ----


def test_the_quiet_are_named_with_how_long_and_zeros_with_their_length():
    said = words(having(drawn(View(tab="quiet")), "in-quiet"))
    assert "12345热线 整个数据源 市政务服务数据管理局 中断 11-19 14:32 3 天" in said
    assert "床位填报 紫金县 市卫生健康局 中断" in said
    assert "HE-21" in said
    assert "72 h" in said


# ---- debts ----


def test_the_board_has_promised_overdue_and_proposed_debts():
    said = words(having(drawn(View(tab="debts"), acting=True), "in-debts"))
    for word in ("已认领 · 1 项", "夜间无人填报", "李主任", "2026-11-20", "已超期", "王科长",
                 "待认领（依据监测） · 1 项", "中断超过一天", "认领"):  # fmt: skip
        assert word in said, word


def test_without_leave_to_act_there_is_no_button_and_no_form():
    inside = drawn(View(tab="debts", debt=7))
    assert not [c for c in walk(inside) if c._type == "Button"]
    assert "python -m data debt" in words(inside)


@pytest.mark.parametrize(
    "view", [View(tab="debts", debt=7), View(tab="debts", propose="silent.hotline.dsb.")]
)
def test_a_form_has_its_fields_and_says_that_names_are_not_checked(view):
    inside = drawn(view, acting=True)
    fields = {
        c.id["field"]
        for c in walk(inside)
        if isinstance(getattr(c, "id", None), dict) and "field" in c.id
    }
    assert fields == {"owner", "due", "note", "said_by"}
    assert "未经核验" in words(inside)


@pytest.mark.parametrize("view", [View(tab="debts", debt=99), View(tab="debts", propose="gone")])
def test_a_form_for_what_is_not_there_says_so(view):
    assert words(having(drawn(view, acting=True), "hint"))


def test_errors_name_the_field_and_the_reason():
    assert debt_error("due", "past") == "完成期限 早于今天"
    with use("en"):
        assert debt_error("said_by", "missing") == "Your name is missing"


# ---- drill ----


def test_a_run_shows_each_refused_row_with_field_value_and_reason_in_words():
    with use("zh"):
        said = words(run_drill(samples.run_detail(), View(source="beds", run=412)))
    for word in (
        "行 17 beds 十二 拒收",
        "not_finite",
        "a number was expected",
        "警示",
        "人工更正",
        "来电核实",
    ):
        assert word in said, word


def test_a_file_has_its_proof_and_marks_the_refused_line():
    with use("zh"):
        inside = fetch_drill(samples.fetch_detail(), View(source="beds", fetch=198))
    said = words(inside)
    assert "9f2c" * 16 in said
    assert "40\u2009960 字节" in said
    assert "/sources/raw/198" in links(inside)
    (bad,) = having(inside, "bad")
    assert "17 x,十二 拒收" in words(bad)


def test_a_table_shows_its_first_rows_as_the_mapping_reads_them():
    top = {
        "sheet": "九月", "header": [3], "names": ["县区", "办件量"],
        "rows": [(4, ["紫金县", "12"]), (5, ["龙川县", ""])], "refused": {5: "not_finite"},
    }  # fmt: skip
    with use("zh"):
        inside = fetch_drill(samples.fetch_detail(table=top, lines=[]), View())
    said = words(inside)
    assert "按映射读取的前几行 工作表 九月 · 列名在第 3 行 · 仅显示映射所列各列，已脱敏" in said
    assert "4 紫金县 12" in said
    assert "5 龙川县 — 拒收" in said
    assert "没有可显示的文本" not in said


@pytest.mark.parametrize(("raw", "word"), [("gone", "已按期限清理"), ("withheld", "不予提供")])
def test_bytes_that_are_not_handed_out_have_no_link_and_a_reason(raw, word):
    with use("zh"):
        inside = fetch_drill(samples.fetch_detail(raw=raw, lines=[]), View())
    assert word in words(inside)
    assert "/sources/raw/198" not in links(inside)


@pytest.mark.parametrize("view", [View(source="nowhere"), View(run=99), View(fetch=99)])
def test_an_address_of_nothing_says_so(view):
    assert "没有该编号或名称的记录" in words(drawn(view))


# ---- the page ----


def test_without_the_store_the_page_says_so_and_shows_no_number():
    inside = drawn(board=None)
    assert "无法显示" in words(inside)
    assert not having(inside, "fig")


def test_the_page_carries_the_words_the_browser_writes():
    root = page(lang="en")
    said = json.loads(getattr(root, "data-states"))
    assert said["silent"] == "silent"
    assert "{t}" in said["ago"]
    assert "Demo data" in words(root)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("tab", ["sources", "quiet", "debts"])
def test_every_view_is_drawn_in_both_languages(tab, lang):
    inside = drawn(View(tab=tab, open=frozenset({"beds"})), lang=lang)
    assert ("市卫生健康局" in words(inside)) is (lang == "zh")
    assert AREAS["441621"]["en" if lang == "zh" else "zh"] not in words(inside)
