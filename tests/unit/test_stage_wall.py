"""The wall's head: what holds is always in place, what is grave stands out, nothing hides another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from components.alarm_marks import MUTE_S
from components.ids import Ids
from components.wall import render_panel, wall_page
from tests import samples
from tests.helpers import having, walk, words

ASSETS = Path(__file__).parents[2] / "assets"


def draw(panel, payload, lang="zh"):
    return render_panel(panel, json.loads(json.dumps(payload)), lang=lang, area="441600")


def stage_words(payload, lang="zh"):
    return words(draw("stage", payload, lang)[Ids.STAGE]["children"])


def stage_class(payload):
    return draw("stage", payload)[Ids.STAGE]["className"].split()


def bars(payload):
    return draw("alarms", payload)[Ids.ALARMS]["children"]


def counts(payload, lang="zh"):
    return words(draw("alarms", payload, lang)[Ids.ALARM_COUNTS]["children"])


# ---- the stage ----


def test_the_stage_says_number_name_and_since_when():
    assert stage_words(samples.stage(3, 3, responses=0)).startswith("运行阶段 3 戒备 11-")
    assert "st3" in stage_class(samples.stage(3, 3))


def test_a_stage_nobody_confirmed_is_no_stage_one():
    said = stage_words(samples.stage(None, responses=0))
    assert said == "运行阶段待确认"


def test_a_higher_proposal_stands_out_until_somebody_decided():
    asked = samples.stage(2, 4, undecided=True)
    assert "建议4应急 待决定" in stage_words(asked)
    assert "open" in stage_class(asked)
    kept = samples.stage(2, 4)
    assert "未采纳建议4" in stage_words(kept)
    assert "open" not in stage_class(kept)


def test_a_lower_proposal_is_said_quietly():
    said = samples.stage(4, 2)
    assert "建议降至2" in stage_words(said)
    assert "open" not in stage_class(said)


def test_response_levels_stand_beside_the_stage_in_their_colours():
    one = draw("stage", samples.stage(1, responses=1))[Ids.STAGE]["children"]
    assert "防汛Ⅳ级应急响应" in words(one)
    assert [c.alt for c in walk(one) if getattr(c, "alt", None)] == ["4"]
    three = stage_words(samples.stage(1, responses=3))
    assert "龙川 地质灾害Ⅱ级" in three
    assert "另 1 条" in three


@pytest.mark.parametrize("stage", [1, 2, 3, 4, 5, None])
def test_english_is_whole(stage):
    said = stage_words(samples.stage(stage, 5, undecided=True, responses=3), "en")
    assert not re.search("[一-鿿]", said)


# ---- alarms ----


def test_a_calm_day_leaves_the_head_empty():
    (mark,) = bars(samples.alarms())
    assert mark.hidden
    assert counts(samples.alarms(calm=True)) == "告警 无"


def test_a_red_alarm_nobody_acknowledged_is_a_bar_that_blinks():
    _mark, bar = bars(samples.alarms(red=True))
    assert words(bar) == "1 红色 · 龙川县 · 老隆镇危化品泄漏"
    assert {"redbar", "unseen"} <= set(bar.className.split())


def test_what_lies_under_it_is_counted():
    found = samples.alarms(red=True)
    found["red"]["folded"] = 146
    assert "另 146 条" in words(bars(found))


def test_a_flood_says_how_many_and_names_the_gravest():
    said = words(bars(samples.alarms(flood=47)))
    assert "10 分钟告警 47 条" in said
    assert "重者在前" in said
    assert "公交准点率连降" in said
    red = bars(samples.alarms(red=True, flood=147))
    assert "redbar" in red[1].className
    assert "flood" in red[2].className


def test_an_alarm_and_a_matter_never_hide_each_other():
    panels = samples.panels(red=True)
    head = having(
        wall_page(samples.CITY_WALL, panels, lang="zh", area="441600", now=samples.NOW), "hd"
    )
    both = [c for c in walk(head) if "redbar" in str(getattr(c, "className", "")).split()]
    assert len(both) == 2
    assert "alarm" in both[0].className  # what nobody answered yet stands first


def test_counts_link_to_the_console_and_faults_are_one_word_each():
    found = draw("alarms", samples.alarms(red=True, bad=True))[Ids.ALARM_COUNTS]["children"]
    said = words(found)
    assert "告警 1 1 2 1 3 4 4 2 未确认 2" in said
    assert "通知未送达 2" in said
    assert "屏幕失联 1" in said
    assert [c.href for c in walk(found) if getattr(c, "href", None)] == ["/alerts"]


def test_the_sound_goes_by_grave_alarms_that_nobody_acknowledged():
    found = samples.alarms(red=True)
    found["top"].append(samples.alarm(3, priority=3))
    found["top"].append(samples.alarm(4, priority=2, state="acknowledged"))
    mark = bars(found)[0]
    assert getattr(mark, "data-grave") == "9:1,7:2"
    assert getattr(mark, "data-newest") == found["newest"]


def test_the_sound_has_all_its_words_from_the_page():
    page = wall_page(samples.CITY_WALL, {}, lang="en", area="441600", now=samples.NOW)
    button = next(c for c in walk(page) if getattr(c, "id", None) == Ids.SOUND)
    said = json.loads(getattr(button, "data-words"))
    assert {"on", "off", "muted", "why", "mute"} == set(said)
    assert getattr(button, "data-mute-s") == MUTE_S
    script = (ASSETS / "wall" / "sound.js").read_text(encoding="utf-8")
    assert not re.search("[一-鿿]", script)
    ids = re.search(r"const Z = window.zhizhi, ID = \{(.*?)\}", script)
    assert set(re.findall(r"'([^']+)'", ids[1])) <= set(map(str, Ids))
