"""The building blocks of review pages: icons, small pictures, words, sentences."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from components.i18n import use
from components.review_sentences import gap_text, message_parts, message_text
from components.review_words import (
    aim_word,
    basis_label,
    day_word,
    doubt_sentence,
    doubt_word,
    rule_word,
    span_word,
    verdict_word,
    week_word,
)
from components.spark_limits import HEIGHT, WIDTH, spark_limits, spark_limits_address
from components.spc_icons import (
    VARIATIONS,
    assurance_address,
    assurance_icon,
    assurance_word,
    icon_styles,
    side,
    variation_address,
    variation_icon,
    variation_word,
)
from data.vocabulary.review import Aim, Spark
from data.vocabulary.review_terms import Assurance, Doubt, Signal, SpcRule, Verdict
from tests.review_sample import sample_review, sample_row

ICONS = Path(__file__).parents[2] / "assets" / "review" / "icons.css"
NO_AIM = Aim(kind="none", low=None, high=None, set_by="", since="")


def spark(*values, lower=None, upper=None, breaks=()):
    n = len(values)
    return Spark(first="2026-06-01", values=list(values), centre=[None] * n, lower=lower or [None] * n,
                 upper=upper or [None] * n, breaks=list(breaks))  # fmt: skip


def drawn(of, aim=NO_AIM, signal=Signal.COMMON, direction="lower"):
    return unquote(spark_limits_address(of, aim, signal=signal, direction=direction))


def test_every_signal_and_assurance_has_its_own_picture_and_word():
    pictures = [variation_address(Signal(s), up) for s, up in VARIATIONS]
    pictures += [assurance_address(a) for a in Assurance]
    assert len(set(pictures)) == len(pictures)
    for lang in ("zh", "en"):
        with use(lang):
            words = [variation_word(Signal(s), up) for s, up in VARIATIONS]
            words += [assurance_word(a) for a in Assurance]
        assert len(set(words)) == len(words)


def test_no_picture_holds_text_and_outlines_differ_without_colour():
    grey = set()
    for signal in (Signal.IMPROVEMENT, Signal.CONCERN, Signal.NEUTRAL):
        svg = unquote(variation_address(signal, True))
        assert "<text" not in svg
        grey.add(re.sub(r"#[0-9A-Fa-f]{3,6}", "", svg.split("<path d='M12 17.5")[0]))
    assert len(grey) == 3


def test_the_style_sheet_is_what_the_pictures_are():
    assert ICONS.read_text(encoding="utf-8") == icon_styles()


def test_an_icon_without_its_word_still_says_it():
    with use("zh"):
        bare = variation_icon(Signal.CONCERN, False, worded=False)
        assert bare.title == "关注（降）"
        assert assurance_icon(Assurance.EITHER).children == "时好时坏"


def test_the_side_of_a_signal():
    assert side(Signal.CONCERN, "lower", None, None) is True
    assert side(Signal.IMPROVEMENT, "lower", 3, 1) is False
    assert side(Signal.CONCERN, "higher", 3, 1) is False
    assert side(Signal.NEUTRAL, "lower", 3, 1) is True
    assert side(Signal.CONCERN, "range", 1, 3) is False
    assert side(Signal.CONCERN, "range", None, 3) is None
    assert side(Signal.COMMON, "lower", 3, 1) is None


def test_a_small_picture_keeps_gaps_breaks_and_limits_apart():
    gap = drawn(spark(1.0, 2.0, None, 2.0, 3.0))
    line = re.search(r"stroke='#3F5B75' stroke-width='4'[^>]*d='([^']*)'", gap)
    assert line is not None
    assert line[1].count("M") == 2
    limits = {"lower": [0.0] * 6, "upper": [4.0] * 6}
    assert drawn(spark(*[1.0, 2] * 3, **limits)).count("z'") == 1
    broken = drawn(spark(*[1.0, 2] * 3, **limits, breaks=[3]))
    assert "stroke-dasharray='2 4'" in broken
    assert re.search(r"fill='#E4E9ED' d='M[^']*zM[^']*z'", broken)


def test_what_stands_outside_is_marked_by_shape():
    limits = {"lower": [0.0] * 4, "upper": [4.0] * 4}
    worse = drawn(spark(1.0, 9, 1, 2, **limits), direction="lower")
    assert "l8 8-8 8-8-8z" in worse
    better = drawn(spark(1.0, 9, 1, 2, **limits), direction="higher")
    assert "l8 8-8 8-8-8z" not in better
    assert "r='6'" in better
    neither = drawn(spark(1.0, 9, 1, 2, **limits), direction="neutral")
    assert "h12v12h-12z" in neither


def test_a_last_week_that_is_missing_is_not_marked_and_no_data_is_an_empty_picture():
    assert "circle" not in drawn(spark(1.0, 2.0, None))
    assert drawn(spark(None, None)).endswith("></svg>")
    assert "h0" in drawn(spark(None, 2.0, None)), "a week alone is a dot"


def test_the_picture_has_the_shape_of_its_place_and_says_its_words():
    row = sample_row("PS-24")
    shown = spark_limits(row["spark"], row["aim"], signal=row["signal"], direction="higher",
                         label="近26周")  # fmt: skip
    assert shown.width / shown.height == WIDTH / HEIGHT
    assert shown.alt == "近26周"
    assert f"viewBox='0 0 {WIDTH} {HEIGHT}'" in unquote(shown.src)
    assert "stroke-dasharray='8 6'" in unquote(shown.src), "its target"
    assert len(shown.src) < 1000


def test_a_far_target_does_not_flatten_the_line():
    far = Aim(kind="ceiling", low=None, high=100.0, set_by="", since="")
    assert "stroke-dasharray='8 6'" not in drawn(spark(1.0, 2.0, 1.5), far)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_doubt_rule_and_verdict_has_words(lang):
    with use(lang):
        for doubt in Doubt:
            assert doubt_word(doubt) != doubt.value
            assert len(doubt_sentence(doubt)) > len(doubt_word(doubt))
        for rule in SpcRule:
            assert rule_word(rule) != rule.value
        assert len({verdict_word(v) for v in Verdict}) == len(Verdict)
        assert not any(word in verdict_word(v) for v in Verdict for word in ("caus", "导致", "因"))


def test_messages_say_what_how_strong_who_and_until_when():
    review = sample_review()
    with use("zh"):
        said = [message_text(m, review["areas"]) for m in review["messages"]]
        lead, rest = message_parts(review["messages"][2], review["areas"])
    assert lead == "矛盾纠纷按期化解率88.4%（n=129），低于目标95%。"
    assert rest == "95%置信区间81.7—92.8%，整段未达目标；责任单位市委政法委；11月29日前提交说明。"
    assert "高于控制上限5.4%" in said[0]
    assert "连续7周高于均值84.6%" in said[5]
    assert all(text.endswith("。") and "{" not in text for text in said)
    with use("en"):
        said = [message_text(m, review["areas"]) for m in review["messages"]]
    assert not any(re.search(r"[一-鿿]", text) for text in said)
    assert said[4].startswith("2 grave cases are past their limit.")


def test_a_target_missed_for_weeks_names_them():
    message = sample_review()["messages"][2]
    fields = message["fields"] | {"value": 93.4, "n": 214, "weeks": 3, "limit": 98.0, "low": None}
    with use("zh"):
        lead, _rest = message_parts(message | {"fields": fields}, {})
    assert lead == "矛盾纠纷按期化解率93.4%（n=214），连续3周低于目标98%。"


def test_a_rule_that_is_not_known_is_still_said():
    message = sample_review()["messages"][0] | {"rule": "brand_new"}
    with use("zh"):
        assert message_text(message, {}).startswith("流感样病例占比6.2%（n=18\u2009320）")


def test_gaps_say_how_much_is_missing():
    with use("zh"):
        assert [gap_text(g) for g in sample_review()["gaps"]] == [
            "已中断41小时", "应报7期，实报5期、1个区域少报", "17行数据待核",
            "数据欠账12号，11月27日前补齐，周敏", "仅9周历史，控制限需12周",
        ]  # fmt: skip


def test_weeks_days_and_bases():
    bases = sample_review()["bases"]
    with use("zh"):
        assert week_word("2026-W07") == "2026年第7周"
        assert span_word("2026-11-16", "2026-11-22") == "11月16日—22日"
        assert span_word("2026-12-28", "2027-01-03") == "2026年12月28日—2027年1月3日"
        assert basis_label(bases["lunar"]).endswith("7天中6天可比")
        assert basis_label(bases["last"]) == "上周 11月9日—15日，7天全部可比"
    with use("en"):
        assert week_word("2026-W07") == "week 7 of 2026"
        assert span_word("2026-11-30", "2026-12-06") == "30 Nov – 6 Dec"
        assert day_word("2026-11-29") == "29 Nov"
    assert week_word("nonsense") == "nonsense"


def test_targets_as_signs():
    made = itertools.starmap(
        lambda kind, low, high: Aim(kind=kind, low=low, high=high, set_by="", since=""),
        [("floor", 95.0, None), ("ceiling", None, 4.5), ("range", 60, 93), ("none", None, None)],
    )
    assert [aim_word(aim, 1) for aim in made] == ["≥ 95", "≤ 4.5", "60–93", "—"]
