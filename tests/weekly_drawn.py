"""The weekly page drawn by hand from the sample review, and what is read from it."""

from __future__ import annotations

import re
from typing import Any

from components.i18n import use
from components.review_ids import WeekView
from components.review_page import Choice, House, Shown, body_parts, end_parts, weekly_body
from components.review_promises import Rights
from data.vocabulary import Names
from data.vocabulary.meeting import Minutes, PromiseLine
from data.vocabulary.review import Review
from tests.helpers import having, walk, words
from tests.review_sample import sample_review

VIEW = WeekView("2026-W47", "441600")
HOUSE = House("441600", Names(zh="河源市", en="Heyuan"), "build")
LEADER = Rights(
    True, True, True, departments={"psb": Names(zh="市公安局", en="Police")}
)  # fmt: skip
CHOICE = Choice([("441600", Names(zh="全市", en="City"))], first="2024-W48", last="2026-W47")


def promise(**changes: Any) -> PromiseLine:
    plain: dict[str, Any] = {
        "id": 7, "version": 3, "state": "open", "text": "诈骗警情下降两成", "made": "2026-W42",
        "due": "2026-W46", "made_by": "黄志强", "made_at": 1792393800.0, "owner": "陈强",
        "department": Names(zh="市公安局", en="Police"), "code": "PS-09", "area": "441600",
        "case_no": None, "expected": "lower", "carried": 2, "overdue": True, "verdict": "no_sign",
        "doubt": None, "before": 43.2, "after": 44.8, "weeks_after": 5, "case_state": None,
        "case_closed": None,
        "history": [{"at": 1792393800.0, "week": "2026-W42", "action": "made", "by": "黄志强",
                     "note": ""}],
    }  # fmt: skip
    return PromiseLine(**(plain | changes))


def minutes(**changes: Any) -> Minutes:
    plain: dict[str, Any] = {
        "edits": [], "promises": [], "frozen": None, "earlier": [],
        "reminders": [{"kind": "preread", "at": 1795384800.0, "state": "due"}],
    }  # fmt: skip
    return Minutes(**(plain | changes))


def pack(**changes: Any) -> Any:
    plain: dict[str, Any] = {
        "week": "2026-W46", "area": "441600", "frozen_at": 1794784800.0, "frozen_by": "system",
        "sha256": "ab", "intact": True, "restated": [],
    }  # fmt: skip
    return plain | changes


def body(review: Review | None = None, *, lang: str = "zh", **more: Any) -> Any:
    shown = {"view": VIEW, "choice": CHOICE, "review": review or sample_review(),
             "minutes": minutes()} | more  # fmt: skip
    with use(lang):
        return weekly_body(Shown(**shown), HOUSE)


def said(part: Any) -> str:
    """Return what is written, thin spaces taken out."""
    return re.sub(" +", " ", words(part).replace("\u2009", ""))


def parts(review: Review | None = None, lang: str = "zh") -> Any:
    with use(lang):
        shown = review or sample_review()
        return [*body_parts(shown, VIEW), *end_parts(shown)]


def row_of(part: Any, name: str) -> str:
    table = having(part, "score")[0]
    rows = [r for r in walk(table) if type(r).__name__ == "Tr" and name in words(r)]
    return said(rows[0])
