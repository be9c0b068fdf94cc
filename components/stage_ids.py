"""What the parts of the stage's page are called."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

PATH, NOTICE, PANEL = "/stage", "/stage/notice", "stage"


class StageIds(StrEnum):
    """Plain ids."""

    ROOT = "stagep"
    BODY = "stagep-body"
    FORMS = "stagep-forms"
    URL = "stagep-url"
    NUDGE = "stagep-nudge"
    ANEW = "stagep-anew"
    SAID = "stagep-said"
    SEEN = "stagep-seen"
    CHOSEN = "stagep-chosen"
    REASON = "stagep-reason"


def act_id(act: Any, number: Any) -> dict[str, Any]:
    """Return the id of a button. act: set, keep, start, change or end; number: a response's row."""
    return {"type": "stage-act", "act": act, "number": number}


def field_id(field: Any, number: Any) -> dict[str, Any]:
    """Return the id of a field about a response; number: its row, 0 for a new one."""
    return {"type": "stage-field", "field": field, "number": number}
