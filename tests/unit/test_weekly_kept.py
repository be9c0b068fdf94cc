"""What is kept of the weekly page says what would have been drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from dash import dcc, html
from plotly.io.json import to_json_plotly

from callbacks.weekly_kept import Kept
from components.as_html import as_html, packed, shortened
from components.i18n import use
from components.review_loop import LateShown
from components.review_page import Shown, sheet_parts
from components.review_promises import Rights
from tests.review_sample import sample_review
from tests.weekly_drawn import CHOICE, HOUSE, LEADER, VIEW, body, minutes, promise


def test_kept_parts_say_what_would_have_been_drawn():
    shown, kept = (
        Shown(VIEW, CHOICE, sample_review(), minutes(promises=[promise()]), LEADER),
        Kept(),
    )
    with use("zh"):
        first = kept.sheet(shown, HOUSE, "zh")
        drawn = sheet_parts(shown, HOUSE)
    assert to_json_plotly(first[0]) == to_json_plotly(drawn[0])
    for kept_part, part in zip(first[1:], drawn[1:], strict=True):
        text = orjson.loads(to_json_plotly(kept_part))["props"]["data-html"]
        assert text == shortened(as_html(part.children))
    assert kept.sheet(shown, HOUSE, "zh")[1] is first[1]


def test_another_count_of_the_week_other_rights_and_other_scopes_are_drawn_anew():
    shown, kept = Shown(VIEW, CHOICE, sample_review(), minutes(), Rights()), Kept()

    def drawn(**changes: Any) -> list[orjson.Fragment]:
        with use("zh"):
            return kept.sheet(replace(shown, **changes), HOUSE, "zh")

    plain = drawn()
    assert [a is b for a, b in zip(plain, drawn(rights=LEADER), strict=True)] == [
        False, True, True, True,
    ]  # fmt: skip
    mine = LateShown(sample_review()["late"][:1], 7)
    assert [a is b for a, b in zip(plain, drawn(late=mine), strict=True)] == [
        True, True, False, True,
    ]  # fmt: skip
    again = sample_review(as_of=sample_review()["as_of"] + 1)
    assert not any(a is b for a, b in zip(plain, drawn(review=again), strict=True))


def test_no_more_is_kept_than_fits():
    shown, kept = Shown(VIEW, CHOICE, sample_review(), minutes(), Rights()), Kept(most=1000)
    with use("zh"):
        first = kept.sheet(shown, HOUSE, "zh")[1]
        assert kept.sheet(shown, HOUSE, "zh")[1] is not first


def test_html_text_is_escaped_and_refuses_what_a_callback_may_touch():
    part = html.Td(["<b>&", html.Small("x")], className='a"b', title="", **{"data-v": ""})
    assert as_html(part) == (
        '<td class="a&quot;b" title="" data-v="">&lt;b&gt;&amp;<small>x</small></td>'
    )
    assert as_html(html.I(style={"marginLeft": "1%"})) == '<i style="margin-left:1%"></i>'
    assert as_html(dcc.Link("a", href="/weekly?a=1&b=2")) == (
        '<a href="/weekly?a=1&amp;b=2" data-go="1">a</a>'
    )
    assert packed([html.Br(), None, 3], "x").to_plotly_json()["props"]["data-html"] == "{br}3"
    text = as_html(html.B("{a|b}`c`", title="x/y"))
    back = shortened(text).translate(str.maketrans("{}|`", '<>/"'))
    assert back == '<b title="x/y">&#123;a&#124;b&#125;&#96;c&#96;</b>'
    for bad in (html.Div(id="x"), dcc.Input(), html.Div([dcc.Store(id="y")])):
        with pytest.raises(TypeError):
            as_html(bad)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_review_that_was_kept_as_json_is_drawn_the_same(lang):
    review = sample_review()
    again = orjson.loads(orjson.dumps(review, option=orjson.OPT_NON_STR_KEYS))
    for line in again["departments"]:
        line["cards"] = {int(k): v for k, v in line["cards"].items()}
    drawn = [to_json_plotly(body(r, lang=lang)) for r in (review, again)]
    assert drawn[0] == drawn[1]
