"""The pages of a domain and of an area as addresses, and what their parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from components.review_ids import OWN as REVIEW_OWN

DOMAIN, AREA = "/domain/", "/area/"
OWN = (*REVIEW_OWN, "/assets/indicator/")


class BoardPageIds(StrEnum):
    """Plain ids."""

    DOMAIN_ROOT = "domain-page"
    DOMAIN_URL = "domain-url"
    DOMAIN_BODY = "domain-body"
    DOMAIN_KEY = "domain-key"
    AREA_ROOT = "area-page"
    AREA_URL = "area-url"
    AREA_BODY = "area-body"
    AREA_KEY = "area-key"


@dataclass(frozen=True)
class BoardView:
    """What the address asks for. week: as written there, "" the newest whole one.

    area: of a domain's page, "" the city.
    """

    week: str = ""
    area: str = ""
    paper: bool = False


def view_of(query: Mapping[str, str]) -> BoardView:
    """Return what a query asks for; what makes no sense is said on the page."""
    return BoardView(
        query.get("week", "").strip()[:20], query.get("area", "").strip()[:12],
        query.get("print") == "1",
    )  # fmt: skip


def address(prefix: str, key: str, view: BoardView | None = None, **changes: Any) -> str:
    """Return the address of a domain's or an area's page."""
    wanted = replace(view or BoardView(), **changes)
    asked = {"week": wanted.week, "area": wanted.area, "print": "1" if wanted.paper else ""}
    written = urlencode({name: value for name, value in asked.items() if value})
    path = f"{prefix}{quote(key, safe='')}"
    return f"{path}?{written}" if written else path
