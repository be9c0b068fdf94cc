"""Why an act was refused, and what can be done instead, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from components.formats import full_time, number
from components.i18n import N_, _, name
from components.loop_terms import (
    act_word,
    asked_word,
    call_back_word,
    closing_word,
    colour_word,
    link_word,
    role_word,
    state_word,
)
from components.theme import LEVELS
from data.cases.loop import Code, Refusal
from data.vocabulary import CaseAct, CaseState

FIELDS: dict[str, str] = {
    "activity": N_("Task"),
    "address": N_("Address"),
    "area": N_("Area of the case"),
    "body": N_("What was reported"),
    "called_at": N_("Time of the call"),
    "card": N_("Supervision card"),
    "case": N_("Case"),
    "category": N_("Case category"),
    "channel": N_("Channel"),
    "co": N_("Co-departments"),
    "co_departments": N_("Co-departments"),
    "colour": N_("Rung of supervision"),
    "county": N_("County of the case"),
    "department": N_("Department in charge"),
    "detail": N_("Details"),
    "due_at": N_("Due time"),
    "item": N_("Question of ownership"),
    "kind": N_("Kind"),
    "lat": N_("Latitude"),
    "level": N_("Level of the case"),
    "lon": N_("Longitude"),
    "move": N_("Progress"),
    "moved_at": N_("Time of the progress"),
    "no": N_("Case number"),
    "note": N_("Words of the note"),
    "other": N_("Other case"),
    "parent": N_("Main case"),
    "pending": N_("Request to decide"),
    "reason": N_("Reason"),
    "ref": N_("What it is linked to"),
    "reported_at": N_("Time of the report"),
    "result": N_("Result"),
    "review_at": N_("Review time"),
    "rule": N_("Rule"),
    "said": N_("State told by the source"),
    "sop": N_("Procedure"),
    "step": N_("Step"),
    "suggests": N_("Suggested department"),
    "task": N_("Task number"),
    "title": N_("Title"),
    "town": N_("Town of the case"),
    "until": N_("New due time"),
    "upheld": N_("Decision on the appeal"),
    "version": N_("Procedure version"),
    "warning": N_("Public warning"),
}
MOVES: dict[str, str] = {
    "arrived": N_("arrived"),
    "started": N_("started"),
    "ended": N_("ended"),
    "done": N_("done"),
    "skipped": N_("skipped"),
}
READABLE: dict[str, str] = {
    "text": N_("a text"),
    "list": N_("a list"),
    "number": N_("a whole number"),
    "flag": N_("yes or no"),
    "time": N_("a date and time"),
    "mapping": N_("named values"),
}
SUGGESTS = frozenset(
    {
        Code.NOT_ALLOWED_IN_STATE,
        Code.WRONG_ROLE,
        Code.OTHER_DEPARTMENT,
        Code.OWN_CHECK,
        Code.OWN_APPROVAL,
        Code.NOTHING_PENDING,
        Code.ALREADY_PENDING,
        Code.ALREADY_DONE,
        Code.ENDED,
    }
)
"""Where another act may be the right one; elsewhere the act was right and a field was not."""

Params = Mapping[str, Any]


def refusal_words(refusal: Refusal) -> str:
    """Return why an act was refused; and, where the act itself was wrong, what is allowed."""
    words = _WORDS[refusal.code](refusal.params)
    if refusal.code not in SUGGESTS:
        return words
    return _("{why} {instead}").format(why=words, instead=_instead(refusal))


def field_word(name: str) -> str:
    """Return what a field is called; an unknown one is shown as it is."""
    return _(FIELDS[name]) if name in FIELDS else name


def _instead(refusal: Refusal) -> str:
    acts = [act_word(act) for act in refusal.allowed]
    if not acts:
        return _("There is nothing you can do to this case now.")
    return _("You can now: {acts}.").format(acts=_listed(acts))


def _listed(words: Iterable[str]) -> str:
    return _(", ").join(words)


def _time(moment: datetime) -> str:
    """Return YYYY-MM-DD HH:MM: a case may have ended years ago."""
    return full_time(moment.timestamp())[:16]


def _act(told: Params) -> str:
    return act_word(told["act"]) if "act" in told else _("This act")


def _not_allowed(told: Params) -> str:
    state, states = told.get("state"), told.get("states", ())
    if not states or state is None:
        return _("“{act}” is not possible for this case.").format(act=_act(told))
    return _("“{act}” is not possible in the state “{state}”; it is in: {states}.").format(
        act=_act(told), state=state_word(state), states=_listed(state_word(s) for s in states)
    )


def _wrong_role(told: Params) -> str:
    roles = _listed(role_word(r) for r in told["roles"])
    return _("“{act}” is for: {roles}. Your role is another.").format(act=_act(told), roles=roles)


def _other_department(_told: Params) -> str:
    return _("This lies with another department.")


def _other_area(_told: Params) -> str:
    return _("The case lies outside your area.")


def _own_check(_told: Params) -> str:
    return _("Nobody checks what they reported back themselves; somebody else has to.")


def _own_approval(_told: Params) -> str:
    return _("Nobody decides what they asked for themselves; somebody else has to.")


def _missing(told: Params) -> str:
    return _("“{field}” is missing.").format(field=field_word(told["field"]))


def _too_long(told: Params) -> str:
    field, limit, length = field_word(told["field"]), told["limit"], told["length"]
    words = N_("“{field}” may have {limit} letters, it has {length}.")
    if told["field"] == "co_departments":
        words = N_("“{field}” may have {limit} entries, it has {length}.")
    return _(words).format(field=field, limit=number(limit), length=number(length))


def _choices(told: Params) -> list[str]:
    speak = _CHOICES.get(told["field"], str)
    return [speak(choice) for choice in told["choices"] if choice is not None]


def _level(level: int) -> str:
    return _(LEVELS[level].word) if level in LEVELS else _("no level")


def _kind(kind: str) -> str:
    return closing_word(kind) if closing_word(kind) != kind else link_word(kind)


def _move(move: str) -> str:
    return _(MOVES[move]) if move in MOVES else move


_CHOICES: dict[str, Callable[[Any], str]] = {
    "colour": colour_word,
    "kind": _kind,
    "level": _level,
    "move": _move,
    "result": call_back_word,
    "said": state_word,
    "until": _time,
}


def _unknown_choice(told: Params) -> str:
    field, choices = field_word(told["field"]), _choices(told)
    if not choices and told.get("value"):
        return _("“{field}”: there is no {value}.").format(field=field, value=told["value"])
    if not choices:
        return _("“{field}” cannot be this one.").format(field=field)
    words = _("“{field}” cannot be that; it can be: {choices}.")
    return words.format(field=field, choices=_listed(choices))


def _unknown_field(told: Params) -> str:
    words = _("“{act}” has no “{field}”.")
    return words.format(act=_act(told), field=field_word(told["field"]))


def _bad_value(told: Params) -> str:
    readable = READABLE[told["wanted"]]
    words = _("“{field}” has to be {wanted}.")
    return words.format(field=field_word(told["field"]), wanted=_(readable))


def _not_later(told: Params) -> str:
    field = field_word(told["field"])
    words = _("“{field}” has to be later than {time}.")
    return words.format(field=field, time=_time(told["than"]))


def _before_reported(told: Params) -> str:
    field = field_word(told["field"]) if "field" in told else _act(told)
    words = _("“{field}” lies before the case was reported, {time}.")
    return words.format(field=field, time=_time(told["than"]))


def _in_the_future(told: Params) -> str:
    return _("“{field}” lies in the future.").format(field=field_word(told["field"]))


def _nothing_pending(told: Params) -> str:
    if told["act"] == CaseAct.APPEAL:
        return _("There is no supervision card you could appeal.")
    if told["act"] == CaseAct.DECIDE_APPEAL:
        return _("There is no appeal to decide.")
    return _("There is no such request to decide.")


def _already_pending(told: Params) -> str:
    words = _("A request for {kind} waits for a decision; that comes first.")
    return words.format(kind=asked_word(told["kind"]))


def _already_done(told: Params) -> str:
    return _("“{act}” was done already.").format(act=_act(told))


def _nothing_to_extend(_told: Params) -> str:
    return _("The case has no due time that could be extended.")


def _ended(told: Params) -> str:
    how = _how_ended(told)
    if told["at"] is None:
        return _("The case was {how}.").format(how=how)
    return _("The case was {how} on {time}.").format(how=how, time=_time(told["at"]))


def _how_ended(told: Params) -> str:
    if told["state"] == CaseState.MERGED:
        return _("merged into {parent}").format(parent=told["parent"] or "—")
    if told["state"] == CaseState.REJECTED:
        return _("turned down")
    return closing_word(told["closing"]) if told["closing"] else _("closed")


MISTAKES: dict[str, str] = {
    "swapped": N_("Longitude and latitude look swapped."),
    "lost_sign": N_("A sign looks lost."),
}


def _outside_city(told: Params) -> str:
    words, said = _("The place lies outside the city."), MISTAKES.get(told.get("mistake") or "")
    return _("{why} {instead}").format(why=words, instead=_(said)) if said else words


def _other_county(told: Params) -> str:
    area = name(told["area"])
    if told.get("found"):
        words = _("The point lies in {found}, not in {area}, which was chosen.")
        return words.format(found=name(told["found"]), area=area)
    return _("The point does not lie in {area}, which was chosen.").format(area=area)


def _out_of_date(_told: Params) -> str:
    return _("The case has changed since you saw it. What you typed is kept; please choose again.")


_WORDS: dict[Code, Callable[[Params], str]] = {
    Code.NOT_ALLOWED_IN_STATE: _not_allowed,
    Code.WRONG_ROLE: _wrong_role,
    Code.OTHER_DEPARTMENT: _other_department,
    Code.OTHER_AREA: _other_area,
    Code.OWN_CHECK: _own_check,
    Code.OWN_APPROVAL: _own_approval,
    Code.MISSING_FIELD: _missing,
    Code.TOO_LONG: _too_long,
    Code.UNKNOWN_CHOICE: _unknown_choice,
    Code.UNKNOWN_FIELD: _unknown_field,
    Code.BAD_VALUE: _bad_value,
    Code.NOT_LATER: _not_later,
    Code.BEFORE_REPORTED: _before_reported,
    Code.IN_THE_FUTURE: _in_the_future,
    Code.NOTHING_PENDING: _nothing_pending,
    Code.NOTHING_TO_EXTEND: _nothing_to_extend,
    Code.ALREADY_PENDING: _already_pending,
    Code.ALREADY_DONE: _already_done,
    Code.ENDED: _ended,
    Code.OUT_OF_DATE: _out_of_date,
    Code.OUTSIDE_CITY: _outside_city,
    Code.OTHER_COUNTY: _other_county,
}
