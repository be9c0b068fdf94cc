"""Why something that people add to a review was refused, in words that name every wrong field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.i18n import N_, _
from components.loop_terms import role_word
from data.review.refusals import Code, Problem, Refusal

FIELDS: dict[str, str] = {
    "text": N_("Wording"),
    "department": N_("Department"),
    "owner": N_("Owner"),
    "due": N_("Due week"),
    "code": N_("Indicator or case"),
    "of_area": N_("Area"),
    "expected": N_("Expected direction"),
    "case_no": N_("Case number"),
    "note": N_("Reason"),
    "week": N_("Week"),
    "area": N_("Area"),
    "key": N_("Message"),
    "lang": N_("Language"),
    "act": N_("Act"),
    "promise": N_("Promise"),
    "body": N_("Wording"),
    "day": N_("Day"),
}
PROBLEMS: dict[str, str] = {
    Code.MISSING: N_("is missing"),
    Code.TOO_LONG: N_("is {length} letters long, {limit} at most"),
    Code.UNKNOWN: N_("is not known: {value}"),
    Code.ONE_OF_TWO: N_("choose an indicator or give a case number, one of the two"),
    Code.OUTSIDE: N_("lies outside the area of this review"),
    Code.NOT_HERE: N_("this area does not have the indicator"),
    Code.PAST: N_("must not be before {than}"),
    Code.NOT_LATER: N_("must be later than {than}"),
    Code.TOO_FAR: N_("must not be after {than}"),
    Code.IN_THE_FUTURE: N_("has not begun"),
    Code.ENDED: N_("is ended already"),
    Code.STILL_OPEN: N_("is still open"),
    Code.ALREADY: N_("is so already"),
}
WHOLE: dict[str, str] = {
    Code.WRONG_ROLE: N_("This is for: {roles}"),
    Code.OTHER_AREA: N_("This review is outside your area"),
    Code.OTHER_DEPARTMENT: N_("This promise is another department's"),
    Code.NOT_YOURS: N_("Only whoever wrote it may withdraw it"),
    Code.NOT_OVER: N_("The week is not over: it can be frozen when it is"),
    Code.NOT_COUNTED: N_("The week cannot be counted now: nothing was frozen"),
    Code.ALREADY: N_("It is so already: nothing was changed"),
    Code.ENDED: N_("The promise is decided already: take it up again first"),
    Code.STILL_OPEN: N_("The promise is still open"),
    Code.IN_THE_FUTURE: N_("The week has not begun"),
}


def review_refusal(refusal: Refusal) -> str:
    """Return why nothing was changed, naming each field that is wrong."""
    said = [_field(name, problem) for name, problem in refusal.fields.items()]
    if not said:
        said = [_whole(refusal)]
    return _("Not saved: {why}").format(why=_("; ").join(said))


def field_name(name: str) -> str:
    """Return what a field is called; one that is not known stays as it is."""
    return _(FIELDS[name]) if name in FIELDS else name


def _field(name: str, problem: Problem) -> str:
    text = _(PROBLEMS[problem.code]) if problem.code in PROBLEMS else problem.code.value
    return f"{field_name(name)} {_filled(text, problem.params)}"


def _whole(refusal: Refusal) -> str:
    if refusal.code in WHOLE:
        roles = _(", ").join(role_word(r) for r in refusal.params.get("roles", ()))
        return _filled(_(WHOLE[refusal.code]), {**refusal.params, "roles": roles})
    field = str(refusal.params.get("field", ""))
    return _field(field, Problem(refusal.code, refusal.params))


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


def _filled(text: str, params: Mapping[str, Any]) -> str:
    return text.format_map(_Known(params)).strip(" :：")
