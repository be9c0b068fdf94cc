"""One indicator on the wall: name, value, unit, state and the last 24 hours."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from components.formats import MISSING, number
from components.i18n import _, name
from components.ids import Props, key, tile_id
from components.sparkline import sparkline
from components.theme import badge, status_word
from data.vocabulary import Names, Status, Tile


def tile(code: str, fill: Props, fallback: Names | None = None) -> html.Button:
    """Return the fixed frame of one tile with what is known of it.

    The button itself is never replaced: pushes change its inside only, so they
    cannot look like a click and an open drawer stays open.
    """
    known = fill.get(key(tile_id(code))) or _unknown(fallback)
    return html.Button(id=tile_id(code), n_clicks=0, type="button", **known)


def tile_props(one: Tile) -> dict[str, Any]:
    """Return the properties of one tile's button."""
    late = Status(one["status"]) in (Status.STALE, Status.NO_DATA)
    level = 0 if late else one["level"]
    return {
        "className": " ".join(_classes(one["status"], level)),
        "title": " · ".join(part for part in (name(one["name"]), name(one["why"])) if part),
        "data-known-at": one["known_at"] or "",
        "data-ttl": one["ttl"],
        "children": [
            html.Span(
                [_state(one["status"], level), html.Span(name(one["name"]), className="nm")],
                className="l",
            ),
            html.Span(_value(one), className="v"),
            sparkline(one["trend"], one["band"], level, _("Last 24 hours")),
        ],
    }


def _classes(status: str, level: int) -> list[str]:
    classes = ["k", f"st-{status}"]
    return [*classes, "ab", f"lv-{level}"] if level else classes


def _state(status: str, level: int) -> html.Span:
    """Return level, state word and the place where the browser writes the age."""
    said: list[Component] = []
    found = badge(level)
    if found is not None:
        said.append(found)
    elif status != Status.NORMAL:
        # beside a long name there is room for one short word and the age
        word = _("Late") if Status(status) is Status.STALE else status_word(status)
        said.append(html.Span(word, className="late"))
    return html.Span([*said, html.Span(className="age")], className="state")


def _value(one: Tile) -> list[Component | str]:
    """Return number, unit and, when somebody has not reported, how many have."""
    if one.get("hidden"):
        return [html.Span(_("Not shown"), className="hid")]
    value = None if Status(one["status"]) is Status.NO_DATA else one["value"]
    unit: list[Component | str] = [html.Span(name(one["unit"]))]
    if one["reported"] < one["expected"]:
        told = f"{one['reported']}/{one['expected']}"
        unit.append(html.Span(told, className="cov", title=_("Reported: {n}").format(n=told)))
    if "grain" in one:
        kept = name(one.get("kept"))
        unit.append(html.Span(name(one["grain"]), className="grain", title=kept))
    if value is None and len(unit) == 1:
        return [MISSING]
    return [number(value, one["decimals"]), html.Small(unit)]


def _unknown(fallback: Names | None) -> dict[str, Any]:
    said = html.Span(
        [_state(Status.NO_DATA, 0), html.Span(name(fallback) or MISSING, className="nm")],
        className="l",
    )
    return {
        "className": f"k st-{Status.NO_DATA}",
        "children": [said, html.Span(MISSING, className="v")],
    }
