"""Why a change of a procedure was refused, in words. No case is concerned, so none is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from components.formats import full_time
from components.i18n import _
from components.loop_terms import role_word
from components.refusal_words import refusal_words
from data.cases.change import Code, Refusal

Params = Mapping[str, Any]


def sop_refusal(refusal: Refusal) -> str:
    """Return why nothing was changed, and what can be done."""
    own = _WORDS.get(refusal.code)
    return own(refusal.params) if own else refusal_words(refusal)


def _wrong_role(told: Params) -> str:
    roles = _(", ").join(role_word(r) for r in told["roles"])
    return _("This is for: {roles}. Your role is another.").format(roles=roles)


def _own(_told: Params) -> str:
    return _("You proposed this version yourself; a second person has to decide.")


def _area(_told: Params) -> str:
    return _("Procedures hold in the whole city; whoever answers for the whole city decides.")


def _done(told: Params) -> str:
    if told.get("at") is None:
        return _("This version was decided already.")
    when = full_time(told["at"].timestamp())[:16]
    return _("This version was decided already, {time}.").format(time=when)


def _out_of_date(told: Params) -> str:
    said = _("Version {now} holds by now, not version {seen}. What you typed is kept; "
             "look at the new version and propose again.")  # fmt: skip
    if told["now"] > told["version"]:
        return said.format(now=told["now"], seen=told["version"])
    return _("This version is older than the one in force.")


def _missing(_told: Params) -> str:
    return _("Give the reason.")


def _bad(told: Params) -> str:
    return _("The procedure cannot be read: {what}").format(what=told.get("said", ""))


_WORDS: dict[Code, Callable[[Params], str]] = {
    Code.WRONG_ROLE: _wrong_role,
    Code.OWN_APPROVAL: _own,
    Code.OTHER_AREA: _area,
    Code.ALREADY_DONE: _done,
    Code.OUT_OF_DATE: _out_of_date,
    Code.BAD_VALUE: _bad,
    Code.MISSING_FIELD: _missing,
}
