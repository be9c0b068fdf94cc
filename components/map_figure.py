"""The map as a plain-dict plotly figure: counties by number, markers by level."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

from components import map_labels
from components.i18n import _, name
from components.map_labels import View
from components.theme import FONTS, INK, LEVELS, MAP_HIGH, MAP_LINE, MAP_LOW, TEXT, TEXT_2
from data.geo import county_shapes
from data.vocabulary import MapArea, MapPanel, MapPoint

MARGIN = 0.04
ZONE_SPAN = 0.22
NOTE_BOX = (0.0, 750.0, 330.0, 810.0)

Trace = dict[str, Any]


def map_figure(payload: MapPanel, area: str) -> dict[str, Any]:
    """Return the figure; sizes are px of the 1920 canvas, the browser scales them."""
    shapes = county_shapes()
    view, focus = _view(payload, area)
    zones = [a for a in payload["areas"] if not a["statutory"]]
    where = _spread(payload["points"], view)
    sides = _beside(zones, view, where)
    degrees = [view.degrees(*at) for at in where]
    markers = [
        _markers(level, payload["points"], degrees) for level in sorted(LEVELS, reverse=True)
    ]
    return {
        "data": [
            _counties(payload, shapes, focus),
            *_labels(payload, view, where, [box for _side, box in sides], focus),
            _zones(zones, [side for side, _box in sides]),
            *[trace for trace in markers if trace],
        ],
        "layout": _layout(view, area),
    }


def _layout(view: View, area: str) -> dict[str, Any]:
    plain = dict.fromkeys(("showland", "showocean", "showlakes", "showcountries"), False)
    return {
        "geo": {
            **plain,
            "visible": False,
            "showframe": False,
            "showcoastlines": False,
            "bgcolor": "rgba(0,0,0,0)",
            "projection": {"type": "mercator"},
            "lonaxis": {"range": [view.west, view.east]},
            "lataxis": {"range": [view.south, view.north]},
        },
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONTS, "color": TEXT, "size": 22},
        "hoverlabel": {"font": {"size": 22, "family": FONTS}, "align": "left"},
        "showlegend": False,
        "uirevision": f"map-{area}",
    }


def _view(payload: MapPanel, area: str) -> tuple[View, str | None]:
    """Return what to show: the county or zone asked for, else the whole city."""
    zone = next((a for a in payload["areas"] if a["code"] == area and not a["statutory"]), None)
    if zone is not None:
        half = ZONE_SPAN / 2
        lon, lat = zone["lon"], zone["lat"]
        return View.fitted(lon - half, lon + half, lat - half, lat + half), area
    return _county_view(area)


@lru_cache(maxsize=64)
def _county_view(area: str) -> tuple[View, str | None]:
    shapes = county_shapes()
    found = [f for f in shapes["features"] if str(f["id"]) == area]
    points = [p for f in (found or shapes["features"]) for r in map_labels.rings(f) for p in r]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    wide, tall = (east - west) * MARGIN, (north - south) * MARGIN
    view = View.fitted(west - wide, east + wide, south - tall, north + tall)
    return view, area if found else None


def _counties(payload: MapPanel, shapes: dict[str, Any], focus: str | None) -> Trace:
    known = {a["code"]: a for a in payload["areas"]}
    codes = [str(f["id"]) for f in shapes["features"]]
    counts = [known[c]["open"] if c in known else 0 for c in codes]
    return {
        "type": "choropleth",
        "geojson": shapes,
        "locations": codes,
        "z": counts,
        "zmin": 0,
        "zmax": max(5, *counts) if counts else 5,
        "colorscale": [[0, MAP_LOW], [1, MAP_HIGH]],
        "showscale": False,
        "hoverinfo": "text",
        "text": [_hover(known[c]) if c in known else "" for c in codes],
        "marker": {
            "line": {"color": MAP_LINE, "width": 1.6},
            "opacity": [0.35 if focus and c != focus else 1 for c in codes],
        },
    }


def _hover(area: MapArea) -> str:
    return f"{escape(name(area['name']))}<br>{escape(_count(area))}"


def _count(area: MapArea) -> str:
    said = [_("{n} open").format(n=area["open"])]
    if area["overdue"]:
        said.append(_("{n} overdue").format(n=area["overdue"]))
    return " · ".join(said)


def _labels(
    payload: MapPanel,
    view: View,
    where: list[tuple[float, float]],
    taken: list[map_labels.Box],
    focus: str | None,
) -> list[Trace]:
    """Return name and count of each county; a small one gets a line to its label outside."""
    areas = [a for a in payload["areas"] if a["statutory"] and focus in (None, a["code"])]
    wanted = tuple((a["code"], view.px(a["lon"], a["lat"]), *_label_widths(a)) for a in areas)
    labels = _placed(wanted, view, tuple(where), (NOTE_BOX, *taken))
    traces = [
        _leader(view, home, (label.x, label.y - map_labels.LINE_PX / 2))
        for label, (_code, home, *_widths) in zip(labels, wanted, strict=True)
        if label.leader
    ]
    for shift, size, colour, texts in (
        (-15, map_labels.NAME_PX, TEXT, [name(a["name"]) for a in areas]),
        (16, map_labels.COUNT_PX, TEXT_2, [_count(a) for a in areas]),
    ):
        at = [view.degrees(label.x, label.y + shift) for label in labels]
        traces.append(_text(at, texts, size, colour))
    return traces


@lru_cache(maxsize=64)
def _placed(
    wanted: tuple[tuple[str, map_labels.Point, float, float], ...],
    view: View,
    busy: tuple[map_labels.Point, ...],
    taken: tuple[map_labels.Box, ...],
) -> list[map_labels.Label]:
    """Return where the labels stand; mostly nothing moved since the map was last drawn."""
    return map_labels.place_labels(wanted, _outlines(view), busy, taken)


@lru_cache(maxsize=64)
def _outlines(view: View) -> dict[str, list[list[map_labels.Point]]]:
    return {
        str(f["id"]): [[view.px(*p) for p in ring] for ring in map_labels.rings(f)]
        for f in county_shapes()["features"]
    }


def _label_widths(area: MapArea) -> tuple[float, float]:
    return (
        map_labels.text_width(name(area["name"]), map_labels.NAME_PX),
        map_labels.text_width(_count(area), map_labels.COUNT_PX),
    )


def _beside(
    zones: list[MapArea], view: View, where: list[tuple[float, float]]
) -> list[map_labels.Side]:
    """Return on which side of its mark each zone's name stands, and the box it takes."""
    placed: list[map_labels.Side] = []
    for zone in zones:
        width = map_labels.text_width(_zone_text(zone), map_labels.COUNT_PX)
        home = view.px(zone["lon"], zone["lat"])
        placed.append(map_labels.beside(home, width, where, [NOTE_BOX, *(b for _r, b in placed)]))
    return placed


def _zone_text(zone: MapArea) -> str:
    return f" {name(zone['name'])} {zone['open']} "


def _text(at: list[tuple[float, float]], texts: list[str], size: int, colour: str) -> Trace:
    return {
        "type": "scattergeo",
        "mode": "text",
        "lon": [round(lon, 5) for lon, _lat in at],
        "lat": [round(lat, 5) for _lon, lat in at],
        "text": [escape(t) for t in texts],
        "textposition": "middle center",
        "textfont": {"size": size, "color": colour, "family": FONTS},
        "hoverinfo": "skip",
    }


def _leader(view: View, start: tuple[float, float], end: tuple[float, float]) -> Trace:
    a, b = view.degrees(*start), view.degrees(*end)
    return {
        "type": "scattergeo",
        "mode": "lines",
        "lon": [round(a[0], 5), round(b[0], 5)],
        "lat": [round(a[1], 5), round(b[1], 5)],
        "line": {"color": MAP_LINE, "width": 1.6},
        "hoverinfo": "skip",
    }


def _zones(zones: list[MapArea], sides: list[str]) -> Trace:
    return {
        "type": "scattergeo",
        "mode": "markers+text",
        "lon": [a["lon"] for a in zones],
        "lat": [a["lat"] for a in zones],
        "text": [escape(_zone_text(a)) for a in zones],
        "customdata": [a["code"] for a in zones],
        "textposition": sides,
        "textfont": {"size": map_labels.COUNT_PX, "color": TEXT_2, "family": FONTS},
        "hovertext": [_hover(a) for a in zones],
        "hoverinfo": "text",
        "marker": {"symbol": "square-open", "size": 11, "color": TEXT_2, "line": {"width": 2}},
    }


def _spread(points: list[MapPoint], view: View) -> list[tuple[float, float]]:
    return map_labels.spread([view.px(p["lon"], p["lat"]) for p in points], 27)


def _markers(level: int, points: list[MapPoint], where: list[tuple[float, float]]) -> Trace | None:
    """Return the markers of one level: shape, colour and digit; the graver, the larger."""
    found = LEVELS[level]
    chosen = [(at, p) for at, p in zip(where, points, strict=True) if p["level"] == level]
    if not chosen:
        return None
    return {
        "type": "scattergeo",
        "mode": "markers+text",
        "lon": [round(at[0], 5) for at, _point in chosen],
        "lat": [round(at[1], 5) for at, _point in chosen],
        "text": [str(int(level))] * len(chosen),
        "textposition": "middle center",
        "textfont": {"size": 16, "color": INK, "family": FONTS, "weight": 700},
        "hovertext": [escape(f"{p['case_no']} {p['title']}") for _at, p in chosen],
        "hoverinfo": "text",
        "marker": {
            "symbol": found.symbol,
            "size": found.size,
            "color": found.fill,
            "opacity": 1,
            "line": {"color": INK, "width": 1.5},
        },
    }
