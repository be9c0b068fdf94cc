"""What people and rules do to cases. Each function is one transaction of whoever calls it.

    with store.write() as conn:
        done = act(conn, catalogue, read_keys(conn), case_no, Request(CaseAct.NOTE, actor, now,
                   version, {"note": "…"}))

`act` knows every act of `data/cases/rules.py` and its fields; `report` begins a case by hand.
Both check the facts that the rules cannot know, and the scope of whoever acts.
"""

from data.cases.change import Code, Refusal, Request
from data.cases.loop import Actor
from data.commands.cases.act import act
from data.commands.cases.outcomes import Conflict, Done, Draft, Since
from data.commands.cases.ownership import decide_ownership
from data.commands.cases.procedures import decide_sop, in_force, propose_sop
from data.commands.cases.report import report

__all__ = [
    "Actor",
    "Code",
    "Conflict",
    "Done",
    "Draft",
    "Refusal",
    "Request",
    "Since",
    "act",
    "decide_ownership",
    "decide_sop",
    "in_force",
    "propose_sop",
    "report",
]
