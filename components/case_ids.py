"""What the parts of a case's page are called, and where the page is."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

PREFIX = "/case/"
LONGEST = 40
"""Letters of a case number."""


class CaseIds(StrEnum):
    """Plain ids. The browser script of the page uses the same words (tested)."""

    ROOT = "case"
    NO = "case-no"
    HEAD = "case-head"
    LEFT = "case-left"
    MIDDLE = "case-middle"
    RIGHT = "case-right"
    ACTS = "case-acts"
    NUDGE = "case-nudge"
    AS_OF = "case-as-of"
    BUSY = "case-busy"
    SAID = "case-said"
    VERSION = "case-version"


def form_id(act: Any) -> dict[str, Any]:
    """Return the id of the form of an act; `act` may be a Dash wildcard."""
    return {"type": "case-form", "act": act}


def field_id(act: Any, field: Any) -> dict[str, Any]:
    """Return the id of a field of an act's form."""
    return {"type": "case-field", "act": act, "field": field}


def wrong_id(act: Any, field: Any) -> dict[str, Any]:
    """Return the id of the place beside a field where it says what is wrong with it."""
    return {"type": "case-wrong", "act": act, "field": field}


def send_id(act: Any) -> dict[str, Any]:
    """Return the id of the button that does an act."""
    return {"type": "case-send", "act": act}


def told_id(act: Any) -> dict[str, Any]:
    """Return the id of the place in a form where it says what became of it."""
    return {"type": "case-told", "act": act}


def seen_id(act: Any) -> dict[str, Any]:
    """Return the id of the version of the case that whoever fills in a form has seen."""
    return {"type": "case-seen", "act": act}


def done_id(act: Any) -> dict[str, Any]:
    """Return the id of what the server answered to an act, for the browser's script."""
    return {"type": "case-done", "act": act}


def case_address(no: str) -> str:
    """Return the address of a case's page."""
    return PREFIX + quote(no, safe="")


def number_of(path: str) -> str:
    """Return the case number that an address asks for, "" if it cannot be one."""
    if not path.startswith(PREFIX):
        return ""
    no = unquote(path[len(PREFIX) :])
    return no if 0 < len(no) <= LONGEST and not _UNUSUAL.search(no) else ""


_UNUSUAL = re.compile(r"[\x00-\x1f\x7f/\ud800-\udfff]")
