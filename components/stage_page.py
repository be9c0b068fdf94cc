"""The page of the city's stage: what is in force, what the rules ask for and why, who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from components.empty import failed
from components.i18n import N_, _, name, use
from components.page_frame import page_frame
from components.person import Signed
from components.stage_forms import May, decision, response_levels
from components.stage_ids import PANEL, PATH, StageIds, act_id, field_id
from components.stage_parts import in_force, past, proposal
from components.stage_rules import rules_section
from data.stage import Code, Refusal
from data.vocabulary import Names
from data.vocabulary.stage import RuleRow, StageBoard


@dataclass(frozen=True)
class StagePlace:
    """Where the page stands. issuer: who tells the public."""

    area: str
    city: Names
    build: str
    issuer: Names


REFUSALS = {
    Code.WRONG_ROLE: N_("Your role may not do this."),
    Code.OTHER_AREA: N_("This is not of your area."),
    Code.OUT_OF_DATE: N_("Nothing changed: {by} was faster ({time}, stage {stage}). Look again."),
    Code.MISSING_FIELD: N_("Nothing changed: {field} is missing."),
    Code.TOO_LONG: N_("Nothing changed: {field} has {length} letters, at most {limit}."),
    Code.UNKNOWN_CHOICE: N_("Nothing changed: choose {field} from the list."),
    Code.BAD_VALUE: N_("Nothing changed: {said}"),
    Code.IN_THE_FUTURE: N_("Nothing changed: the time lies in the future."),
    Code.TOO_OLD: N_("Nothing changed: the time lies more than 30 days back."),
    Code.IN_FORCE_ALREADY: N_("Nothing changed: this plan has a level in force here; change it."),
    Code.ENDED: N_("Nothing changed: it is over already. Look again."),
    Code.SAME_LEVEL: N_("Nothing changed: that is the level in force."),
    Code.NOT_LATER: N_("Nothing changed: the time lies before its begin."),
    Code.OWN_APPROVAL: N_("Nothing changed: somebody else has to approve it."),
    Code.ALREADY_DONE: N_("Nothing changed: it was decided already."),
    Code.CLOCK: N_("Nothing changed: the clock of the server is wrong."),
}
FIELDS = {
    "stage": N_("the stage"),
    "level": N_("the level"),
    "plan": N_("the plan"),
    "area": N_("the area"),
    "basis": N_("the document"),
    "reason": N_("the reason"),
    "response": N_("the response"),
    "rule": N_("the rule"),
}


def refusal_said(refusal: Refusal, time: str) -> str:
    """Return in words why nothing was changed. time: when somebody was faster, in local time."""
    params = {k: str(v) for k, v in refusal.params.items()} | {"time": time}
    params["field"] = _(FIELDS.get(params.get("field", ""), params.get("field", "")))
    if params.get("kind") == "proposed":
        params["by"] = _("a new proposal")
    wanted = {"by": "", "stage": "", "said": "", "length": "", "limit": ""} | params
    return _(REFUSALS[refusal.code]).format(**wanted)


def stage_page(
    board: StageBoard | None, place: StagePlace, signed: Signed | None, may: May, *,
    lang: str, now: float, rules: Sequence[RuleRow] | None = None,
) -> html.Div:  # fmt: skip
    """Return the whole page; board None: the store cannot be asked. rules: shown instead."""
    with use(lang):
        unseen: list[Component] = [
            html.Div(id=StageIds.SAID, className="said", role="status"),
            dcc.Location(id=StageIds.URL, refresh=False),
            dcc.Store(id=StageIds.NUDGE, data=0),
            dcc.Store(id=StageIds.ANEW, data=0),
        ]
        inside: list[Component] = [
            html.Div(stage_body(board, rules, may), id=StageIds.BODY, className="left"),
            html.Aside(stage_forms(board, may), id=StageIds.FORMS, className="side"),
        ]
        return page_frame(
            [html.Div(inside, className="stagep")],
            title=_("City stage"), path=PATH, address=PATH, signed=signed, area=place.area,
            city=place.city, build=place.build, now=now, demo=bool(board and board["demo"]),
            id_=StageIds.ROOT, only=PANEL, unseen=unseen,
            foot=_("Rules propose, a named person decides, only a person lowers · source: alarms "
                   "and rules of {city}").format(city=name(place.city)),
        )  # fmt: skip


def page_parts() -> html.Div:
    """Return everything that callbacks touch, also what is drawn only now and then."""
    nobody: Names = {"zh": "", "en": ""}
    page = stage_page(None, StagePlace("", nobody, "", nobody), None, May(), lang="zh", now=0.0)
    fields: list[Component] = [
        html.Button(id=act_id("set", 0), n_clicks=0),
        dcc.Store(id=StageIds.SEEN),
        dcc.RadioItems(id=StageIds.CHOSEN),
        dcc.Textarea(id=StageIds.REASON),
        dcc.Input(id=field_id("basis", 0)),
        dcc.Input(id=field_id("reason", "code")),
    ]
    return html.Div([page, *fields])


def stage_body(
    board: StageBoard | None, rules: Sequence[RuleRow] | None = None, may: May | None = None
) -> list[Component]:
    """Return what the page tells. rules: these instead of how the stage stands."""
    if board is None:
        return [html.Section(failed(), className="panel alone")]
    if rules is not None:
        own = may or May()
        return [rules_section(rules, proposing=own.proposes, deciding=own.decides)]
    return [in_force(board), proposal(board), past(board)]


def stage_forms(board: StageBoard | None, may: May) -> list[Component]:
    """Return what can be done on the page; what callbacks read is there in any case."""
    if board is None:
        return [_unseen_fields()]
    return [decision(board, may), response_levels(board, may)]


def _unseen_fields() -> html.Div:
    return html.Div(dcc.Store(id=StageIds.SEEN, data=0), hidden=True)
