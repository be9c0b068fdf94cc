"""Why something could not be done to an alarm, and what can be done instead, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from components.alarm_words import alarm_act_word, alarm_state_word
from components.formats import full_time, number
from components.i18n import N_, _
from components.loop_words import refusal_words, role_word
from data.alarms.acts import AlarmCode, AlarmRefusal
from data.cases.loop import Code, Refusal
from data.vocabulary.alarms import AlarmAct

Params = Mapping[str, Any]


def alarm_refusal_words(refusal: AlarmRefusal) -> str:
    """Return why an act was refused, what is allowed, and what this person may do now."""
    said = WORDS[refusal.code](refusal.params)
    may = [alarm_act_word(a) for a in refusal.allowed if a is not AlarmAct.LINK]
    if may and refusal.code in (AlarmCode.NOT_ALLOWED_IN_STATE, AlarmCode.NOT_LATCHED):
        said += _("You can: {acts}.").format(acts=_(", ").join(may))
    return said


def refused_field(refusal: AlarmRefusal) -> str:
    """Return the field of the form that a refusal is about, "" for none."""
    if refusal.code is AlarmCode.CASE_REFUSED:
        return CASE_FIELDS.get(str(refusal.params["params"].get("field")), "")
    return FIELDS.get(refusal.code, "")


CASE_FIELDS = {"area": "place", "county": "place", "category": "category", "body": "reason"}
FIELDS = {
    AlarmCode.MISSING_REASON: "reason",
    AlarmCode.TOO_LONG: "reason",
    AlarmCode.MISSING_END: "minutes",
    AlarmCode.NOT_LATER: "minutes",
    AlarmCode.TOO_LATE: "minutes",
    AlarmCode.UNKNOWN_CHOICE: "outcome",
    AlarmCode.NO_CATEGORY: "category",
}


def _act(params: Params) -> str:
    return alarm_act_word(str(params.get("act", "")))


def _time(at: Any) -> str:
    return full_time(at.timestamp()) if isinstance(at, datetime) else ""


def _states(params: Params) -> str:
    states: Sequence[str] = params.get("states", ())
    return _(", ").join(alarm_state_word(s) for s in states)


def _not_in_state(p: Params) -> str:
    return _("Not done: the alarm is {state}; {act} needs it to be {states}. ").format(
        state=alarm_state_word(str(p.get("state", ""))), act=_act(p), states=_states(p)
    )


def _wrong_role(p: Params) -> str:
    roles = _(", ").join(role_word(r) for r in p.get("roles", ()))
    return _("Not done: {act} is for {roles}").format(act=_act(p), roles=roles)


def _too_long(p: Params) -> str:
    return _("Not saved: {length} letters, at most {limit}").format(
        length=number(p.get("length")), limit=number(p.get("limit"))
    )


def _latest(p: Params) -> str:
    return _("Choose an end before {time}").format(time=_time(p.get("latest")))


def _has_case(p: Params) -> str:
    return _("Not made: case {no} was made of it already").format(no=p.get("case_no", ""))


def _case_refused(p: Params) -> str:
    refusal = Refusal(Code(p["case_code"]), p["params"])
    return _("No case was made: {why}").format(why=refusal_words(refusal))


UNSAID = N_("a window over it cannot be made")
FAULTS = {
    "reason_missing": N_("its reason is too short"),
    "reason_too_long": N_("its reason is too long"),
    "overlaps": N_("another window stands over it already"),
    "too_long": N_("the time is too long"),
    "no_right": N_("your role may not make windows"),
}

WORDS: Mapping[AlarmCode, Callable[[Params], str]] = {
    AlarmCode.NO_SUCH_ALARM: lambda _p: _("There is no such alarm for you"),
    AlarmCode.OUT_OF_DATE: lambda _p: _(
        "The alarm changed meanwhile, nothing was saved. Read, then choose again:"
    ),
    AlarmCode.NOT_ALLOWED_IN_STATE: _not_in_state,
    AlarmCode.NOT_LATCHED: lambda _p: _("Nothing to reset: the alarm is not latched. "),
    AlarmCode.WRONG_ROLE: _wrong_role,
    AlarmCode.MISSING_REASON: lambda _p: _("Say why in a few words"),
    AlarmCode.TOO_LONG: _too_long,
    AlarmCode.MISSING_END: _latest,
    AlarmCode.NOT_LATER: _latest,
    AlarmCode.TOO_LATE: _latest,
    AlarmCode.UNKNOWN_CHOICE: lambda _p: _("Choose what it turned out to be"),
    AlarmCode.BY_CONDITION: lambda p: _("{act} is not done by hand").format(act=_act(p)),
    AlarmCode.HAS_CASE: _has_case,
    AlarmCode.NO_CATEGORY: lambda _p: _("Choose a category: the alarm's rule names none"),
    AlarmCode.CASE_REFUSED: _case_refused,
    AlarmCode.WINDOW_REFUSED: lambda p: _("Not taken out of service: {why}").format(
        why=_(FAULTS.get(str(p.get("fault")), UNSAID))
    ),
    AlarmCode.UNDER_WINDOW: lambda p: _(
        "Not returned: window {n} takes more than this alarm out of service; end that one"
    ).format(n=p.get("window", "")),
}
