"""The wall by the words on the screen."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from dash._utils import to_json

from components.empty import failed
from components.evidence import evidence, no_evidence
from components.i18n import use
from components.ids import PANELS, Ids, key, tile_id
from components.sources_panel import sources_detail
from components.sparkline import sparkline_address
from components.theme import LEVELS, badge, shape_address, source_word, stage_word
from components.tile import tile_props
from components.wall import render_panel, wall_page
from data.vocabulary import SourceState, Stage
from tests import samples
from tests.helpers import having, props_words, walk, words

ASSETS = Path(__file__).parents[2] / "assets"


def page(panels=None, *, lang="zh", area="441600", **more):
    known = samples.panels() if panels is None else panels
    return wall_page(samples.CITY_WALL, known, lang=lang, area=area, now=samples.NOW, **more)


def draw(panel, payload, *, lang="zh", area="441600"):
    return render_panel(panel, json.loads(json.dumps(payload)), lang=lang, area=area)


def tile_words(one):
    return words(tile_props(one)["children"])


# ---- the page ----


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_first_paint_holds_every_panel(lang):
    said = words(page(lang=lang))
    for word in {"zh": ["河源市城市运行协同指挥", "今日警情接报", "东源 · 灯塔镇", "数据接入 7 / 8 正常"],
                 "en": ["Heyuan City Operations Command", "110 calls today", "Sources 7 / 8 normal"]}[lang]:  # fmt: skip
        assert word in said
    to_json(page(lang=lang))


@pytest.mark.parametrize("lost", PANELS)
def test_a_missing_panel_shows_its_empty_state_and_never_crashes(lost):
    panels = samples.panels()
    del panels[lost]
    assert "河源市城市运行协同指挥" in words(page(panels))


def test_an_empty_wall_says_so_and_shows_no_number():
    said = words(page({}))
    assert "暂无数据" in said
    assert said.count("无数据") >= 16
    assert not re.search(r"(?<![\d-])0(?!\d)", words(having(page({}), "dom")))


@pytest.mark.parametrize("broken", PANELS)
def test_one_panel_that_cannot_be_drawn_does_not_take_the_others(broken, caplog):
    said = words(page({**samples.panels(), broken: {"nonsense": 1}}))
    assert "无法显示" in said
    assert broken in caplog.text
    assert "督办闭环" in said
    assert "English" in said


def test_every_pushed_id_is_on_the_page_and_no_id_twice():
    ids = [c.id for c in walk(page()) if getattr(c, "id", None)]
    names = [key(i) if isinstance(i, dict) else str(i) for i in ids]
    assert len(names) == len(set(names))
    for panel, payload in samples.panels().items():
        assert set(map(str, draw(panel, payload))) <= set(names), panel
    assert set(map(str, Ids)) == {n for n in names if not n.startswith("{")}


def test_a_push_never_touches_clicks_or_ids_of_a_tile():
    for panel, payload in samples.panels().items():
        for props in draw(panel, payload).values():
            assert not {"n_clicks", "id"} & set(props)
            assert not [c for c in walk(props.get("children")) if getattr(c, "id", None)]


def test_an_unknown_panel_is_refused():
    with pytest.raises(ValueError, match="no such panel"):
        render_panel("weather", {}, lang="zh", area="441600")


def test_the_county_is_named_with_a_way_back():
    away = page(area="441621")
    assert "紫金县" in words(having(away, "hd"))
    home = next(c for c in walk(away) if getattr(c, "id", None) == Ids.AREA_HOME)
    assert home.className == "home"
    assert (
        next(c for c in walk(page()) if getattr(c, "id", None) == Ids.AREA_HOME).className
        == "home off"
    )


def test_browser_words_come_from_the_page_in_its_language():
    live = next(c for c in walk(page(lang="en")) if getattr(c, "id", None) == Ids.LIVE)
    said = json.loads(getattr(live, "data-words"))
    three = {said["server_lost"], said["store_lost"], said["late"]}
    assert len(three) == 3
    assert not re.search("[一-鿿]", json.dumps(said, ensure_ascii=False))


def test_the_scripts_use_the_words_of_ids():
    for script in ("live.js", "wall.js"):
        found = re.search(r"const ID = \{(.*?)\}", (ASSETS / script).read_text(encoding="utf-8"))
        assert found
        assert set(re.findall(r"'([^']+)'", found[1])) <= set(map(str, Ids)), script


def test_the_scripts_say_nothing_themselves():
    for script in ("live.js", "wall.js", "live-worker.js"):
        assert not re.search("[一-鿿]", (ASSETS / script).read_text(encoding="utf-8"))


# ---- tiles ----


def test_a_tile_says_name_value_and_unit():
    assert tile_words(samples.tile(value=4286.0)) == "今日警情接报 4\u2009286 起 近 24 小时"


def test_a_stale_tile_never_reads_normal_nor_keeps_its_level():
    said = tile_words(samples.stale())
    assert "延迟" in said
    assert not {"正常", "黄色", "3"} & set(said.split())
    assert "ab" not in tile_props(samples.stale())["className"].split()


def test_missing_is_never_zero():
    for one in (samples.no_data(), samples.no_data(value=0.0)):
        said = tile_words(one)
        assert "—" in said
        assert "无数据" in said
        assert "0" not in said.replace("24", "").split()


def test_a_true_zero_is_shown():
    assert " 0 起" in tile_words(samples.tile(value=0.0))


def test_partial_coverage_is_said():
    assert "7/8" in tile_words(samples.partial())
    assert "8/8" not in tile_words(samples.tile())


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_every_level_carries_digit_word_shape_and_colour(level):
    said = words(badge(level))
    assert said == f"{level} {['红色', '橙色', '黄色', '蓝色'][level - 1]}"
    drawn = unquote(shape_address(level))
    assert LEVELS[level].fill in drawn
    assert LEVELS[level].outline in drawn
    assert "<text" not in drawn
    assert len({look.outline for look in LEVELS.values()}) == 4
    assert f"lv-{level}" in tile_props(samples.watch("X", level, value=5.0))["className"].split()


def test_no_level_has_no_badge():
    assert badge(0) is None
    assert badge(9) is None


def test_a_state_without_a_level_is_still_said():
    assert "关注" in tile_words(samples.tile(status="watch"))


def test_the_browser_can_judge_freshness():
    props = tile_props(samples.tile())
    assert props["data-known-at"] == samples.NOW - 30
    assert props["data-ttl"] == 300
    assert having(props["children"], "age")
    assert tile_props(samples.no_data())["data-known-at"] == ""


# ---- the trend ----


def test_gaps_stay_gaps_and_a_missing_end_has_no_last_point():
    svg = unquote(sparkline_address([1, 2, None, 3, 4, None], []))
    assert svg.count("<polyline") == 2
    assert "<circle" not in svg
    assert "<circle" in unquote(sparkline_address([1, 2, 3], []))


def test_a_trend_of_nothing_is_an_empty_picture():
    for trend in ([], [None, None], [float("nan")]):
        svg = unquote(sparkline_address(trend, []))
        assert "polyline" not in svg
        assert "<text" not in svg


def test_a_flat_or_single_or_long_trend_is_drawn():
    assert "nan" not in unquote(sparkline_address([5.0, 5.0], [(5.0, 5.0), None]))
    assert "<circle" in unquote(sparkline_address([5.0], []))
    assert len(sparkline_address([float(i % 7) for i in range(1440)], [])) < 4000


# ---- header ----


def test_a_level_1_matter_takes_the_header():
    payload = samples.header(red=samples.red_case())
    said = props_words(draw("header", payload))
    assert "1 红色 · 老隆镇危化品泄漏 · 市应急管理局" in said
    assert "应急响应" not in said


def test_only_an_untaken_level_1_symbol_blinks():
    def bar(case):
        return having(draw("header", samples.header(red=case))[Ids.RESPONSE]["children"], "redbar")[
            0
        ]

    assert "unseen" in bar(samples.red_case()).className
    assert "unseen" not in bar(samples.red_case(stage="handling")).className


def test_demo_data_is_called_demo():
    assert "演示数据" in props_words(draw("header", samples.header()))
    assert "演示数据" not in props_words(draw("header", {**samples.header(), "demo": False}))


def test_an_unverified_warning_says_so_and_others_are_counted():
    payload = samples.header()
    payload["response"] = None
    payload["warnings"] = [
        {**payload["warnings"][0], "verified": False, "level": 3},
        payload["warnings"][0],
    ]
    said = props_words(draw("header", payload))
    assert "未核实" in said
    assert "另 1 条" in said
    assert said.strip().startswith("演示数据 3 ")


# ---- queue ----


def test_the_queue_shows_eight_rows_with_their_words():
    props = draw("queue", {**samples.queue(), "rows": samples.rows() + samples.rows()})
    rows = props[Ids.QUEUE_ROWS]["children"]
    assert len(rows) == 8
    assert "2 橙色 并联审批超期 · 灯塔产业园项目 东源 · 灯塔镇 市发展改革局" in words(rows[0])
    assert "显示 8 / 18 件" in props[Ids.QUEUE_NOTE]["children"]
    assert "95.2%" in words(props[Ids.QUEUE_LOOP]["children"])


def test_time_left_is_left_to_the_browser_and_no_deadline_is_said():
    row = draw("queue", samples.queue())[Ids.QUEUE_ROWS]["children"]
    due = having(row[0], "due")[0]
    assert getattr(due, "data-due") == samples.NOW - 26 * 3600 - 600
    assert not having(row[7], "due")
    assert words(row[7]).endswith("—")


def test_a_suspended_matter_is_neither_left_nor_over():
    late = {**samples.case(), "state": "suspended", "due_at": samples.NOW - 3600.0}
    row = draw("queue", {**samples.queue(), "rows": [late]})[Ids.QUEUE_ROWS]["children"]
    assert not having(row[0], "due")
    assert words(row[0]).endswith("停止计时")


def test_five_steps_show_those_done_and_the_one_it_stands_at():
    row = draw("queue", {**samples.queue(), "rows": [samples.case(step=4, stage="checking")]})
    (bar,) = [c for c in walk(row[Ids.QUEUE_ROWS]["children"]) if c._type == "I"]
    assert (bar.className, bar.title) == ("bar b4", "4/5")
    assert "核查" in words(row[Ids.QUEUE_ROWS]["children"])


def test_an_empty_queue_is_good_news_and_no_rate_of_nothing():
    props = draw("queue", samples.EMPTY_QUEUE)
    assert "当前无未办结事项" in words(props[Ids.QUEUE_ROWS]["children"])
    assert "—" in words(props[Ids.QUEUE_LOOP]["children"])


# ---- sources ----


def test_only_bad_sources_are_named_with_since_when():
    said = props_words(draw("sources", samples.sources(bad=1)))
    assert "数据接入 7 / 8 正常" in said
    assert "血液管理系统 14:26 起延迟" in said
    assert "12345" not in said


def test_many_bad_sources_are_counted():
    said = props_words(draw("sources", samples.sources(bad=8)))
    assert "数据接入 0 / 8 正常" in said
    assert "另有 6 个" in said


def test_every_state_and_stage_has_a_word():
    with use("en"):
        assert len({source_word(s) for s in SourceState}) == len(SourceState)
        assert len({stage_word(s) for s in Stage}) == len(Stage)
    assert source_word("odd") == stage_word("odd") == "odd"


# ---- drawer, list of sources, and what feeds write ----


def test_the_drawer_walks_back_to_the_line_of_the_file():
    said = words(evidence(samples.evidence()))
    for word in ("318", "发热门诊就诊", "设发热门诊的医疗机构合计", "MeasureReport.json", "9f2c" * 16,
                 "条目 3 · 第 118 行", "39", "41", "2026-11-22 13:33:40"):  # fmt: skip
        assert word in said


def test_the_drawer_of_a_stale_value_says_so():
    said = words(evidence(samples.evidence(samples.stale()))[0])
    assert "数据延迟" in said
    assert "黄色" not in said


def test_no_evidence_and_no_drawing_are_said():
    assert "暂无数据来源记录" in words(no_evidence())
    assert "无法显示" in words(failed())
    assert "暂无数据" in words(sources_detail([]))


def test_the_list_of_sources_shows_errors_and_refused_rows():
    said = words(sources_detail([samples.source_detail()]))
    for word in ("HTTP 503", "采集失败", "requests.xml", "工单 17", "<b>91.2</b>"):
        assert word in said


EVIL = "<img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>"


def test_what_feeds_write_stays_text():
    payloads = samples.panels()
    payloads["queue"]["rows"][0]["title"] = EVIL
    payloads["header"]["response"] = None
    payloads["header"]["warnings"][0]["headline"] = EVIL
    payloads["map"]["points"][0]["title"] = EVIL
    for panel in ("queue", "header"):
        drawn = draw(panel, payloads[panel])
        assert EVIL in props_words(drawn)
        kinds = {c._type for p in drawn.values() for c in walk(p.get("children"))}
        assert kinds <= {"Span", "Img", "Tr", "Td", "U", "Em", "Div", "B", "I"}
    assert "<img" not in json.dumps(draw("map", payloads["map"])[Ids.MAP]["figure"]["data"])
    assert tile_id("A") == {"type": "tile", "code": "A"}
