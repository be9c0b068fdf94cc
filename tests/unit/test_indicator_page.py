"""The page of one indicator, by the words and marks a reader finds on it."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
from python_calamine import CalamineWorkbook

from callbacks.indicator_data import leads_to
from components.chart_template import TEMPLATE, config
from components.i18n import use
from components.indicator_chart import MARKS, indicator_chart
from components.indicator_data import as_csv, as_workbook, data_table
from components.indicator_ids import (
    IndicatorIds,
    IndicatorView,
    address,
    data_address,
    query_of,
    view_of,
)
from components.indicator_page import IndicatorShown, indicator_body
from components.indicator_proof import Proof, proof
from components.theme import FONTS
from data.catalogue import catalogue
from data.vocabulary import Names
from data.vocabulary.review_terms import Doubt, Signal, SpcRule
from tests.helpers import having, walk, words
from tests.samples_indicator import (
    CITY,
    WEEK,
    area,
    compared,
    figure,
    point,
    remark,
    sample,
    version,
)

VIEW = IndicatorView()


def body(page=None, view=VIEW, *, lang="zh", **more):
    with use(lang):
        return indicator_body(IndicatorShown("GS-07", page or sample(), **more), view)


def said(page=None, view=VIEW, **more):
    return words(body(page, view, **more))


def hrefs(part):
    return [c.href for c in walk(part) if getattr(c, "href", None)]


def chart(page, lang="zh"):
    with use(lang):
        return indicator_chart(page)


def hovers(figure_):
    return [t for trace in figure_["data"] for t in trace.get("hovertext", ())]


# ---- the chart ----


def test_special_causes_are_told_by_shape_colour_and_words():
    drawn = chart(sample())
    marked = {t["marker"]["symbol"]: t for t in drawn["data"] if t.get("marker", {}).get("symbol")}
    assert marked["octagon"]["y"] == [94.0]
    assert marked["octagon"]["marker"]["color"] != marked["circle"]["marker"]["color"]
    assert marked["circle"]["y"] == [99.6]
    assert len({look["symbol"] for look in MARKS.values()}) == 3
    (text,) = marked["octagon"]["hovertext"]
    assert "关注" in text
    assert "超出控制限" in text
    assert "n=1" in text


def test_every_chart_stands_on_the_one_template():
    drawn = chart(sample())
    assert drawn["layout"]["template"] is TEMPLATE
    assert TEMPLATE["layout"]["font"]["family"] == FONTS
    with use("zh"):
        assert config()["locale"] == "zh-CN"
    assert {t["type"] for t in drawn["data"]} == {"scatter"}


def test_a_break_parts_the_limits_and_is_named():
    cut = {"on": "2026-08-31", "at": 8, "kind": "definition",
           "why": Names(zh="新口径", en="new"), "bridged": None}  # fmt: skip
    drawn = chart(sample(breaks=[cut]))
    centre = next(t for t in drawn["data"] if t["mode"] == "lines" and None in t["x"])
    assert centre["x"].index(None) == 8
    assert any("口径变更" in a["text"] for a in drawn["layout"]["annotations"])
    assert any(s["x0"] == "2026-08-31" for s in drawn["layout"]["shapes"])
    assert "前后不作比较，控制限重新计算" in said(sample(breaks=[cut]))


def test_a_bridged_break_keeps_the_limits_and_says_how():
    cut = {"on": "2026-08-31", "at": 8, "kind": "series", "why": Names(zh="换站", en="stations"),
           "bridged": Names(zh="并行三月", en="side by side")}  # fmt: skip
    drawn = chart(sample(breaks=[cut]))
    centre = next(t for t in drawn["data"] if t["mode"] == "lines" and t["line"]["dash"] == "solid")
    assert None not in centre["x"][:-1]
    assert "并行三月" in said(sample(breaks=[cut]))


def test_what_has_no_value_is_a_gap_with_its_reason_at_the_mark():
    drawn = chart(sample())
    values = next(t for t in drawn["data"] if t.get("customdata"))
    assert values["y"][12] is None
    assert values["connectgaps"] is False
    mark = next(t for t in drawn["data"] if t.get("yaxis") == "y2")
    assert "不予显示" in mark["hovertext"][0]


def test_a_remark_with_a_day_is_a_numbered_flag_and_cannot_be_markup():
    page = sample(remarks=[remark(1, "<b>系统</b>升级", day="2026-09-01"), remark(2, "无关")])
    flag = next(t for t in chart(page)["data"] if t["mode"] == "markers+text")
    assert flag["x"] == ["2026-09-01"]
    assert flag["text"] == ["2"]
    assert "&lt;b&gt;" in flag["hovertext"][0]


def test_the_lunar_year_before_is_a_light_line_and_targets_have_their_time():
    page = sample()
    aims = [{"start": 0, "end": 5, "aim": page["aim"] | {"low": 95.0}},
            {"start": 5, "end": 21, "aim": page["aim"]}]  # fmt: skip
    drawn = chart(sample(aims=aims))
    dashed = [t for t in drawn["data"] if t.get("line", {}).get("dash") == "longdash"]
    assert [(len(t["x"]), t["y"][0]) for t in dashed] == [(5, 95.0), (16, 98.0)]
    assert any(t["y"][0] == 96.5 for t in drawn["data"] if t["mode"] == "lines")
    assert any("农历上年同期" in t for t in hovers(drawn))


def test_words_at_the_right_edge_do_not_lie_on_each_other():
    notes = [a for a in chart(sample())["layout"]["annotations"] if a.get("xref") == "paper"]
    places = [a["y"] for a in notes]
    assert len(places) == 4
    assert all(b - a > 0.2 for a, b in pairwise(places))


# ---- the facts ----


def test_a_value_never_stands_without_n_interval_days_and_source():
    text = said()
    for part in ("97.2", "n=1", "95%置信区间96.0–98.1", "应报7天，实报7天", "12345热线", "≥ 98"):
        assert part in text
    assert f"GS-07.{CITY}.26W47" in text
    assert f"/e/GS-07.{CITY}.26W47" in hrefs(body())


@pytest.mark.parametrize("doubt", list(Doubt))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_doubt_is_said_in_a_sentence(doubt, lang):
    told = having(body(sample(doubts=[doubt]), lang=lang), "doubts")
    assert len(words(told)) > 12
    assert doubt.value not in words(told).split()


def test_an_area_without_the_indicator_has_words_instead_of_a_chart():
    page = sample(
        points=[], chosen=-1, doubts=[Doubt.NOT_HERE], evidence="",
        now=figure(None, doubt=Doubt.NOT_HERE, n=None, low=None, high=None),
    )  # fmt: skip
    text = said(page)
    assert "该地区从未报送此项指标，无法绘图" in text
    assert not [c for c in walk(body(page)) if getattr(c, "id", None) == IndicatorIds.CHART]


def test_what_is_not_compared_says_why():
    page = sample(year=compared(96.0, Doubt.BREAK), lunar=compared(None, Doubt.NO_MATCH))
    text = said(page)
    assert "不作比较" in text


def test_unknown_indicator_and_area_are_named():
    with use("zh"):
        one = words(indicator_body(IndicatorShown("XX-1", unknown="indicator"), VIEW))
        two = words(indicator_body(IndicatorShown("GS-07", unknown="area", asked="9"), VIEW))
        lost = words(indicator_body(IndicatorShown("GS-07", lost=True), VIEW))
    assert "没有代码为 XX-1 的指标" in one
    assert "没有代码为 9 的地区" in two
    assert "无法显示" in lost


def test_days_are_said_to_be_only_a_hint():
    assert "按日的控制限仅供参考" in said(sample(grain="day"))


# ---- areas, definition, discussion ----


def test_areas_lead_down_and_those_without_numbers_are_named():
    lines = [area(signal=Signal.CONCERN, rules=[SpcRule.OUTSIDE]),
             area("4416JD", doubt=Doubt.NOT_HERE)]  # fmt: skip
    found = body(sample(below=lines))
    assert address("GS-07", VIEW, area="441602") in hrefs(found)
    text = words(having(found, "p-areas"))
    assert "关注" in text
    assert "无此项指标：江东新区" in text


def test_versions_say_what_changed_newest_first():
    versions = [version(until="2026-01-01"),
                version(2, since="2026-01-01", changed=["numerator", "unit"])]  # fmt: skip
    text = words(having(body(sample(versions=versions)), "p-definition"))
    assert text.index("第2版") < text.index("第1版")
    assert "变更内容：分子、单位" in text.replace("计量单位", "单位")


def test_remarks_can_be_withdrawn_by_who_wrote_them_and_by_leaders_only():
    page = sample(remarks=[remark(1, "已查"), remark(2, "别人的", by="李敏")])

    def buttons(**more):
        found = [c for c in walk(body(page, **more)) if isinstance(getattr(c, "id", None), dict)]
        return [c.id["remark"] for c in found]

    assert buttons() == []
    assert buttons(writing=True, own="陈立国") == [1]
    assert sorted(buttons(writing=True, leading=True)) == [1, 2]
    assert not [c for c in walk(body(page)) if getattr(c, "id", None) == IndicatorIds.SEND]


def test_case_indicators_lead_to_the_cases():
    assert "/desk?domain=services" in hrefs(body())
    assert "/desk?domain=services&area=441602" in hrefs(body(sample(area="441602", above=[CITY])))
    assert not [h for h in hrefs(body(sample(cases=""))) if h.startswith("/desk")]


# ---- addresses ----


def test_every_view_is_an_address_and_back():
    view = IndicatorView("441602", 52, "day", "2026-11-18", proof=True, paper=True)
    query = query_of(view)
    asked = dict(p.split("=") for p in query[1:].split("&"))
    assert view_of(asked) == view
    assert query_of(IndicatorView()) == ""


@pytest.mark.parametrize(
    ("asked", "view"),
    [
        ({"weeks": "0"}, IndicatorView(weeks=4)),
        ({"weeks": "99999"}, IndicatorView(weeks=1300)),
        ({"weeks": "x"}, IndicatorView()),
        ({"weeks": "１２"}, IndicatorView()),
        ({"grain": "year", "week": "2026-13-45x"}, IndicatorView()),
        ({"week": "2026-w47"}, IndicatorView(at="2026-W47")),
    ],
)
def test_what_cannot_be_understood_is_left_out(asked, view):
    assert view_of(asked) == view


def test_the_code_of_a_number_leads_to_its_page_with_the_evidence_open():
    to = leads_to(catalogue(), "GS-07.441600.26W47")
    assert to == "/indicator/GS-07?area=441600&week=2026-W47&evidence=1"
    for wrong in ("", "x", "GS-07.441600.26W99", "XX-1.441600.26W47", "GS-07.999999.26W47", "a.b"):
        assert leads_to(catalogue(), wrong) == ""


# ---- the files ----


def told(kind, page=None):
    with use("zh"):
        table = data_table(page or sample())
        return as_csv(table) if kind == "csv" else as_workbook(table, "x")


def test_the_csv_has_a_line_a_point_with_everything_that_belongs_to_it():
    text = told("csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    head, first = rows[0], dict(zip(rows[0], rows[11], strict=True))
    assert len(head) == len(set(head)) == 23
    assert first["时段"] == "2026-W38"
    assert (first["取值"], first["分子"], first["分母"]) == ("94.0", "940.0", "1000.0")
    assert (first["波动判断"], first["判定规则"]) == ("关注（降）", "超出控制限")
    assert first["口径版本"] == "1"
    assert dict(zip(head, rows[13], strict=True))["取值"] == "不公布"
    assert "演示用虚构数据" in text


def test_the_workbook_says_the_same_and_holds_no_formula():
    page = sample(measure=sample()["measure"] | {"name": Names(zh="=1+1", en="=1+1")},
                  small_count=10, hidden=1)  # fmt: skip
    book = CalamineWorkbook.from_filelike(io.BytesIO(told("xlsx", page)))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[11][3] == 94.0
    assert rows[13][3] == "不公布"
    notes = dict(r[:2] for r in book.get_sheet_by_index(1).to_python())
    assert notes["指标"] == "GS-07 =1+1"
    assert "1至10的数值" in notes["小数隐藏"]


@pytest.mark.parametrize("evil", ["=cmd()", "+1", "-1+1", "@x", "\t=1", " =1"])
def test_a_text_is_never_a_formula(evil):
    page = sample(areas={CITY: Names(zh=evil, en=evil)})
    rows = list(csv.reader(io.StringIO(told("csv", page).decode("utf-8-sig"))))
    place = rows[0].index("地区")
    assert rows[1][place] == f"'{evil}"


def test_the_way_to_the_files_keeps_area_and_grain():
    found = data_address(
        "GS-07", "csv", IndicatorView("441602", 52, "month", "2026-10", proof=True)
    )
    assert found == "/indicator/GS-07/data.csv?area=441602&weeks=52&grain=month"


# ---- the evidence ----


def chain(**more):
    plain = {
        "indicator": "GS-07", "name": {"zh": "x", "en": "x"}, "unit": {"zh": "%", "en": "%"},
        "decimals": 1, "area_code": CITY, "area": {"zh": "河源市", "en": "Heyuan"},
        "period": WEEK, "grain": "week", "period_start": 0.0, "period_end": 1.0, "as_of": None,
        "value": 99.0, "hidden": False, "small_count": 0, "sums": (99.0, 100.0),
        "stored": (99.0, 100.0), "reconciles": True,
        "definition": {"version": 2, "valid_from": "2026-01-01", "factor": 100.0},
        "parts": [{"area": {"zh": "源城区", "en": "Y"}, "area_code": "441602", "grain": "week",
                   "period": WEEK, "numerator": 9.0, "denominator": 10.0, "hidden": False,
                   "drill": ""}],
        "parts_left": 3, "facts": [], "facts_left": 0, "revisions": [], "revisions_left": 0,
    }  # fmt: skip
    return plain | more


def evidence(found):
    with use("zh"):
        return proof(Proof("GS-07", found, None, WEEK), VIEW)


def test_the_evidence_shows_how_the_number_is_made_and_whether_it_adds_up():
    text = words(evidence(chain()))
    assert "99.0% = 99 ÷ 100 × 100" in text
    assert "分项合计与存储总数一致" in text
    assert "另有3个分项未列出" in text
    assert "口径第2版" in text
    assert "不一致" in words(evidence(chain(reconciles=False)))
    assert address("GS-07", VIEW, area="441602", proof=True) in hrefs(evidence(chain()))


def test_hidden_evidence_tells_no_number():
    hidden = chain(hidden=True, value=None, sums=(None, None))
    hidden["parts"][0] |= {"hidden": True, "numerator": None, "denominator": None}
    text = words(evidence(hidden))
    assert "99" not in text
    assert text.count("不公布") == 2
    assert "不予显示" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_speaks_both_languages(lang):
    text = said(lang=lang)
    assert ("工单按时办结率" in text) is (lang == "zh")
    assert ("Closed on time" in text) is (lang == "en")
    assert point(0)["period"] == "2026-W28"


def test_a_sum_that_is_still_added_up_does_not_look_like_a_fall():
    measure = sample()["measure"] | {"aggregation": "sum"}
    now = sample()["as_of"]
    assert now > 0
    running = point(20, 6.0, doubt=Doubt.PARTIAL, told=1, last="2026-11-29", centre=None,
                    lower=None, upper=None)  # fmt: skip
    page = sample(measure=measure, points=[*[point(i, 200.0) for i in range(20)], running])
    values = next(t for t in chart(page)["data"] if t.get("customdata"))
    assert values["y"][-1] is None
    mark = next(t for t in chart(page)["data"] if t.get("yaxis") == "y2")
    assert "6" in mark["hovertext"][0]
    assert "数据不全" in mark["hovertext"][0]


def test_a_definition_whose_past_is_not_kept_says_so():
    text = words(having(body(sample(versions=[version(2, since="2026-11-01")])), "p-definition"))
    assert "此前的口径没有保存" in text
