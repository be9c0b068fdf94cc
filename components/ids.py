"""What the parts of the wall are called, for callbacks and for pushes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

Props = dict[str, dict[str, Any]]
"""Component id (pattern ids as JSON) to the properties that change."""


class Ids(StrEnum):
    """Plain ids. The browser scripts use the same words (tested)."""

    WALL = "wall"
    LIVE = "live"
    LIVE_BANNER = "live-banner"
    AREA = "area"
    AREA_NAME = "area-name"
    AREA_HOME = "area-home"
    DEMO = "header-demo"
    RESPONSE = "header-response"
    STAGE = "header-stage"
    ALARMS = "header-alarms"
    ALARM_COUNTS = "footer-alarms"
    SOUND = "sound"
    CLOCK = "clock"
    LANGUAGE = "language-link"
    MAP = "map-figure"
    MAP_TOTAL = "map-total"
    MAP_LEVELS = "map-levels"
    QUEUE_NOTE = "queue-note"
    QUEUE_LOOP = "queue-loop"
    QUEUE_ROWS = "queue-rows"
    FOOTER = "footer-sources"
    SOURCES_BUTTON = "sources-button"
    SOURCES = "sources"
    SOURCES_DETAIL = "sources-detail"
    SOURCES_CLOSE = "sources-close"
    DRAWER = "drawer"
    EVIDENCE = "evidence"
    DRAWER_CLOSE = "drawer-close"


PANELS = (
    "header",
    "map",
    "domain-public_safety",
    "domain-transport",
    "domain-health",
    "domain-services",
    "queue",
    "sources",
    "stage",
    "alarms",
)
"""Every panel the collector publishes for the wall."""

ASKED_FOR = ("desk",)
"""Panels that are pushed only to pages that ask for that one: no wall shows single acts."""


def tile_id(code: Any) -> dict[str, Any]:
    """Return the id of the tile of one indicator; `code` may be a Dash wildcard."""
    return {"type": "tile", "code": code}


def domain_note_id(domain: Any) -> dict[str, Any]:
    """Return the id of the remark beside a domain's name."""
    return {"type": "domain-note", "domain": domain}


def key(pattern: dict[str, Any]) -> str:
    """Return a pattern id as Dash writes it into the page."""
    return json.dumps(pattern, sort_keys=True, separators=(",", ":"))


def marks(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return data-* and aria-* attributes for use as keywords of a component."""
    return attributes
