"""What the parts of the rules view are called."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlencode

from components.alarm_ids import PATH, RULES


class RuleIds(StrEnum):
    """Plain ids."""

    ROOT = "alarm-rules"
    BASE = "alarm-rules-base"
    DAYS = "alarm-rules-days"
    TRY = "alarm-rules-try"
    TRIED = "alarm-rules-tried"
    REASON = "alarm-rules-reason"
    SEND = "alarm-rules-send"
    RETIRE = "alarm-rules-retire"
    TOLD = "alarm-rules-told"


def rule_field_id(name: object) -> dict[str, object]:
    """Return the id of one field of the form."""
    return {"type": "alarm-rule-field", "name": name}


def rule_decide_id(number: object, act: object) -> dict[str, object]:
    """Return the id of the button that decides a proposed version."""
    return {"type": "alarm-rule-decide", "number": number, "act": act}


def rule_decision_id(number: object) -> dict[str, object]:
    """Return the id of the reason of a decision."""
    return {"type": "alarm-rule-decision", "number": number}


def rule_decided_id(number: object) -> dict[str, object]:
    """Return the id of what became of a decision."""
    return {"type": "alarm-rule-decided", "number": number}


def rule_address(code: str = "") -> str:
    """Return the address of the list, or of one rule in it."""
    return f"{PATH}?{urlencode({'view': RULES, **({'rule': code} if code else {})})}"
