"""Does what a form on a case's page asks for, and says what became of it beside its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from flask import request
from sqlalchemy import Connection, select

from callbacks import identity
from components.case_ids import CaseIds, done_id, field_id, seen_id, send_id, told_id, wrong_id
from components.case_told import acted, overtaken, refused
from components.i18n import _, use
from components.person import sign_in_first
from data import models as m
from data.cases.change import Code
from data.cases.fields import Field
from data.cases.rules import RULES
from data.catalogue import Catalogue
from data.commands.cases import Actor, Conflict, Done, Refusal, Request, act
from data.logs import logger
from data.queries.keys import Keys, read_keys
from data.store import Store, utc_now
from data.vocabulary import LOCAL, CaseAct

log = logger("case")

Values = dict[str, Any]


@dataclass(frozen=True)
class Typed:
    """A form as it was sent: the act, its fields by name, the version its author saw."""

    act: CaseAct
    values: Values
    version: int | None


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the forms."""

    @app.callback(
        Output(wrong_id(MATCH, ALL), "children"),
        Output(told_id(MATCH), "children"),
        Output(done_id(MATCH), "data"),
        Output(seen_id(MATCH), "data"),
        Input(send_id(MATCH), "n_clicks"),
        State(field_id(MATCH, ALL), "value"),
        State(field_id(MATCH, ALL), "id"),
        State(seen_id(MATCH), "data"),
        State(CaseIds.NO, "data"),
        State(CaseIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def send(
        clicks: int,
        values: Sequence[Any],
        ids: Sequence[Mapping[str, str]],
        seen: int | None,
        no: str,
        lang: str,
    ) -> Any:
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not clicks:
            return _same(ids)
        with use(lang):
            typed = {i["field"]: v for i, v in zip(ids, values, strict=True)}
            form = Typed(CaseAct(clicked["act"]), typed, seen)
            return _sent(store, catalogue, no, form, ids, clicks)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("zhizhiCase", "answered"),
        Output(CaseIds.NUDGE, "data"),
        Input(done_id(ALL), "data"),
        State(CaseIds.NUDGE, "data"),
        prevent_initial_call=True,
    )


def _same(ids: Sequence[Any]) -> Any:
    return [no_update] * len(ids), no_update, no_update, no_update


def _sent(
    store: Store, catalogue: Catalogue, no: str, form: Typed, ids: Sequence[Any], clicks: int
) -> Any:
    """Return what the form shows after it was sent."""
    who = identity.current()
    if who is None:
        return _answer(ids, {}, sign_in_first(), form, clicks)
    actor = Actor(who.id, who.name, who.role, who.department, who.area)
    try:
        came = _act(store, catalogue, no, form, actor)
    except Exception:
        log.exception("an act on a case cannot be written")
        said = _("Not saved: the store cannot be written. What you typed is kept.")
        return _answer(ids, {}, said, form, clicks)
    if isinstance(came, Done):
        return _answer(ids, {}, acted(form.act, came.version), form, clicks, done=came.version)
    if isinstance(came, Conflict):
        return _answer(ids, {}, overtaken(came, catalogue), form, clicks, seen=came.version)
    beside, inside = refused(came, [i["field"] for i in ids])
    return _answer(ids, beside, inside, form, clicks)


def _answer(
    ids: Sequence[Any],
    beside: Mapping[str, str],
    inside: Component | str | list[Component],
    form: Typed,
    clicks: int,
    *,
    done: int | None = None,
    seen: int | None = None,
) -> Any:
    wrong = [beside.get(i["field"], "") for i in ids]
    told: Values = {"act": form.act.value, "n": clicks, "done": done, "conflict": seen}
    if done is not None:
        told["words"] = inside
        return wrong, "", told, no_update
    return wrong, inside, told, no_update if seen is None else seen


def _act(
    store: Store, catalogue: Catalogue, no: str, form: Typed, actor: Actor
) -> Done | Refusal | Conflict:
    with store.write() as conn:
        keys, now = read_keys(conn), utc_now()
        fields = fields_of(form.act, form.values)
        if isinstance(fields, Refusal):
            return fields
        fields = _completed(conn, keys, form.act, fields)
        wanted = Request(form.act, actor, now, form.version, fields)
        origin = (request.remote_addr or "")[:60]
        return act(conn, catalogue, keys, no, wanted, origin=origin)


def fields_of(act_: CaseAct, values: Mapping[str, Any]) -> Values | Refusal:
    """Return what was typed as the rules read it; empty fields are left out."""
    specs = {f.name: f for f in RULES[act_].fields}
    found: Values = {}
    for name, value in values.items():
        if value is None or value == "" or value == []:
            continue
        read = _read(specs.get(name) or Field(name), value)
        if isinstance(read, Refusal):
            return Refusal(read.code, {"act": act_, **read.params}, (act_,))
        found |= read
    return found


def _read(spec: Field, value: Any) -> Values | Refusal:
    if spec.kind == "time":
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            return Refusal(Code.BAD_VALUE, {"field": spec.name, "wanted": "time"})
        return {spec.name: at if at.tzinfo else at.replace(tzinfo=LOCAL)}
    if spec.kind == "flag":
        return {spec.name: value in (True, "yes")}
    if spec.name == "step" and isinstance(value, str) and ":" in value:
        sop, _colon, no = value.partition(":")
        return {"sop": sop, "step": int(no) if no.isdigit() else no}
    if spec.kind == "number" and isinstance(value, str) and value.isdigit():
        return {spec.name: int(value)}
    if spec.name in ("parent", "other") and isinstance(value, str):
        return {spec.name: value.strip()}
    return {spec.name: value}


def _completed(conn: Connection, keys: Keys, act_: CaseAct, fields: Values) -> Values:
    """Fill in what the form need not ask: whose task it is."""
    if act_ is not CaseAct.MOVE_TASK or "department" in fields:
        return fields
    t = m.case_task.c
    found = conn.scalar(select(t.department_id).where(t.id == fields.get("task")))
    code = next((key for key, i in keys.departments.items() if i == found), None)
    return fields | ({"department": code} if code else {})
