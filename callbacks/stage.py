"""The page of the city's stage: drawn on demand, decided with what the reader had before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from sqlalchemy.exc import SQLAlchemyError

from callbacks import identity
from callbacks.hub import Hub
from callbacks.pages import Asked, Page, chosen_language
from components.formats import full_time
from components.i18n import _, use
from components.stage_forms import May
from components.stage_ids import NOTICE, PATH, StageIds, act_id, field_id
from components.stage_notice import notice_page
from components.stage_page import (
    StagePlace,
    page_parts,
    refusal_said,
    stage_body,
    stage_forms,
    stage_page,
)
from data.cases.loop import Actor
from data.catalogue import Catalogue
from data.commands.alarms.rules import APPROVERS, PROPOSERS
from data.commands.stage import (
    change_response,
    decide_stage,
    decide_stage_rule,
    end_response,
    propose_stage_rule,
    start_response,
)
from data.logs import logger
from data.panels.stage_page import stage_board
from data.queries.keys import read_keys
from data.queries.stage_rules import rules_in_force, stage_rules
from data.stage import Code, Refusal
from data.stage.decide import LEADERS, RAISERS
from data.stage.respond import RESPONDERS
from data.store import Store, utc_now
from data.vocabulary import LOCAL, Role
from data.vocabulary.stage import RuleRow, StageBoard

log = logger("stage")
READERS = frozenset(Role) - {Role.SYSTEM_ACTOR}
ACTORS = LEADERS | RAISERS | RESPONDERS | PROPOSERS | APPROVERS
RULE_ACTS = frozenset({"propose", "retire", "approve", "refuse"})
Fields = Mapping[str, Any]


def pages(store: Store, hub: Hub, catalogue: Catalogue) -> list[Page]:
    """Return the page and the public notice over the store."""
    city = catalogue.city
    place = StagePlace(city.code, city.name, hub.build, city.issuer or city.name)

    def layout(asked: Asked) -> Component:
        hub.start()
        now = utc_now()
        return stage_page(
            _board(store, catalogue, now), place, identity.shown(), _may(catalogue),
            lang=chosen_language(asked), now=now.timestamp(),
            rules=_rules(store, catalogue, asked.get("view", "")),
        )  # fmt: skip

    def notice(asked: Asked) -> Component:
        now = utc_now()
        return notice_page(
            _board(store, catalogue, now), place, identity.shown(), lang=chosen_language(asked),
            now=now.timestamp(),
        )  # fmt: skip

    def bare() -> Component:
        return notice_page(None, place, None, lang="zh", now=0.0)

    return [
        Page(PATH, layout, page_parts, roles=READERS, own=("/assets/stage/",)),
        Page(NOTICE, notice, bare, roles=READERS, own=("/assets/stage/",)),
    ]


def _may(catalogue: Catalogue) -> May:
    actor = identity.current()
    if actor is None:
        return May()
    city = actor.area in (None, catalogue.city.code)
    areas = [catalogue.city.code, *(a.code for a in catalogue.counties())]
    own = areas if city else [a for a in areas if a == actor.area]
    return May(
        leads=city and actor.role in LEADERS,
        raises=city and actor.role in RAISERS,
        areas=tuple(own) if actor.role in RESPONDERS else (),
        proposes=city and actor.role in PROPOSERS,
        decides=city and actor.role in APPROVERS,
    )


def _rules(store: Store, catalogue: Catalogue, view: str) -> list[RuleRow] | None:
    """Return the rules if they are asked for."""
    if view != "rules":
        return None
    try:
        with store.read() as conn:
            return stage_rules(conn, catalogue)
    except SQLAlchemyError as error:
        log.warning("the rules cannot be read", error=str(error).split("\n")[0])
        return None


def _board(store: Store, catalogue: Catalogue, now: datetime) -> StageBoard | None:
    try:
        with store.read() as conn:
            return stage_board(conn, catalogue, read_keys(conn), now)
    except SQLAlchemyError as error:
        log.warning("the page cannot be read", error=str(error).split("\n")[0])
        return None


def register(app: Dash, store: Store, catalogue: Catalogue) -> None:
    """Attach the page's callbacks."""

    @app.callback(
        Output(StageIds.BODY, "children"),
        Input(StageIds.NUDGE, "data"),
        State(StageIds.URL, "search"),
        State(StageIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def show(_nudge: int, search: str | None, lang: str) -> Any:
        identity.require(*READERS)
        view = parse_qs((search or "").lstrip("?")).get("view", [""])[0]
        rules = _rules(store, catalogue, view)
        with use(lang):
            return stage_body(_board(store, catalogue, utc_now()), rules, _may(catalogue))

    @app.callback(
        Output(StageIds.FORMS, "children"),
        Input(StageIds.ANEW, "data"),
        State(StageIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def anew(_nudge: int, lang: str) -> Any:
        identity.require(*READERS)
        with use(lang):
            return stage_forms(_board(store, catalogue, utc_now()), _may(catalogue))

    _register_acts(app, store, catalogue)


def _register_acts(app: Dash, store: Store, catalogue: Catalogue) -> None:
    @app.callback(
        Output(StageIds.SAID, "children"),
        Output(StageIds.NUDGE, "data"),
        Output(StageIds.ANEW, "data"),
        Input(act_id(ALL, ALL), "n_clicks"),
        State(StageIds.CHOSEN, "value"),
        State(StageIds.REASON, "value"),
        State(StageIds.SEEN, "data"),
        State(field_id(ALL, ALL), "value"),
        State(field_id(ALL, ALL), "id"),
        State(StageIds.NUDGE, "data"),
        State(StageIds.ROOT, "lang"),
        prevent_initial_call=True,
    )
    def act(
        _clicks: Sequence[int], chosen: Any, reason: str | None, seen: Any, values: Sequence[Any],
        ids: Sequence[Mapping[str, Any]], nudge: Any, lang: str,
    ) -> Any:  # fmt: skip
        clicked = ctx.triggered_id
        if not isinstance(clicked, dict) or not ctx.triggered[0]["value"]:
            return no_update, no_update, no_update
        actor, number = identity.require(*ACTORS), clicked["number"]
        fields = {i["field"]: v for i, v in zip(ids, values, strict=True) if i["number"] == number}
        fields |= {"stage": chosen, "seen": seen} if number == 0 else {}
        if clicked["act"] in ("set", "keep"):
            fields["reason"] = reason
        with use(lang):
            found = _done(store, catalogue, clicked["act"], number, fields, actor)
            if isinstance(found, str):
                return found, no_update, no_update
            if isinstance(found, Refusal):
                return _refused(found), (nudge or 0) + 1, no_update
            said = _("Done and published to every wall")
            if clicked["act"] in RULE_ACTS:
                said = _("Kept; a proposed rule holds once a second person approved it")
            return said, (nudge or 0) + 1, (nudge or 0) + 1


def _refused(refusal: Refusal) -> str:
    at = refusal.params.get("at")
    return refusal_said(refusal, full_time(at.timestamp()) if isinstance(at, datetime) else "")


def _done(
    store: Store, catalogue: Catalogue, act: str, number: Any, fields: Fields, actor: Actor
) -> int | Refusal | str:
    """Do one act in one transaction; a text says that the store cannot be asked."""
    now, origin = utc_now(), identity.origin()
    try:
        with store.write() as conn:
            keys = read_keys(conn)
            if act in ("set", "keep"):
                return _decide(conn, catalogue, keys, act, fields, actor, now, origin)
            if act in RULE_ACTS:
                return _rule(conn, catalogue, act, number, fields, actor, now, origin)
            if act == "end":
                reason = _text(fields, "reason")
                return end_response(
                    conn, catalogue, keys, number, reason, now, actor=actor, now=now, origin=origin
                )
            return _respond(conn, catalogue, keys, number, fields, actor, now, origin)
    except SQLAlchemyError as error:
        log.warning("nothing was written", error=str(error).split("\n")[0])
        return _("The store cannot be asked now. Nothing changed; what you typed is kept.")


def _decide(
    conn: Any, catalogue: Catalogue, keys: Any, act: str, fields: Fields, actor: Actor,
    now: datetime, origin: str,
) -> int | Refusal:  # fmt: skip
    stage = fields.get("stage")
    if act == "keep":
        board = stage_board(conn, catalogue, keys, now)
        stage = board["stage"]
        if not _text(fields, "reason").strip():
            return Refusal(Code.MISSING_FIELD, {"field": "reason"})
    seen = fields.get("seen")
    return decide_stage(
        conn, catalogue, keys, stage, _text(fields, "reason"), actor=actor, now=now,
        seen=seen if isinstance(seen, int) else -1, origin=origin,
    )  # fmt: skip


def _rule(
    conn: Any, catalogue: Catalogue, act: str, number: Any, fields: Fields, actor: Actor,
    now: datetime, origin: str,
) -> int | Refusal:  # fmt: skip
    """Propose a change of a rule as the form has it, or decide about one."""
    reason = _text(fields, "reason")
    if act in ("approve", "refuse"):
        return decide_stage_rule(
            conn, catalogue, int(str(number)[1:]), approved=act == "approve", reason=reason,
            actor=actor, now=now, origin=origin,
        )  # fmt: skip
    rule = rules_in_force(conn, catalogue).get(str(number))
    if rule is None:
        return Refusal(Code.UNKNOWN_CHOICE, {"field": "rule"})
    body = rule.model_dump(mode="json", exclude={"code", "version"}, exclude_unset=True)
    typed = {k: fields[k] for k in ("stage", "count", "counties", "priority") if k in fields}
    wanted = {"retired": True} if act == "retire" else body | typed
    return propose_stage_rule(
        conn, catalogue, rule.code, wanted, reason, actor=actor, now=now, seen=rule.version,
        origin=origin,
    )  # fmt: skip


def _respond(
    conn: Any, catalogue: Catalogue, keys: Any, number: int, fields: Fields, actor: Actor,
    now: datetime, origin: str,
) -> int | Refusal:  # fmt: skip
    at = _instant(fields.get("at"), now)
    if at is None:
        return Refusal(Code.BAD_VALUE, {"said": str(fields.get("at"))[:40]})
    level, basis = fields.get("level"), _text(fields, "basis")
    if number:
        return change_response(
            conn, catalogue, keys, number, level, basis, at, actor=actor, now=now, origin=origin
        )
    plan, area = _text(fields, "plan"), _text(fields, "area")
    return start_response(
        conn, catalogue, keys, plan, area, level, basis, at, actor=actor, now=now, origin=origin
    )


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _instant(text: Any, now: datetime) -> datetime | None:
    """Return a local time as typed; empty: now; None: it is none."""
    if not text:
        return now
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=LOCAL)
    except ValueError:
        return None
