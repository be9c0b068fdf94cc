"""The map: levels by shape, counties by words, labels that can be read."""

from __future__ import annotations

import pytest

from components.i18n import use
from components.ids import Ids
from components.map_figure import map_figure
from components.map_labels import FRAME, View, spread, text_width
from components.wall import render_panel
from data.catalogue import catalogue
from tests import samples
from tests.helpers import words

EMPTY = {"areas": [], "points": [], "total": 0, "overdue": 0, "by_level": {}}


def texts(figure):
    return [
        t
        for trace in figure["data"]
        if trace["type"] == "scattergeo"
        for t in trace.get("text", [])
    ]


def markers(figure):
    return [
        t for t in figure["data"] if t["type"] == "scattergeo" and t.get("mode") == "markers+text"
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_county_is_labelled_with_its_count(lang):
    with use(lang):
        said = texts(map_figure(samples.map_panel(), "441600"))
    assert {"zh": "未办结 5 · 超期 1", "en": "5 open · 1 overdue"}[lang] in said
    for code, names in samples.AREAS.items():
        if code != "441600":
            assert any(names[lang] in t for t in said), code


def test_each_level_has_its_shape_and_its_digit():
    levels = [
        m
        for m in markers(map_figure(samples.map_panel(), "441600"))
        if m["marker"]["symbol"] != "square-open"
    ]
    assert [(m["marker"]["symbol"], m["text"][0]) for m in levels] == [
        ("circle", "4"),
        ("square", "3"),
        ("diamond", "2"),
    ]
    sizes = [m["marker"]["size"] for m in levels]
    assert sizes == sorted(sizes)


def test_labels_stay_in_the_frame_and_off_each_other():
    for lang in ("zh", "en"):
        with use(lang):
            figure = map_figure(samples.map_panel(), "441600")
        geo = figure["layout"]["geo"]
        view = View(*geo["lonaxis"]["range"], *geo["lataxis"]["range"])
        names = next(
            t for t in figure["data"] if t.get("mode") == "text" and t["textfont"]["size"] == 26
        )
        boxes = []
        for lon, lat, text in zip(names["lon"], names["lat"], names["text"], strict=True):
            x, y = view.px(lon, lat)
            half = text_width(text, 26) / 2
            assert half - 1 <= x <= FRAME[0] - half + 1, text
            boxes.append((x - half, y - 13, x + half, y + 13))
        for i, a in enumerate(boxes):
            for b in boxes[:i]:
                assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


def test_a_small_county_gets_a_line_to_its_name():
    lines = [
        t for t in map_figure(samples.map_panel(), "441600")["data"] if t.get("mode") == "lines"
    ]
    assert len(lines) == 1


def test_the_view_is_kept_while_values_change_and_goes_to_the_county_asked_for():
    city, county = (
        map_figure(samples.map_panel(), "441600"),
        map_figure(samples.map_panel(), "441621"),
    )
    again = map_figure(EMPTY, "441600")
    assert (
        city["layout"]["uirevision"]
        == again["layout"]["uirevision"]
        != county["layout"]["uirevision"]
    )
    wide = [f["layout"]["geo"]["lonaxis"]["range"] for f in (city, county)]
    assert wide[1][1] - wide[1][0] < wide[0][1] - wide[0][0]
    zone = map_figure(samples.map_panel(), "4416JD")["layout"]["geo"]["lonaxis"]["range"]
    assert zone[0] < 114.79 < zone[1]


def test_nothing_to_draw_still_draws_the_counties():
    figure = map_figure(EMPTY, "441600")
    assert len(figure["data"][0]["locations"]) == len(catalogue().shapes["features"])
    assert [m for m in markers(figure) if m["lon"]] == []


def test_the_totals_add_up_in_words():
    props = render_panel("map", samples.map_panel(), lang="zh", area="441600")
    assert props[Ids.MAP_TOTAL]["children"] == "共 18 件 · 跨县区 1 · 超期 2"
    assert words(props[Ids.MAP_LEVELS]["children"]) == "1 红色 0 2 橙色 2 3 黄色 5 4 蓝色 11"


def test_markers_on_one_spot_are_moved_apart():
    moved = spread([(10.0, 10.0)] * 5, 24)
    for i, a in enumerate(moved):
        for b in moved[:i]:
            assert ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 > 16


def test_names_of_the_catalogue_fit_a_tile():
    """22 px type; a badge takes 74 px (zh) or 104 px (en) of the 278 px; English has two lines."""
    for domain in catalogue().domains:
        for indicator in catalogue().wall_indicators(domain):
            shown = (
                indicator.wall.name
                if indicator.wall and getattr(indicator.wall, "name", None)
                else indicator.name
            )
            assert text_width(shown["zh"], 22) <= 278 - 82, shown
            assert text_width(shown["en"], 22) <= 2 * 278 - 112 - 60, shown
