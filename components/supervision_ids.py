"""The views of the supervision page as addresses, and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from data.vocabulary.supervision import By

PATH, PANEL = "/supervision", "desk"
BYS: tuple[By, ...] = ("department", "county", "category")
WEEKS = (1, 4, 12, 26)


class WatchIds(StrEnum):
    """Plain ids."""

    ROOT = "watch"
    BODY = "watch-body"
    URL = "watch-url"
    NUDGE = "watch-nudge"
    SAID = "watch-said"


def owner_act_id(item: Any) -> dict[str, Any]:
    """Return the id of the button that decides whose a case is."""
    return {"type": "owner-act", "item": item}


def owner_field_id(field: Any) -> dict[str, Any]:
    """Return the id of a field of that decision."""
    return {"type": "owner-field", "field": field}


@dataclass(frozen=True)
class WatchView:
    """What the address asks for. area, domain, department: codes to look at alone."""

    by: By = "department"
    weeks: int = 4
    area: str = ""
    domain: str = ""
    department: str = ""
    ended: bool = False
    item: int = 0


def view_of(query: Mapping[str, str]) -> WatchView:
    """Return what a query asks for; what cannot be understood is left out."""
    by, weeks, item = query.get("by", ""), query.get("weeks", ""), query.get("item", "")
    return WatchView(
        by=next((known for known in BYS if known == by), "department"),
        weeks=int(weeks) if weeks in {str(w) for w in WEEKS} else 4,
        area=query.get("area", "")[:12],
        domain=query.get("domain", "")[:40],
        department=query.get("department", "")[:40],
        ended=query.get("ended") == "1",
        item=int(item) if item.isascii() and item.isdigit() and len(item) < 12 else 0,
    )


def address(view: WatchView, **changes: Any) -> str:
    """Return the address of a view that differs from `view` in some points."""
    wanted, plain = replace(view, **changes), WatchView()
    query = {
        f.name: "1" if value is True else str(value)
        for f in fields(WatchView)
        if (value := getattr(wanted, f.name)) != getattr(plain, f.name)
    }
    return f"{PATH}?{urlencode(query)}" if query else PATH
