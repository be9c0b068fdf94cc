"""Components as HTML text: a third of their JSON, and the browser draws it ten times as fast.

Only for what no callback touches: nothing in it has an id or listens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.ids import marks

VOID = frozenset({"img", "br", "hr", "col"})
NAMES = {"className": "class", "colSpan": "colspan", "rowSpan": "rowspan", "tabIndex": "tabindex"}
LEFT_OUT = frozenset({"children", "n_clicks"})
_UPPER = re.compile("[A-Z]")
_OWN = {"{": "&#123;", "}": "&#125;", "|": "&#124;", "`": "&#96;"}
_OUT = str.maketrans('<>/"', "{}|`")
"""Dash sends each of the four as six letters; assets/weekly/weekly.js turns them back."""


def as_html(part: Any) -> str:
    """Return a part and all in it as HTML; what is written is escaped.

    Raises:
        TypeError: something in it needs the browser's components: a form, a graph, an id.
    """
    if part is None:
        return ""
    if isinstance(part, Component):
        return _element(part)
    if isinstance(part, list | tuple):
        return "".join(as_html(child) for child in part)
    return escape(str(part), quote=False)


def packed(parts: Iterable[Any], kind: str) -> html.Div:
    """Return a place that the page's script fills with the parts."""
    said = marks({"data-html": shortened(as_html(list(parts)))})
    return html.Div(className=kind, **said)


def shortened(text: str) -> str:
    """Return HTML with the letters of tags that travel as they are; own ones become entities."""
    for own, entity in _OWN.items():
        text = text.replace(own, entity)
    return text.translate(_OUT)


def _element(part: Component) -> str:
    if isinstance(part, dcc.Link):
        return _tag("a", part, {"data-go": "1"})
    if getattr(part, "_namespace", "") != "dash_html_components":
        raise TypeError(f"{type(part).__name__} is no plain element")
    return _tag(type(part).__name__.lower(), part, {})


def _tag(tag: str, part: Component, more: Mapping[str, str]) -> str:
    props = part.to_plotly_json()["props"]  # type: ignore[no-untyped-call]
    if props.get("id") is not None:
        raise TypeError(f"{tag} has the id {props['id']!r}: a callback may touch it")
    said = "".join(_attribute(key, value) for key, value in {**props, **more}.items())
    if tag in VOID:
        return f"<{tag}{said}>"
    return f"<{tag}{said}>{as_html(props.get('children'))}</{tag}>"


def _attribute(key: str, value: Any) -> str:
    if key in LEFT_OUT or value is None or value is False:
        return ""
    name = NAMES.get(key, key)
    if value is True:
        return f" {name}"
    if key == "style":
        value = ";".join(f"{_UPPER.sub(_dashed, k)}:{v}" for k, v in value.items())
    return f' {name}="{escape(str(value))}"'


def _dashed(found: re.Match[str]) -> str:
    return f"-{found[0].lower()}"
