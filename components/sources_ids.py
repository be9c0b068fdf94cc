"""What the parts of the sources page are called, and how its views are written as addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from data.sharing.words import View

PATH = "/sources"
TABS = ("sources", "quiet", "debts", "watch")
_NUMBERS = frozenset({"before", "run", "fetch", "debt"})
_DEFAULTS = View()


class BoardIds(StrEnum):
    """Plain ids. The browser script of the page uses the same words (tested)."""

    ROOT = "board"
    URL = "board-url"
    BODY = "board-body"
    NUDGE = "board-nudge"
    SAID = "board-said"


def act_id(act: Any) -> dict[str, Any]:
    """Return the id of a button that changes a debt; `act` may be a Dash wildcard."""
    return {"type": "debt-act", "act": act}


def field_id(field: Any) -> dict[str, Any]:
    """Return the id of a field of a debt's form."""
    return {"type": "debt-field", "field": field}


def view_of(query: Mapping[str, str]) -> View:
    """Return what a query asks for; what cannot be understood is left out."""
    found: dict[str, Any] = {}
    for f in fields(View):
        written = query.get(f.name, "")[:200]
        if not written:
            continue
        if f.name in _NUMBERS:
            if written.isascii() and written.isdigit() and len(written) < 16:
                found[f.name] = int(written)
        elif f.name == "open":
            found["open"] = frozenset(written.split(",")[:50])
        else:
            found[f.name] = written
    if found.get("tab", "sources") not in TABS:
        found.pop("tab")
    return View(**found)


def address(view: View, **changes: Any) -> str:
    """Return the address of a view that differs from `view` in some points."""
    wanted = replace(view, **changes)
    query = {}
    for f in fields(View):
        value = getattr(wanted, f.name)
        if value == getattr(_DEFAULTS, f.name):
            continue
        query[f.name] = ",".join(sorted(value)) if f.name == "open" else str(value)
    return f"{PATH}?{urlencode(query)}" if query else PATH


def home(view: View, **changes: Any) -> str:
    """Return the address of the list that a drill began at: filters stay, the drill ends."""
    drill: dict[str, Any] = {
        "source": "", "run": 0, "fetch": 0, "debt": 0, "propose": "", "before": 0, "every": "",
    }  # fmt: skip
    return address(view, **{**drill, **changes})
