"""What people add to a weekly review. Each function is one transaction of whoever calls it.

    with store.write() as conn:
        done = make_promise(conn, catalogue, read_keys(conn), Wanted(…), actor, now)

Promises with all that is done about them, wordings of messages, frozen weeks, remarks. A refusal
names every field that is wrong, by codes of `data/review/refusals.py`.
"""

from data.cases.loop import Actor
from data.commands.review.acting import ACTS, Asked, act_on_promise
from data.commands.review.editing import Wording, edit_message
from data.commands.review.freezing import Build, freeze, freeze_due, freeze_wanted
from data.commands.review.outcomes import Conflict, Done
from data.commands.review.promising import Wanted, make_promise
from data.commands.review.remarks import Said, remark, withdraw_remark
from data.commands.review.rights import BY_CLOCK, may
from data.review.refusals import Code, Problem, Refusal

__all__ = [
    "ACTS",
    "BY_CLOCK",
    "Actor",
    "Asked",
    "Build",
    "Code",
    "Conflict",
    "Done",
    "Problem",
    "Refusal",
    "Said",
    "Wanted",
    "Wording",
    "act_on_promise",
    "edit_message",
    "freeze",
    "freeze_due",
    "freeze_wanted",
    "make_promise",
    "may",
    "remark",
    "withdraw_remark",
]
