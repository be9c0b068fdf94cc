"""The views of the page of one indicator as addresses, and what its parts are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

PREFIX = "/indicator/"
GRAINS = ("week", "day", "month")
SPANS = (26, 52, 104, 156, 312, 624)
"""How many weeks can be looked at; other numbers in an address are taken too."""
FEWEST, MOST = 4, 1300
MOST_DAYS_OF = 52
"""By the day so many weeks are drawn at the most: more points would be a grey ribbon."""
_PERIOD = re.compile(r"\d{4}-(W\d{2}|\d{2}(-\d{2})?)")


class IndicatorIds(StrEnum):
    """Plain ids. The browser script of the page uses the same words (tested)."""

    ROOT = "indicator"
    URL = "indicator-url"
    CODE = "indicator-code"
    BODY = "indicator-body"
    CHART = "indicator-chart"
    PROOF = "indicator-proof"
    SAID = "indicator-said"
    NUDGE = "indicator-nudge"
    REMARK = "indicator-remark"
    DAY = "indicator-day"
    SEND = "indicator-send"


def take_back_id(remark: Any) -> dict[str, Any]:
    """Return the id of the button that takes back a remark."""
    return {"type": "indicator-back", "remark": remark}


@dataclass(frozen=True)
class IndicatorView:
    """What the address asks for.

    area: code, "" the city. weeks: how many are drawn. at: the chosen period, "" the newest whole
    one. proof: the evidence is open. paper: as it is printed.
    """

    area: str = ""
    weeks: int = 104
    grain: str = "week"
    at: str = ""
    proof: bool = False
    paper: bool = False


_WORDS = {"at": "week", "proof": "evidence", "paper": "print"}
"""Fields that have another name in an address."""


def view_of(query: Mapping[str, str]) -> IndicatorView:
    """Return what a query asks for; what cannot be understood is left out."""
    grain, weeks, at = query.get("grain", ""), query.get("weeks", ""), query.get("week", "")
    return IndicatorView(
        area=query.get("area", "")[:12],
        weeks=_weeks(weeks),
        grain=grain if grain in GRAINS else "week",
        at=at.upper() if _PERIOD.fullmatch(at.upper()) else "",
        proof=query.get("evidence") == "1",
        paper=query.get("print") == "1",
    )


def _weeks(written: str) -> int:
    if not (written.isascii() and written.isdigit() and len(written) < 6):
        return IndicatorView.weeks
    return min(max(int(written), FEWEST), MOST)


def query_of(view: IndicatorView, **changes: Any) -> str:
    """Return the query of a view that differs from `view` in some points, "" for the plain one."""
    wanted, plain = replace(view, **changes), IndicatorView()
    asked = {
        _WORDS.get(f.name, f.name): "1" if value is True else str(value)
        for f in fields(IndicatorView)
        if (value := getattr(wanted, f.name)) != getattr(plain, f.name)
    }
    return f"?{urlencode(asked)}" if asked else ""


def address(code: str, view: IndicatorView | None = None, **changes: Any) -> str:
    """Return the address of an indicator's page."""
    return f"{PREFIX}{quote(code, safe='')}{query_of(view or IndicatorView(), **changes)}"


def data_address(code: str, kind: str, view: IndicatorView) -> str:
    """Return where the data of a view are downloaded; kind: csv or xlsx."""
    asked = query_of(view, at="", proof=False, paper=False)
    return f"{PREFIX}{quote(code, safe='')}/data.{kind}{asked}"
