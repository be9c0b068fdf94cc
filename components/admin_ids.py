"""The security administrator's page: its addresses, and what its parts are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

PATH, PANEL = "/admin", "desk"
TABS = ("accounts", "displays", "tokens")


class AdminIds(StrEnum):
    """Plain ids."""

    ROOT = "admin"
    BODY = "admin-body"
    URL = "admin-url"
    NUDGE = "admin-nudge"
    SAID = "admin-said"


def act_id(act: Any, key: Any) -> dict[str, Any]:
    """Return the id of a button; key: whom or what it is about."""
    return {"type": "admin-act", "act": act, "key": key}


def field_id(field: Any) -> dict[str, Any]:
    """Return the id of a field of the form that is open."""
    return {"type": "admin-field", "field": field}


@dataclass(frozen=True)
class AdminView:
    """What the address asks for. account: whose form is open, "" for a new one."""

    view: str = "accounts"
    account: str = ""


def view_of(query: Mapping[str, str]) -> AdminView:
    """Return what a query asks for; what cannot be understood is left out."""
    view = query.get("view", "")
    return AdminView(view if view in TABS else "accounts", query.get("account", "")[:40])


def address(view: AdminView, /, **changes: Any) -> str:
    """Return the address of a view that differs from `view` in some points."""
    wanted, plain = replace(view, **changes), AdminView()
    query = {
        f.name: getattr(wanted, f.name)
        for f in fields(AdminView)
        if getattr(wanted, f.name) != getattr(plain, f.name)
    }
    return f"{PATH}?{urlencode(query)}" if query else PATH
