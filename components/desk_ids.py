"""What the parts of the desk are called, and how its views are written as addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlencode

from data.vocabulary import CaseState
from data.vocabulary.desk import DeskView, Left, Only, Sort

PATH = "/desk"
PANEL = "desk"
SETS: dict[str, frozenset[str]] = {
    "state": frozenset(s.value for s in CaseState),
    "level": frozenset("1234"),
    "left": frozenset(x.value for x in Left),
    "only": frozenset(x.value for x in Only),
}
"""Facets that several chips may hold at once, and what they can be."""

LONGEST_Q, LONGEST_CODE = 80, 40
HOME = "home"
"""Set in a kept view that opens by itself."""


class DeskIds(StrEnum):
    """Plain ids. The browser scripts of the page use the same words (tested)."""

    ROOT = "desk"
    GRID = "desk-grid"
    MAP = "desk-map"
    CARD = "desk-card"
    DISPATCH = "desk-dispatch"
    NEW = "desk-new"
    HELP = "desk-help"
    VIEWS = "desk-views"
    TOTAL = "desk-total"
    MORE = "desk-more"
    SAID = "desk-said"
    TEXT = "desk-text"
    CHANGES = "desk-changes"


def view_of(query: Mapping[str, str]) -> DeskView:
    """Return what a query asks for; what cannot be understood is left out."""
    found: dict[str, Any] = {}
    for f in fields(DeskView):
        written = query.get(f.name, "").strip()
        if f.name in SETS:
            found[f.name] = SETS[f.name] & frozenset(written.split(",")[:30])
        elif f.name == "q":
            found["q"] = " ".join(written[:LONGEST_Q].split())
        elif f.name == "sort":
            found["sort"] = written if written in set(Sort) else Sort.LEVEL.value
        else:
            found[f.name] = written[:LONGEST_CODE]
    return DeskView(**found)


def query_of(view: DeskView) -> str:
    """Return a view as a query, "" for the plain one; the same view gives the same query."""
    said: dict[str, str] = {}
    for f in fields(DeskView):
        value = getattr(view, f.name)
        if value and value != f.default:
            said[f.name] = ",".join(sorted(value)) if f.name in SETS else value
    return urlencode(said)


def view_in(query: str) -> DeskView:
    """Return what a kept query asks for."""
    return view_of({k: v[0] for k, v in parse_qs(query).items()})


def opens_by_itself(query: str) -> bool:
    """Return whether a kept view is the one its owner begins with."""
    return parse_qs(query).get(HOME) == ["1"]


def new_id(key: str) -> str:
    """Return the id of a typed line of a form."""
    return f"desk-line-{key}"
