"""Reading a component as a person would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

from callbacks.hub import Hub


def walk(part: Any) -> Iterator[Component]:
    """Yield every component of a tree, parents first."""
    if isinstance(part, Component):
        yield part
        part = getattr(part, "children", None)
    if isinstance(part, list | tuple):
        for child in part:
            yield from walk(child)
    elif isinstance(part, Component):
        yield from walk(part)


def texts(part: Any) -> Iterator[str]:
    """Yield what is written, piece by piece; an image says its alternative text."""
    if isinstance(part, Component):
        if getattr(part, "alt", None):
            yield str(part.alt)
        part = getattr(part, "children", None)
        yield from texts(part)
    elif isinstance(part, list | tuple):
        for child in part:
            yield from texts(child)
    elif part is not None:
        yield str(part)


def words(part: Any) -> str:
    """Return everything written in a component, pieces parted by one space."""
    return " ".join(texts(part))


def props_words(props: dict[str, dict[str, Any]]) -> str:
    """Return everything a panel's properties write."""
    return words([p["children"] for p in props.values() if "children" in p])


def having(part: Any, name: str) -> list[Component]:
    """Return the components whose class list holds `name`."""
    return [c for c in walk(part) if name in (getattr(c, "className", None) or "").split()]


def payloads(hub: Hub, area: str) -> dict[str, Any]:
    """Return what a hub holds of one area, by panel."""
    return {panel: json.loads(shown.payload) for panel, shown in hub.newest(area).items()}
