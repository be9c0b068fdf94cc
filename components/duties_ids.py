"""The views of the duties page as addresses, and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

PATH, PANEL = "/duties", "desk"
TABS = ("duties", "procedures")


class DutyIds(StrEnum):
    """Plain ids."""

    ROOT = "duties"
    BODY = "duties-body"
    URL = "duties-url"
    NUDGE = "duties-nudge"
    SAID = "duties-said"
    FIND = "duties-find"
    DEPARTMENT = "duties-department"
    STEPS = "sop-steps"
    BASE = "sop-base"
    REASON = "sop-reason"
    SEND = "sop-send"
    TOLD = "sop-told"
    DECISION = "sop-decision"
    DECIDED = "sop-decided"


def step_field_id(step: Any, field: Any) -> dict[str, Any]:
    """Return the id of a field of one step in the form; step from 0."""
    return {"type": "sop-field", "step": step, "field": field}


def step_act_id(step: Any, act: Any) -> dict[str, Any]:
    """Return the id of a button that adds, removes or moves a step."""
    return {"type": "sop-act", "step": step, "act": act}


def decide_id(number: Any, act: Any) -> dict[str, Any]:
    """Return the id of the button that approves or refuses a version."""
    return {"type": "sop-decide", "number": number, "act": act}


@dataclass(frozen=True)
class DutyView:
    """What the address asks for. sop, version: a procedure and one of its versions."""

    tab: str = "duties"
    domain: str = ""
    department: str = ""
    q: str = ""
    sop: str = ""
    version: int = 0
    edit: bool = False


def view_of(query: Mapping[str, str]) -> DutyView:
    """Return what a query asks for; what cannot be understood is left out."""
    tab, version = query.get("tab", ""), query.get("version", "")
    return DutyView(
        tab=tab if tab in TABS else "duties",
        domain=query.get("domain", "")[:40],
        department=query.get("department", "")[:40],
        q=query.get("q", "").strip()[:80],
        sop=query.get("sop", "")[:40],
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 5 else 0,
        edit=query.get("edit") == "1",
    )


def address(view: DutyView, **changes: Any) -> str:
    """Return the address of a view that differs from `view` in some points."""
    wanted, plain = replace(view, **changes), DutyView()
    query = {
        f.name: "1" if value is True else str(value)
        for f in fields(DutyView)
        if (value := getattr(wanted, f.name)) != getattr(plain, f.name)
    }
    return f"{PATH}?{urlencode(query)}" if query else PATH
