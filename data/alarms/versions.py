"""One version of an alarm rule: where it came from, where it stands, who said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.catalogue.alarm_entries import AlarmRule


@dataclass(frozen=True)
class RuleVersion:
    """One version of a rule. rule: None where it retires the rule or cannot be read any more.

    id: its row, None as the files have it. state: shipped, proposed, approved or refused.
    wrong: why it cannot hold as the catalogue is now.
    """

    code: str
    version: int
    state: str
    rule: AlarmRule | None
    retired: bool = False
    in_force: bool = False
    id: int | None = None
    reason: str = ""
    proposed_at: datetime | None = None
    proposed_by: int | None = None
    proposed_name: str = ""
    decided_at: datetime | None = None
    decided_name: str = ""
    decision: str = ""
    wrong: str = ""
