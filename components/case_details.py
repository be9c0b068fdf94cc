"""What an event of a case did in particular: to whom, until when, by which approval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from components.case_times import full, length
from components.i18n import _, name
from components.loop_words import (
    asked_word,
    call_back_word,
    closing_word,
    colour_word,
    link_word,
)
from components.refusal_words import MOVES
from data.cases.page import CasePage, Turn
from data.vocabulary import CaseAct

Detail = Mapping[str, Any]


def details(turn: Turn, page: CasePage) -> list[str]:
    """Return the particulars of an event in words, [] for one that has none.

    What an old event lacks is left out; what is not understood is not shown.
    """
    say = _SAID.get(turn.action)
    return [s for s in say(turn.detail, page) if s] if say and turn.detail else []


def _department(key: Any, page: CasePage) -> str:
    found = page.departments.get(str(key))
    return name(found) if found else str(key)


def _time(value: Any) -> str:
    try:
        return full(datetime.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _moved_due(told: Detail, until: str) -> str:
    """Return the old and the new due time; "" where none is told."""
    if not told.get(until):
        return ""
    if not told.get("old_due_at"):
        return _("due {time}").format(time=_time(told[until]))
    words = _("due moved from {old} to {new}")
    return words.format(old=_time(told["old_due_at"]), new=_time(told[until]))


def _dispatch(told: Detail, page: CasePage) -> list[str]:
    said = [_("to {department}").format(department=_department(told.get("department"), page))]
    co = [_department(key, page) for key in told.get("co_departments") or ()]
    return [*said, _("with {departments}").format(departments=_(", ").join(co)) if co else ""]


def _asked(told: Detail, page: CasePage) -> list[str]:
    wanted = told.get("wanted") or {}
    return [
        _("approval {n}").format(n=told["approval"]) if told.get("approval") else "",
        _("asked: due {time}").format(time=_time(wanted["until"])) if wanted.get("until") else "",
        _("review on {time}").format(time=_time(wanted["review_at"]))
        if wanted.get("review_at")
        else "",
        _suggested(wanted, page),
    ]


def _suggested(told: Detail, page: CasePage) -> str:
    if not told.get("suggests"):
        return ""
    return _("suggested: {department}").format(department=_department(told["suggests"], page))


def _decided(told: Detail, page: CasePage) -> list[str]:
    kind, number = told.get("kind"), told.get("approval")
    said = [_("approval {n}").format(n=number) if number else "", asked_word(kind) if kind else ""]
    if told.get("wrong_dispatch"):
        words = _("counted as a wrong dispatch of {name}, not against {department}")
        wrong = _department(told.get("wrong_department"), page)
        said.append(words.format(name=told.get("dispatched_name") or "—", department=wrong))
    return [*said, _moved_due(told, "until"), _suggested(told, page)]


def _resumed(told: Detail, _page: CasePage) -> list[str]:
    spent = told.get("suspended_s")
    said = _("suspended for {time}").format(time=length(int(spent) // 60)) if spent else ""
    return [said, _moved_due(told, "due_at")]


def _task(told: Detail, page: CasePage) -> list[str]:
    task = next((t for t in page.tasks if t.id == told.get("task")), None)
    move = told.get("move")
    return [
        _department(told.get("department"), page),
        str(told.get("activity") or (task.activity if task else "")),
        _(MOVES[move]) if move in MOVES else "",
        _("due {time}").format(time=_time(told["due_at"])) if told.get("due_at") else "",
    ]


def _step(told: Detail, page: CasePage) -> list[str]:
    known = (s for s in page.steps if (s.sop, s.no) == (told.get("sop"), told.get("step")))
    step = next(known, None)
    move = told.get("move")
    title = f"{step.no} · {name(step.name)}" if step else str(told.get("step", ""))
    return [title, _(MOVES[move]) if move in MOVES else ""]


def _link(told: Detail, _page: CasePage) -> list[str]:
    return [link_word(str(told.get("kind"))), str(told.get("other") or told.get("ref") or "")]


def _merged(told: Detail, _page: CasePage) -> list[str]:
    parent = told.get("parent")
    return [_("into {no}").format(no=parent) if parent else ""]


def _closed(told: Detail, _page: CasePage) -> list[str]:
    return [closing_word(told["kind"]) if told.get("kind") else ""]


def _called(told: Detail, _page: CasePage) -> list[str]:
    return [call_back_word(told["result"]) if told.get("result") else ""]


def _supervised(told: Detail, _page: CasePage) -> list[str]:
    return [colour_word(int(told["colour"])) if told.get("colour") else ""]


def _appeal_decided(told: Detail, _page: CasePage) -> list[str]:
    if "upheld" not in told:
        return []
    return [_("The mark stands") if told["upheld"] else _("The mark is withdrawn")]


_SAID: dict[str, Callable[[Detail, CasePage], list[str]]] = {
    CaseAct.DISPATCH: _dispatch,
    CaseAct.ASK_EXTENSION: _asked,
    CaseAct.ASK_SUSPENSION: _asked,
    CaseAct.ASK_RETURN: _asked,
    CaseAct.GRANT: _decided,
    CaseAct.DENY: _decided,
    CaseAct.RESUME: _resumed,
    CaseAct.ASSIGN_TASK: _task,
    CaseAct.MOVE_TASK: _task,
    CaseAct.STEP_SOP: _step,
    CaseAct.LINK: _link,
    CaseAct.MERGE: _merged,
    CaseAct.CLOSE: _closed,
    CaseAct.FORCE_CLOSE: _closed,
    CaseAct.CALL_BACK: _called,
    CaseAct.SUPERVISE: _supervised,
    CaseAct.DECIDE_APPEAL: _appeal_decided,
}
